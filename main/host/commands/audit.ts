/** `mama audit`: what a run thought of each pair, as options and a call. */
import { auditTable } from '../reports/audit-table.ts'
import { reports } from '../reports/index.ts'
import type { CommandParts, GlobalOptions } from './command.ts'

export function addAuditCommands({ command, perform }: CommandParts): void {
  command('audit', 'per-pair loss, weight, percentile and verdict of a run')
    .option('--run <id>', 'the run (default: the newest finished one)')
    .option('--csv', 'print all pairs as CSV', false)
    .action((options: GlobalOptions & { run?: string; csv: boolean }) =>
      perform(
        'audit',
        options,
        (client, { signal }) => client.audit(options.run === undefined ? {} : { run: options.run }, { signal }),
        options.csv ? auditTable : reports.audit,
      ),
    )
}

/** What the doctor prints for people. Pure. */
import type { ProcedureOutput } from '../../contract/index.ts'
import { renderTable } from '../table.ts'
import { countsLine, shownProblems } from './lines.ts'

export const settingsReports = {
  doctor({ ok, checks, counts, failures }: ProcedureOutput<'doctor'>): string {
    const table = renderTable(
      [{ title: 'check' }, { title: 'state' }, { title: 'detail' }],
      checks.map(({ name, state, detail }) => [name, state, detail]),
    )
    const failed = failures
      .slice(0, shownProblems)
      .map(({ message }) => `  ${message}\n`)
      .join('')
    return (
      table +
      (counts === null ? '' : `\n${countsLine(counts)}\n`) +
      (failed === '' ? '' : `\nFailed videos:\n${failed}`) +
      (ok ? '\nAll is well.\n' : '\nSomething needs attention: see the lines that say failed.\n')
    )
  },
}

/** `mama label`: exemplars from a table, as options and a call. */
import { tableOptions, tableRules, type CommandParts, type TableOptions } from './command.ts'

export function addLabellingCommands({ command, perform }: CommandParts): void {
  command('label <csv>', 'import exemplars: file,start,end,description,grade')
    .option(...tableOptions.encoding)
    .option(...tableOptions.ignoreFolders)
    .action((file: string, options: TableOptions) =>
      perform('label', options, (client, listen) => client.label({ file, ...tableRules(options) }, listen)),
    )
}

/** `mama label`: exemplars from a table, as options and a call. */
import { tableEncoding, type CommandParts, type GlobalOptions } from './command.ts'

export function addLabellingCommands({ command, perform }: CommandParts): void {
  command('label <csv>', 'import exemplars: file,start,end,description,grade')
    .option(...tableEncoding)
    .action((file: string, options: GlobalOptions & { encoding?: string }) =>
      perform('label', options, (client, listen) => client.label({ file, encoding: options.encoding }, listen)),
    )
}

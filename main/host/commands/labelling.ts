/** `mama label`: exemplars from a table, as options and a call. */
import type { CommandParts, GlobalOptions } from './command.ts'

export function addLabellingCommands({ command, perform }: CommandParts): void {
  command('label <csv>', 'import exemplars: file,start,end,description,grade').action(
    (file: string, options: GlobalOptions) =>
      perform('label', options, (client, listen) => client.label({ file }, listen)),
  )
}

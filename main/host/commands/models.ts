/** `mama models|promote|rollback`: the commands around model versions, as options and calls. */
import type { CommandParts, GlobalOptions } from './command.ts'

export function addModelsCommands({ command, commandOf, perform }: CommandParts): void {
  // Positional: options after `export` are its own, although both have the same ones.
  const models = command('models', 'list the model versions')
    .enablePositionalOptions()
    .action((options: GlobalOptions) =>
      perform('models', options, (client, { signal }) => client.models({}, { signal })),
    )
  commandOf(
    models,
    'export <id> <folder>',
    'write a version with blocks of its own as an ONNX encoder, with its towers',
  ).action((model: string, folder: string, options: GlobalOptions) =>
    perform('exportModel', options, (client, { signal }) => client.exportModel({ model, folder }, { signal })),
  )
  command('promote <id>', 'make a model version (or zero-shot) the active one')
    .option('--leave-out', 'although blocks that it trained cannot see some videos now', false)
    .action((model: string, options: GlobalOptions & { leaveOut: boolean }) =>
      perform('promote', options, (client, listen) =>
        client.promote({ model, read: true, leaveOut: options.leaveOut }, listen),
      ),
    )
  command('rollback', 'go back to the model version that was active before').action((options: GlobalOptions) =>
    perform('rollback', options, (client, { signal }) => client.rollback({}, { signal })),
  )
}

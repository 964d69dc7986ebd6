/** `mama encoders list|add|download|remove|estimate|measure|use`: the commands around encoders, as options and calls. */
import { Option, type Command } from 'commander'
import type { Device } from '../../contract/index.ts'
import type { CommandParts, GlobalOptions } from './command.ts'

type DownloadOptions = GlobalOptions & {
  precision?: string
  revision?: string
  dryRun: boolean
  allowNetwork: boolean
  device: Device
}

const precisions = ['fp32', 'fp16', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4']

export function addEncodersCommands(program: Command, { commandOf, device, perform }: CommandParts): void {
  const group = program.command('encoders').description('the models that turn pictures and texts into numbers')

  commandOf(group, 'list', 'the encoders of the library').action((options: GlobalOptions) =>
    perform('encoders', options, (client, { signal }) => client.encoders({}, { signal })),
  )
  commandOf(
    group,
    'add <source>',
    'add an encoder from a folder or a ZIP archive of an ONNX export; it is tested first',
  )
    .option('--name <name>', 'what to call it (default: as the export calls itself)')
    .addOption(new Option('--precision <name>', 'which of its graphs (default: the most exact)').choices(precisions))
    .addOption(device())
    .action((source: string, options: GlobalOptions & { name?: string; precision?: string; device: Device }) =>
      perform('addEncoder', options, (client, listen) => {
        const { name, precision } = options
        const chosen = { ...(name === undefined ? {} : { name }), ...(precision === undefined ? {} : { precision }) }
        return client.addEncoder({ source, ...chosen }, listen)
      }),
    )
  commandOf(
    group,
    'download [name]',
    'fetch an encoder from the model hub by name (owner/model), then add it; no name: a list',
  )
    .addOption(new Option('--precision <name>', 'which of its graphs (default: the most exact)').choices(precisions))
    .option('--revision <name>', 'branch, tag or commit (default: main)')
    .option('--dry-run', 'only say what would be fetched, and how much', false)
    .option('--allow-network', 'let this command go out although the settings do not allow networking', false)
    .addOption(device())
    .action((name: string | undefined, options: DownloadOptions) => {
      const { precision, revision, allowNetwork, dryRun } = options
      const chosen = {
        ...(precision === undefined ? {} : { precision }),
        ...(revision === undefined ? {} : { revision }),
      }
      if (name === undefined || dryRun) {
        return perform('encoderSource', options, (client, { signal }) =>
          client.encoderSource({ ...(name === undefined ? {} : { name }), ...chosen, allowNetwork }, { signal }),
        )
      }
      return perform('downloadEncoder', options, (client, listen) =>
        client.downloadEncoder({ name, ...chosen, allowNetwork }, listen),
      )
    })
  commandOf(group, 'remove <id>', 'remove an encoder that is not in use, and the features it made').action(
    (encoder: string, options: GlobalOptions) =>
      perform('removeEncoder', options, (client, { signal }) => client.removeEncoder({ encoder }, { signal })),
  )
  commandOf(group, 'estimate <id>', 'what changing to an encoder would take')
    .addOption(device())
    .action((encoder: string, options: GlobalOptions & { device: Device }) =>
      perform('estimateEncoder', options, (client, { signal }) => client.estimateEncoder({ encoder }, { signal })),
    )
  commandOf(group, 'measure [id]', 'measure again how an encoder is run best here (default: the one in use)')
    .addOption(device())
    .action((encoder: string | undefined, options: GlobalOptions & { device: Device }) =>
      perform('measureEncoder', options, (client, listen) =>
        client.measureEncoder(encoder === undefined ? {} : { encoder }, listen),
      ),
    )
  commandOf(group, 'use <id>', 'change to an encoder: encodes what it has not seen, then changes over')
    .option('--leave-out', 'change over although some videos cannot be read now', false)
    .addOption(device())
    .action((encoder: string, options: GlobalOptions & { leaveOut: boolean; device: Device }) =>
      perform('useEncoder', options, (client, listen) =>
        client.useEncoder({ encoder, leaveOut: options.leaveOut }, listen),
      ),
    )
}

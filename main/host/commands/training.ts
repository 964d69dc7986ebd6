/** `mama train|devices`: the commands around training, as options and calls. */
import { Option } from 'commander'
import { AppError, objectives, type Device, type Objective } from '../../contract/index.ts'
import type { CommandParts, GlobalOptions } from './command.ts'
import { numberAbove, numberBetween, wholeNumber } from './number-options.ts'

export function addTrainingCommands({ command, device, perform }: CommandParts): void {
  command('train', 'train a model version on the described videos')
    .addOption(
      new Option('--objective <name>', 'what to minimise').choices(objectives).default('mama' satisfies Objective),
    )
    .option('--margin <radians>', 'angular margin (default: 0.005)', numberBetween(0, 1))
    .option('--epochs <count>', 'passes over the pairs', wholeNumber(1, 1000))
    .option('--seed <number>', 'seed of the run', wholeNumber(0), 0)
    .option('--blocks <count>', 'train so many of the last blocks of the encoder of pictures too', wholeNumber(1, 100))
    .option(
      '--text-blocks <count>',
      'train so many of the last blocks of the encoder of texts too, with or without --blocks',
      wholeNumber(1, 100),
    )
    .option(
      '--lora <rank>',
      'of all these blocks: low-rank updates of this rank, not all weights',
      wholeNumber(1, 1024),
    )
    .option(
      '--block-rate <factor>',
      'what the learning rate is multiplied by for all these blocks (default: 0.1, with --lora 1)',
      numberAbove(0, 1),
    )
    .addOption(device())
    .action(
      (
        options: GlobalOptions & {
          objective: Objective
          margin?: number
          epochs?: number
          seed: number
          blocks?: number
          textBlocks?: number
          lora?: number
          blockRate?: number
          device: Device
        },
      ) =>
        perform('train', options, (client, listen) => {
          const { objective, margin, epochs, seed } = options
          const blocks = blocksOf(options)
          const chosen = {
            ...(margin === undefined ? {} : { marginRadians: margin }),
            ...(epochs === undefined ? {} : { epochs }),
            ...(blocks === undefined ? {} : { blocks }),
          }
          return client.train({ objective, seed, device: options.device, ...chosen }, listen)
        }),
    )
}

export function addDevicesCommand({ command, perform }: CommandParts): void {
  command('devices', 'which devices can train here, how fast, and which one auto takes')
    .option('--measure', 'measure again although a measurement is remembered', false)
    .action((options: GlobalOptions & { measure: boolean }) =>
      perform('devices', options, (client, listen) => client.devices({ measure: options.measure }, listen)),
    )
}

/** @throws AppError `usage` */
function blocksOf(options: { blocks?: number; textBlocks?: number; lora?: number; blockRate?: number }) {
  const { blocks: count, textBlocks: texts, lora: rank, blockRate: rateFactor } = options
  if (count !== undefined || texts !== undefined) {
    return {
      ...(count === undefined ? {} : { count }),
      ...(texts === undefined ? {} : { texts }),
      ...(rank === undefined ? {} : { rank }),
      ...(rateFactor === undefined ? {} : { rateFactor }),
    }
  }
  if (rank === undefined && rateFactor === undefined) return undefined
  throw new AppError(
    'usage',
    '--lora and --block-rate say how blocks are trained: add --blocks or --text-blocks with how many of them.',
  )
}

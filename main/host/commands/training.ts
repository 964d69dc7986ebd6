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
    .addOption(
      new Option('--task <name>', 'what to train: the search, or answers to questions')
        .choices(['search', 'answers'])
        .default('search'),
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
          task: string
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
      ) => {
        if (options.task === 'answers') return trainAnswers(perform, options)
        return perform('train', options, (client, listen) => {
          const { objective, margin, epochs, seed } = options
          const blocks = blocksOf(options)
          const chosen = {
            ...(margin === undefined ? {} : { marginRadians: margin }),
            ...(epochs === undefined ? {} : { epochs }),
            ...(blocks === undefined ? {} : { blocks }),
          }
          return client.train({ objective, seed, device: options.device, ...chosen }, listen)
        })
      },
    )
}

type BlockOptions = { blocks?: number; textBlocks?: number; lora?: number; blockRate?: number }

/** @throws AppError `usage` for options that only the search has */
function trainAnswers(
  perform: CommandParts['perform'],
  options: GlobalOptions &
    BlockOptions & { objective: Objective; seed: number; epochs?: number; margin?: number; device: Device },
): Promise<void> {
  const { objective, seed, epochs, margin } = options
  if (margin !== undefined || blocksOf(options) !== undefined) {
    throw new AppError('usage', 'Answers have no margin and train no blocks: leave --margin, --blocks and --lora out.')
  }
  return perform('trainAnswers', options, (client, listen) =>
    client.trainAnswers({ objective, seed, ...(epochs === undefined ? {} : { epochs }) }, listen),
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
function blocksOf(options: BlockOptions) {
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

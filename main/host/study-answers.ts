/** `npm run study:answers`: the study of answers on product photos, from the command line. Every path is an argument. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import { createEncoder, loadBundle } from '../encoders/index.ts'
import { createMedia } from '../media/index.ts'
import { createRuntime } from '../runtime/index.ts'
import { readStudyQuestions, runAnswersStudy, type AnswersStudy } from '../services/study/answers-study.ts'
import { photoFeatures } from '../services/study/study-features.ts'
import { readProductPhotos } from '../services/study/study-files.ts'
import type { AnswerTraining, Objective } from '../training/index.ts'
import { describeFailure } from './failure.ts'
import { renderTable } from './table.ts'

function number(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || text.trim() === '') throw new InvalidArgumentError(`"${text}" is not a number.`)
  return value
}

type Options = {
  products: string
  questions: string
  objectives: Objective[]
  seeds: number
  blocks: number
  views: number
  epochs?: number
  rate?: number
  weightRate?: number
  trusted?: number
  cache?: string
  threads: number
  model: string
  json?: boolean
}

const program = new Command('study:answers')
  .description('Trains the answer head on noisy questions about product photos and asks about unseen ones.')
  .requiredOption('--products <file>', 'products, JSONL with id, image, concept, split')
  .requiredOption('--questions <folder>', 'photos.train.noisy.jsonl, photos.meta.jsonl and photos.test.jsonl')
  .addOption(
    new Option('--objectives <list>', 'what to compare, the first being what the others are held against')
      .argParser((text: string) => text.split(',') as Objective[])
      .default(['infonce', 'mama'], 'infonce,mama'),
  )
  .option('--seeds <n>', 'training runs of each', number, 3)
  .option('--blocks <n>', 'blocks of cross-attention', number, 0)
  .option('--views <n>', 'views of each photo', number, 2)
  .option('--epochs <n>', 'epochs of each run', number)
  .option('--rate <n>', 'learning rate of the head', number)
  .option('--weight-rate <n>', 'learning rate of the weighting network', number)
  .option('--trusted <n>', 'how often an epoch trains on each trusted pair', number)
  .option('--cache <folder>', 'keep the features of photos here')
  .option('--threads <n>', 'threads', number, 2)
  .option(
    '--model <folder>',
    'model bundle',
    fileURLToPath(new URL('../../resources/models/built-in', import.meta.url)),
  )
  .option('--json', 'print one JSON document on standard output')

async function study(options: Options): Promise<AnswersStudy> {
  const [train, trusted, test] = await Promise.all(
    ['photos.train.noisy', 'photos.meta', 'photos.test'].map((name) =>
      readStudyQuestions(resolve(options.questions, `${name}.jsonl`)),
    ),
  )
  const asked = new Set([...train!, ...trusted!, ...test!].map(({ id }) => id))
  const products = (await readProductPhotos(options.products)).filter(({ id }) => asked.has(id))
  const runtime = await createRuntime({ threads: options.threads })
  try {
    const encoder = createEncoder({ bundle: await loadBundle(options.model), runtime })
    const frames = await photoFeatures(
      products.map(({ imagePath }) => imagePath),
      { encoder, media: createMedia({}), views: options.views, cache: options.cache },
    )
    const given: [keyof AnswerTraining, number | undefined][] = [
      ['epochs', options.epochs],
      ['learningRate', options.rate],
      ['weightNetLearningRate', options.weightRate],
      ['trustedRepeats', options.trusted],
    ]
    return await runAnswersStudy({
      ...{ runtime, encoder, train: train!, trusted: trusted!, test: test! },
      clips: { frames, mask: new Float32Array(products.length * options.views).fill(1), perClip: options.views },
      clipOf: new Map(products.map(({ id }, i) => [id, i])),
      ...{ objectives: options.objectives, seeds: options.seeds, blocks: options.blocks },
      training: Object.fromEntries(given.filter(([, value]) => value !== undefined)),
      say: (line) => process.stderr.write(`${line}\n`),
    })
  } finally {
    await runtime.dispose()
  }
}

function report({ arms, gains, majority, untrained }: AnswersStudy): string {
  const types = Object.keys(arms[0]?.byType ?? {})
  const of = ({ mean, low, high }: { mean: number; low: number; high: number }): string =>
    `${mean.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`
  const rows = arms.map(({ objective, open, choices, byType, weightsTell }) => [
    objective,
    of(open),
    of(choices),
    weightsTell.map((value) => value.toFixed(3)).join(' '),
    ...types.map((type) => `${byType[type]!.open.toFixed(3)} / ${byType[type]!.choices.toFixed(3)}`),
  ])
  const table = renderTable(
    ['objective', 'open', 'with choices', 'weights tell', ...types].map((title) => ({ title })),
    rows,
  )
  const lines = gains.map(
    ({ objective, open, choices }) =>
      `${objective} over ${arms[0]!.objective}: open ${of(open)}, with choices ${of(choices)}`,
  )
  const before = `before training: open ${untrained.open.toFixed(3)}, with choices ${untrained.choices.toFixed(3)}; majority ${majority.toFixed(3)}`
  return [table, ...lines, before, ''].join('\n')
}

program.parse()
const options = program.opts<Options>()
try {
  const result = await study(options)
  process.stdout.write(options.json === true ? `${JSON.stringify(result, null, 2)}\n` : report(result))
} catch (error) {
  process.stderr.write(`${describeFailure(error, false).message}\n`)
  process.exitCode = 1
}

/** `npm run study`: the simulation on product photos, from the command line. Every path is an argument. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createEncoder, loadBundle, openUpperBlocks } from '../encoders/index.ts'
import { createMedia } from '../media/index.ts'
import { createRuntime } from '../runtime/index.ts'
import { loadStudy } from '../services/study/load-study.ts'
import { readStudyFiles } from '../services/study/study-files.ts'
import { openStudyWorld, type StudyData } from '../services/study/study-world.ts'
import { runStudy, studyArms, type StudyArm, type StudyResult, type StudyRow } from '../services/study/study.ts'
import {
  readSweepRecords,
  runSweep,
  summariseSweep,
  sweepCells,
  sweepWeightings,
  type SweepCell,
  type SweepRow,
  type SweepWeighting,
} from '../services/study/sweep.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Adaptation, Interval, TrainedPart, TrainingConfig } from '../training/index.ts'
import { describeFailure } from './failure.ts'
import { renderTable } from './table.ts'

function number(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || text.trim() === '') throw new InvalidArgumentError(`"${text}" is not a number.`)
  return value
}

const numbers = (text: string): number[] => text.split(',').map(number)

function arms(text: string): StudyArm[] {
  return text.split(',').map((name) => {
    const found = studyArms.find((arm) => arm === name.trim())
    if (found === undefined) throw new InvalidArgumentError(`"${name}" is none of ${studyArms.join(', ')}.`)
    return found
  })
}

function weightingList(text: string): SweepWeighting[] {
  return text.split(',').map((name) => {
    const found = sweepWeightings.find((weighting) => weighting === name.trim())
    if (found === undefined) throw new InvalidArgumentError(`"${name}" is none of ${sweepWeightings.join(', ')}.`)
    return found
  })
}

const program = new Command('study')
  .description(
    'Simulates a customer on product photos: trains every objective on noisy texts and searches unseen products.',
  )
  .requiredOption('--products <file>', 'products, JSONL with id, image, concept, split')
  .requiredOption('--texts <file>', 'noisy texts of the products that are trained on, JSONL with id, text')
  .requiredOption('--longtail <file>', 'JSON whose ids are the long-tailed subset')
  .requiredOption('--meta <file>', 'clean exemplars, JSONL with id, text, concept')
  .requiredOption('--queries <file>', 'queries, JSONL with query, relevant')
  .option('--tune <split>', 'split that is trained on', 'tune')
  .option('--test <split>', 'split that is searched', 'test')
  .addOption(
    new Option('--arms <list>', 'what to compare').argParser(arms).default([...studyArms], studyArms.join(',')),
  )
  .option('--seeds <n>', 'training runs of each arm', number, 5)
  .option('--margin <n>', 'angular margin, radians', number)
  .option('--margins <list>', 'with --sweep: margins, radians', numbers, [0, 0.005, 0.02, 0.05])
  .option('--sweep <file>', 'run margins x weightings x meta-set sizes instead; each run is added to this JSONL file')
  .addOption(
    new Option('--weightings <list>', `with --sweep: any of ${sweepWeightings.join(', ')}`)
      .argParser(weightingList)
      .default(sweepWeightings.slice(0, 3), sweepWeightings.slice(0, 3).join(',')),
  )
  .option('--meta-sizes <list>', 'with --sweep: trusted pairs to train with; default: all', numbers)
  .option('--learned-margin', 'with --sweep: also a margin that is learned on the meta-set')
  .option('--epochs <n>', 'epochs of each run', number)
  .option('--batch <n>', 'pairs a step', number)
  .option('--rate <n>', 'learning rate of the towers', number)
  .option('--weight-rate <n>', 'learning rate of the weighting network', number)
  .option('--weight-delay <n>', 'epochs before the weighting network begins to move', number)
  .option('--trusted <n>', 'how often an epoch trains on each trusted pair', number)
  .option('--keep <n>', 'weight of the keeping term', number)
  .option('--look-ahead <n>', 'rate of the virtual step', number)
  .option('--scale <n>', 'logit scale at the start', number)
  .option('--views <n>', 'views of each photo, 1 to 8', number, 4)
  .option('--blocks <n>', 'last blocks of the encoder of pictures that are trained with the tower', number)
  .option('--block-rate <n>', 'with --blocks: what the learning rate is multiplied by for them', number, 0.1)
  .option('--lora <rank>', 'with --blocks: train low-rank updates of this rank instead of all weights', number)
  .option(
    '--model <folder>',
    'model bundle',
    fileURLToPath(new URL('../../resources/models/built-in', import.meta.url)),
  )
  .option('--cache <folder>', 'keep the features of photos here')
  .option('--threads <n>', 'threads', number, 2)
  .option('--json', 'print one JSON document on standard output')

type Options = {
  products: string
  texts: string
  longtail: string
  meta: string
  queries: string
  tune: string
  test: string
  arms: StudyArm[]
  seeds: number
  margin?: number
  margins: number[]
  sweep?: string
  weightings: SweepWeighting[]
  metaSizes?: number[]
  learnedMargin?: boolean
  epochs?: number
  batch?: number
  rate?: number
  weightRate?: number
  weightDelay?: number
  trusted?: number
  keep?: number
  lookAhead?: number
  scale?: number
  views: number
  blocks?: number
  blockRate: number
  lora?: number
  model: string
  cache?: string
  threads: number
  json?: boolean
}

function configOf(options: Options): Partial<TrainingConfig> {
  const given = {
    epochs: options.epochs,
    batchSize: options.batch,
    learningRate: options.rate,
    lookAheadRate: options.lookAhead,
    initialLogitScale: options.scale,
    marginRadians: options.margin,
    weightNetLearningRate: options.weightRate,
    weightNetDelayEpochs: options.weightDelay,
    trustedRepeats: options.trusted,
    keepWeight: options.keep,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

const interval = ({ mean, low, high }: Interval): string => `${mean.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`

function table(result: StudyResult): string {
  const bands = ['popular', 'mid', 'rare'] as const
  const row = (r: StudyRow): string[] => [
    r.arm,
    r.marginRadians === 0 ? '' : String(r.marginRadians),
    interval(r.precisionAt10),
    `+-${r.spread.toFixed(3)}`,
    ...bands.map((band) => (r.byFrequency[band] ? interval(r.byFrequency[band]) : '')),
    r.againstInfonce ? interval(r.againstInfonce) : '',
    r.meanAveragePrecision.toFixed(3),
    r.shareUndone === null ? '' : r.shareUndone.toFixed(2),
    r.weights ? r.weights.auc.toFixed(3) : '',
    r.weights ? r.weights.effectiveShare.toFixed(2) : '',
  ]
  const columns = [
    'arm',
    'margin',
    'P@10 (95 %)',
    'seeds',
    ...bands,
    'over infonce',
    'MAP',
    'damage undone',
    'AUC',
    'effective',
  ]
  return renderTable(
    columns.map((title) => ({ title })),
    result.rows.map(row),
  )
}

async function sweep(
  runtime: Runtime,
  data: StudyData,
  options: Options,
  { vision, signal }: { readonly vision: TrainedPart | undefined; readonly signal: AbortSignal },
): Promise<string> {
  const file = options.sweep!
  const world = openStudyWorld(runtime, data, { vision, signal })
  const margins: SweepCell['margin'][] = [...options.margins, ...(options.learnedMargin ? ['learned' as const] : [])]
  const cells = sweepCells(margins, options.weightings, options.metaSizes ?? [world.metaCount])
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  // A line that a kill cut short is ended, so that the next one begins a line of its own.
  const done = readSweepRecords(text)
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n')
  const records = await runSweep(world, data, {
    ...{ cells, done, seeds: options.seeds },
    config: configOf(options),
    onRecord(record, left) {
      appendFileSync(file, `${JSON.stringify(record)}\n`)
      const { margin, weighting, metaSize } = record.cell
      say(`margin ${margin}, ${weighting}, ${metaSize ?? 'no'} trusted pairs, seed ${record.seed}: ${left} left`)
    },
  })
  const rows = summariseSweep(records, cells)
  return options.json ? JSON.stringify({ options, rows }) : sweepTable(rows)
}

function sweepTable(rows: readonly SweepRow[]): string {
  const columns = [
    'margin',
    'weighting',
    'meta-set',
    'P@10 (95 %)',
    'seeds',
    'over none',
    'over exact',
    'held-out',
    'AUC of weight',
  ]
  return renderTable(
    columns.map((title) => ({ title })),
    rows.map(({ cell, ...row }) => [
      cell.margin === 'learned' ? `learned: ${row.marginRadians.toFixed(4)}` : String(cell.margin),
      cell.weighting,
      cell.metaSize === null ? '' : String(cell.metaSize),
      interval(row.precisionAt10),
      `+-${row.spread.toFixed(3)} of ${row.seeds}`,
      row.overNone ? interval(row.overNone) : '',
      row.overExact ? interval(row.overExact) : '',
      row.heldOutScore.toFixed(3),
      row.auc === null ? '' : row.auc.toFixed(3),
    ]),
  )
}

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}

async function main(): Promise<void> {
  const options = program.parse().opts<Options>()
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  const { signal } = controller
  const files = await readStudyFiles(options)
  const runtime = await createRuntime({ threads: options.threads })
  try {
    const bundle = await loadBundle(options.model)
    const encoder = createEncoder({ bundle, runtime })
    const { blocks, lora } = options
    const upper = blocks === undefined ? undefined : await openUpperBlocks({ bundle, runtime, blocks })
    const adaptation: Adaptation = lora === undefined ? { kind: 'all' } : { kind: 'lowRank', rank: lora, scale: lora }
    let lastPercent = -1
    const data = await loadStudy(files, {
      ...{ encoder, pictures: upper, media: createMedia({}), views: options.views, cache: options.cache, signal },
      ...{ tune: options.tune, test: options.test },
      onProgress(done, total) {
        const percent = Math.floor((10 * done) / total) * 10
        if (percent !== lastPercent) say(`encoding photos: ${percent} % of ${total}`)
        lastPercent = percent
      },
    })
    say(
      `${data.pairs.count} pairs, ${data.exemplars.count} exemplars, ${data.queries.length} queries, ${data.gallery.count} products to search`,
    )
    const vision = upper && { model: upper.model, adaptation, rateFactor: options.blockRate }
    if (options.sweep !== undefined) {
      process.stdout.write(`${await sweep(runtime, data, options, { vision, signal })}\n`)
      return
    }
    const result = await runStudy(runtime, data, {
      ...{ arms: options.arms, seeds: options.seeds },
      config: configOf(options),
      vision,
      signal,
      onProgress: say,
    })
    process.stdout.write(
      options.json ? `${JSON.stringify({ encoder: encoder.id, options, ...result })}\n` : `${table(result)}\n`,
    )
  } finally {
    await runtime.dispose()
  }
}

try {
  await main()
} catch (error) {
  const failure = describeFailure(error, false)
  process.stderr.write(`${failure.message}\n`)
  process.exitCode = failure.exitCode
}

/**
 * The sensitivity sweep: margin x weighting x size of the meta-set, several seeds each, over the features of a study.
 * Every run is recorded as soon as it is done, so that a sweep that is stopped goes on where it was.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import {
  bootstrapMean,
  defaultTrainingConfig,
  meanAndSpread,
  meanOverRuns,
  pairedDifference,
  type Interval,
  type TrainingConfig,
} from '../../training/index.ts'
import { weightAuc, type StudyData, type StudyWorld } from './study-world.ts'

/** `none`: all pairs weigh the same. `fourth`: the weighting network moves in every fourth step. */
export const sweepWeightings = ['none', 'exact', 'lagged', 'fourth', 'lagged-fourth'] as const
export type SweepWeighting = (typeof sweepWeightings)[number]

const cellSchema = z.strictObject({
  /** Radians, or learned on the meta-set within its bounds. */
  margin: z.union([z.number(), z.literal('learned')]),
  weighting: z.enum(sweepWeightings),
  /** Trusted pairs to train with; null where none are used. */
  metaSize: z.number().int().nullable(),
})

/** One place of the sweep's grid. */
export type SweepCell = z.infer<typeof cellSchema>

const recordSchema = z.strictObject({
  cell: cellSchema,
  seed: z.number().int(),
  /** Of data and settings: what other records it may be compared with. */
  fingerprint: z.string(),
  /** P@10 of each query, in their order. */
  precisionAt10: z.array(z.number()),
  heldOutScore: z.number(),
  /** Of the weights, wrong pairs against aligned ones; null without weights. */
  auc: z.number().nullable(),
  /** At the end of the run. */
  marginRadians: z.number(),
})

/** One run of one cell: a line of the sweep's file. */
export type SweepRecord = z.infer<typeof recordSchema>

export type SweepRow = {
  readonly cell: SweepCell
  readonly seeds: number
  /** Mean over seeds, interval over queries. */
  readonly precisionAt10: Interval
  /** Standard deviation over seeds. */
  readonly spread: number
  readonly heldOutScore: number
  readonly auc: number | null
  readonly marginRadians: number
  /** P@10 minus that of the same margin without weights; over the seeds that both have. Null where there is none. */
  readonly overNone: Difference | null
  /** P@10 minus that of the exact weighting with the same margin and meta-set. */
  readonly overExact: Difference | null
}

/** Paired over queries, each averaged over seeds. */
export type Difference = Interval & { readonly isClear: boolean }

/** The learning rate of a margin that is learned, radians a step, and where it starts. */
const learnedMargin = { marginLearningRate: 2e-4, marginRadians: 0.02 }

/** Cells of the grid without the doubled ones: runs without weights use no meta-set, and learn no margin on it. */
export function sweepCells(
  margins: readonly SweepCell['margin'][],
  chosen: readonly SweepWeighting[],
  metaSizes: readonly number[],
): SweepCell[] {
  return chosen.flatMap((weighting) =>
    margins.flatMap((margin): SweepCell[] => {
      if (weighting !== 'none') return metaSizes.map((metaSize) => ({ margin, weighting, metaSize }))
      return margin === 'learned' ? [] : [{ margin, weighting, metaSize: null }]
    }),
  )
}

/** The settings that a cell stands for. */
export function configOfCell({ margin, weighting }: SweepCell, base: Partial<TrainingConfig>): TrainingConfig {
  const isPlain = weighting === 'none'
  const hasMargin = margin !== 0
  return {
    ...defaultTrainingConfig,
    ...base,
    objective: isPlain ? (hasMargin ? 'angular' : 'infonce') : hasMargin ? 'mama' : 'reweight',
    ...(margin === 'learned' ? learnedMargin : { marginRadians: margin }),
    weightUpdate: weighting.startsWith('lagged') ? 'lagged' : 'exact',
    weightUpdateEvery: weighting.endsWith('fourth') ? 4 : 1,
  }
}

/** Names data and settings: records of another fingerprint belong to another sweep. */
export function sweepFingerprint(data: StudyData, base: Partial<TrainingConfig>): string {
  const hash = createHash('sha256').update(JSON.stringify({ ...defaultTrainingConfig, ...base }))
  for (const part of [data.pairs.frames, data.pairs.texts, data.exemplars.texts, data.queryTexts]) hash.update(part)
  return hash.digest('hex').slice(0, 16)
}

/** Records of a sweep's file. A line that a kill cut short is left out: its run is done again. */
export function readSweepRecords(text: string): SweepRecord[] {
  return text.split('\n').flatMap((line): SweepRecord[] => {
    try {
      return [recordSchema.parse(JSON.parse(line))]
    } catch {
      return []
    }
  })
}

const keyOf = (cell: SweepCell, seed: number): string =>
  JSON.stringify([cell.margin, cell.weighting, cell.metaSize, seed])

export type SweepOptions = {
  readonly cells: readonly SweepCell[]
  readonly seeds: number
  readonly config: Partial<TrainingConfig>
  /** What the file holds; runs that are in it are not done again. */
  readonly done: readonly SweepRecord[]
  /** Called with each new record, which should be kept before the next run is begun. */
  readonly onRecord: (record: SweepRecord, left: number) => void
}

/** Runs what is missing, seed by seed, so that an early stop leaves a whole grid. @throws as trainTowers */
export async function runSweep(world: StudyWorld, data: StudyData, options: SweepOptions): Promise<SweepRecord[]> {
  const fingerprint = sweepFingerprint(data, options.config)
  const records = options.done.filter((record) => record.fingerprint === fingerprint)
  const have = new Set(records.map(({ cell, seed }) => keyOf(cell, seed)))
  const wanted = Array.from({ length: options.seeds }, (_, i) => i + 1).flatMap((seed) =>
    options.cells.filter((cell) => !have.has(keyOf(cell, seed))).map((cell) => ({ cell, seed })),
  )
  for (const [i, { cell, seed }] of wanted.entries()) {
    const config = { ...configOfCell(cell, options.config), seed }
    const { last, weights, marginRadians } = await world.train(config, { metaCount: cell.metaSize ?? undefined })
    const { outcomes, heldOutScore } = await world.measure(last)
    const record = {
      ...{ cell, seed, fingerprint, heldOutScore, marginRadians },
      precisionAt10: outcomes.map((outcome) => outcome.precisionAt10),
      auc: cell.weighting === 'none' ? null : weightAuc(data, weights),
    }
    records.push(record)
    options.onRecord(record, wanted.length - i - 1)
  }
  return records
}

/** One row a cell, in the order in which the cells are given. Pure. */
export function summariseSweep(records: readonly SweepRecord[], cells: readonly SweepCell[]): SweepRow[] {
  const runsOf = (cell: SweepCell): Map<number, SweepRecord> =>
    new Map(records.filter((record) => keyOf(record.cell, 0) === keyOf(cell, 0)).map((record) => [record.seed, record]))
  const perQuery = (runs: readonly SweepRecord[]): Float64Array =>
    meanOverRuns(runs.map(({ precisionAt10 }) => precisionAt10))
  const difference = (cell: SweepCell, other: SweepCell): Difference | null => {
    const [here, there] = [runsOf(cell), runsOf(other)]
    const both = [...here.keys()].filter((seed) => there.has(seed))
    if (both.length === 0 || keyOf(cell, 0) === keyOf(other, 0)) return null
    const average = (runs: Map<number, SweepRecord>): Float64Array => perQuery(both.map((seed) => runs.get(seed)!))
    return pairedDifference(average(here), average(there), { seed: 1 })
  }
  return cells.flatMap((cell): SweepRow[] => {
    const runs = [...runsOf(cell).values()]
    if (runs.length === 0) return []
    const mean = (of: (record: SweepRecord) => number): number => meanAndSpread(runs.map(of)).mean
    return [
      {
        ...{ cell, seeds: runs.length },
        precisionAt10: bootstrapMean(perQuery(runs), { seed: 1 }),
        spread: meanAndSpread(runs.map(({ precisionAt10 }) => meanAndSpread(precisionAt10).mean)).spread,
        heldOutScore: mean((record) => record.heldOutScore),
        auc: cell.weighting === 'none' ? null : mean((record) => record.auc ?? NaN),
        marginRadians: mean((record) => record.marginRadians),
        overNone: difference(cell, { ...cell, weighting: 'none', metaSize: null }),
        overExact: difference(cell, { ...cell, weighting: 'exact' }),
      },
    ]
  })
}

/**
 * The simulation on product photos: a customer's noisy catalogue, a few clean exemplars, queries on unseen products. Every
 * arm is trained with several seeds on the same features, with the settings that the app would take.
 */
import { AppError } from '../../contract/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import {
  bootstrapMean,
  frozenPairs,
  meanAndSpread,
  meanOverRuns,
  pairedDifference,
  partsOf,
  startLosses,
  type Frequency,
  type Interval,
  type Objective,
  type PairSet,
  type QueryOutcome,
  type TrainedPart,
  type TrainingConfig,
} from '../../training/index.ts'
import type { StudyQuery } from './study-files.ts'
import { openStudyWorld, weightAuc, weightsOfKind, type StudyData, type StudyWorld } from './study-world.ts'

/**
 * What is compared: the objectives; the ceilings, which are the plain loss on the right pairs only and on texts that were
 * mended; and the simplest rule, which leaves out the pairs with the highest loss before training.
 */
export const studyArms = [
  'zero-shot',
  'infonce',
  'angular',
  'reweight',
  'mama',
  'right pairs',
  'true texts',
  'plain rule',
] as const
export type StudyArm = (typeof studyArms)[number]

/** Of the pairs, the plain rule leaves out so many. */
const ruleLeavesOut = 0.4

export type StudyOptions = {
  readonly arms: readonly StudyArm[]
  readonly seeds: number
  /** Other settings than those that the app would take. */
  readonly config: Partial<TrainingConfig>
  /** Blocks of the encoder that are trained with the tower, over which `frames` were taken. */
  readonly vision?: TrainedPart | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((sentence: string) => void) | undefined
}

export type StudyRow = {
  readonly arm: StudyArm
  readonly marginRadians: number
  readonly seeds: number
  /** P@10 over all queries: mean over seeds, interval over queries. */
  readonly precisionAt10: Interval
  /** Standard deviation over seeds. */
  readonly spread: number
  readonly meanAveragePrecision: number
  readonly recallAt1: number
  readonly byFrequency: Partial<Record<Frequency, Interval>>
  readonly byDataset: Record<string, Interval>
  /** Mean weight of aligned, partial and wrong pairs at the end, and the AUC of wrong against aligned. */
  readonly weights: {
    readonly aligned: number
    readonly partial: number
    readonly wrong: number
    readonly auc: number
    /** Share of a batch that the weights lean on. */
    readonly effectiveShare: number
  } | null
  /** P@10 minus that of infonce on the same queries. */
  readonly againstInfonce: (Interval & { readonly isClear: boolean }) | null
  /**
   * Share of the damage by doubtful texts that the arm undoes: its gain over infonce, over that of training on the right pairs
   * only; mean over P@10 and MAP. Null without both of these arms.
   */
  readonly shareUndone: number | null
  readonly heldOutScore: number | null
}

export type StudyResult = {
  readonly rows: StudyRow[]
  /** Words of the customer's own that got a vector. */
  readonly lexicon: number
}

const bootstrapSeed = 1
type SeedResult = {
  outcomes: QueryOutcome[]
  weights: Float32Array | null
  effectiveShare: number
  heldOutScore: number | null
}

/** Runs all arms and seeds. @throws the abort reason; AppError `training.diverged` */
export async function runStudy(runtime: Runtime, data: StudyData, options: StudyOptions): Promise<StudyResult> {
  const world = openStudyWorld(runtime, data, options)
  const perQuery = new Map<StudyArm, Float64Array>()
  const rows: StudyRow[] = []
  for (const arm of options.arms) {
    const results: SeedResult[] = []
    let marginRadians = 0
    if (arm === 'zero-shot') {
      results.push({ ...(await world.measure(world.zeroShot())), weights: null, effectiveShare: 1 })
    } else {
      const { objective, pairs } = await trainingOf(arm, runtime, data, world)
      for (let seed = 1; seed <= options.seeds; seed++) {
        const config = { ...world.configOf(objective, seed, pairs.count), ...options.config }
        marginRadians = config.marginRadians
        const { last, weights, effectiveShare } = await world.train(config, { pairs })
        const measured = await world.measure(last)
        results.push({ ...measured, weights: partsOf(objective).weights ? weights : null, effectiveShare })
        const precision = mean(measured.outcomes.map((outcome) => outcome.precisionAt10))
        options.onProgress?.(`${arm}, seed ${seed} of ${options.seeds}: P@10 ${precision.toFixed(3)}`)
      }
    }
    perQuery.set(arm, meanOverRuns(results.map(({ outcomes }) => outcomes.map((o) => o.precisionAt10))))
    rows.push(summariseRow(arm, marginRadians, results))
  }
  return {
    rows: rows.map((row) => ({ ...row, shareUndone: shareUndone(rows, row) })),
    lexicon: data.lexicon.words.length,
  }

  function summariseRow(arm: StudyArm, marginRadians: number, results: readonly SeedResult[]): StudyRow {
    const values = perQuery.get(arm)!
    const queryOf = results[0]!.outcomes.map((outcome) => data.queries[outcome.query]!)
    const intervalWhere = (test: (query: StudyQuery) => boolean): Interval =>
      bootstrapMean(
        values.filter((_, i) => test(queryOf[i]!)),
        { seed: bootstrapSeed },
      )
    const frequencies = (['popular', 'mid', 'rare'] as const).filter((band) =>
      queryOf.some((q) => q.frequency === band),
    )
    const datasets = [...new Set(queryOf.flatMap((query) => query.dataset ?? []))].sort()
    const infonce = perQuery.get('infonce')
    const overSeeds = results.map(({ outcomes }) => mean(outcomes.map((outcome) => outcome.precisionAt10)))
    return {
      arm,
      marginRadians,
      seeds: results.length,
      precisionAt10: bootstrapMean(values, { seed: bootstrapSeed }),
      spread: meanAndSpread(overSeeds).spread,
      meanAveragePrecision: mean(results.flatMap(({ outcomes }) => outcomes.map((o) => o.averagePrecision))),
      recallAt1: mean(results.flatMap(({ outcomes }) => outcomes.map((o) => (o.rank === 1 ? 1 : 0)))),
      byFrequency: Object.fromEntries(frequencies.map((band) => [band, intervalWhere((q) => q.frequency === band)])),
      byDataset: Object.fromEntries(datasets.map((name) => [name, intervalWhere((q) => q.dataset === name)])),
      weights: weightSummary(results),
      againstInfonce:
        infonce === undefined || arm === 'infonce' ? null : pairedDifference(values, infonce, { seed: bootstrapSeed }),
      shareUndone: null,
      heldOutScore: results[0]!.heldOutScore === null ? null : mean(results.map(({ heldOutScore }) => heldOutScore!)),
    }
  }

  function weightSummary(results: readonly SeedResult[]): StudyRow['weights'] {
    const runs = results.flatMap(({ weights }) => (weights === null ? [] : [weights]))
    if (runs.length === 0) return null
    const meanOf = (kind: string): number => mean(runs.map((weights) => mean([...weightsOfKind(data, weights, kind)])))
    return {
      aligned: meanOf('aligned'),
      partial: meanOf('partial'),
      wrong: meanOf('wrong'),
      auc: mean(runs.map((weights) => weightAuc(data, weights))),
      effectiveShare: mean(results.map(({ effectiveShare }) => effectiveShare)),
    }
  }
}

/** What an arm trains, on which pairs. @throws AppError `input.invalid` when a ceiling needs what the files do not say */
export async function trainingOf(
  arm: Exclude<StudyArm, 'zero-shot'>,
  runtime: Runtime,
  data: StudyData,
  world: StudyWorld,
): Promise<{ readonly objective: Objective; readonly pairs: PairSet }> {
  const { pairs, kinds, trueTexts, width } = data
  if (arm === 'right pairs') {
    const right = kinds.flatMap((kind, row) => (kind === 'aligned' ? [row] : []))
    if (right.length === 0)
      throw new AppError('input.invalid', 'No text is said to be aligned, so none can be called right.')
    return { objective: 'infonce', pairs: world.select(right) }
  }
  if (arm === 'true texts') {
    if (trueTexts === undefined)
      throw new AppError('input.invalid', 'The texts do not all say what they should be (truth_text).')
    return { objective: 'infonce', pairs: trueTexts }
  }
  if (arm === 'plain rule') {
    const losses = await startLosses(runtime, frozenPairs(pairs, width), width)
    const rows = [...losses.keys()].sort((a, b) => losses[a]! - losses[b]!)
    return { objective: 'infonce', pairs: world.select(rows.slice(0, Math.round((1 - ruleLeavesOut) * rows.length))) }
  }
  return { objective: arm, pairs }
}

function shareUndone(rows: readonly StudyRow[], { arm, ...row }: StudyRow): number | null {
  const [infonce, right] = [
    rows.find((other) => other.arm === 'infonce'),
    rows.find((other) => other.arm === 'right pairs'),
  ]
  if (infonce === undefined || right === undefined || arm === 'zero-shot' || arm === 'infonce') return null
  const gain = (other: Pick<StudyRow, 'precisionAt10' | 'meanAveragePrecision'>): number =>
    other.precisionAt10.mean - infonce.precisionAt10.mean + other.meanAveragePrecision - infonce.meanAveragePrecision
  return gain(right) <= 0 ? null : gain(row) / gain(right)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

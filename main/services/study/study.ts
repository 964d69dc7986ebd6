/**
 * The simulation on product photos: a customer's noisy catalogue, a few clean exemplars, queries on unseen products.
 * Every objective is trained with several seeds on the same features; the margin is chosen on held-out exemplars.
 */
import type { Runtime } from '../../runtime/index.ts'
import {
  bootstrapMean,
  chooseSettings,
  defaultTrainingConfig,
  meanAndSpread,
  meanOverRuns,
  pairedDifference,
  partsOf,
  trialEpochsOf,
  type Frequency,
  type Interval,
  type Objective,
  type QueryOutcome,
  type Settings,
  type TrainedPart,
  type TrainingConfig,
  type Trial,
  type Weighting,
} from '../../training/index.ts'
import type { StudyQuery } from './study-files.ts'
import { openStudyWorld, weightAuc, weightsOfKind, type StudyData } from './study-world.ts'

export type StudyObjective = Objective | 'zero-shot'

export type StudyOptions = {
  readonly objectives: readonly StudyObjective[]
  readonly seeds: number
  readonly config: Partial<TrainingConfig>
  /** Blocks of the encoder that are trained with the tower, over which `frames` were taken. */
  readonly vision?: TrainedPart | undefined
  /** Margins to choose from on the held-out exemplars, radians. */
  readonly margins: readonly number[]
  /** Ways to learn weights, chosen from likewise. One of both: no choice is made. */
  readonly weightings: readonly Weighting[]
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((sentence: string) => void) | undefined
}

export type StudyRow = {
  readonly objective: StudyObjective
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
  } | null
  /** P@10 minus that of infonce on the same queries. */
  readonly againstInfonce: (Interval & { readonly isClear: boolean }) | null
  readonly heldOutScore: number | null
}

export type StudyResult = {
  readonly rows: StudyRow[]
  /** By objective, what was tried before its runs and how it scored on the held-out exemplars. */
  readonly trials: Record<string, readonly Trial[]>
}

const bootstrapSeed = 1
type SeedResult = { outcomes: QueryOutcome[]; weights: Float32Array | null; heldOutScore: number | null }

/** Runs all objectives and seeds. @throws the abort reason; AppError `training.diverged` */
export async function runStudy(runtime: Runtime, data: StudyData, options: StudyOptions): Promise<StudyResult> {
  const world = openStudyWorld(runtime, data, options)
  const configOf = (objective: Objective, settings: Settings, seed: number): TrainingConfig => ({
    ...defaultTrainingConfig,
    ...options.config,
    ...{ objective, seed },
    ...settings,
  })

  const trials: Record<string, readonly Trial[]> = {}
  async function settingsFor(objective: Objective): Promise<Settings> {
    const { margin, weights } = partsOf(objective)
    const [firstWeighting] = options.weightings
    const { trials: tried, ...settings } = await chooseSettings({
      margins: margin ? options.margins : [0],
      weightings: weights ? options.weightings : [firstWeighting!],
      async tryOut(candidate) {
        const config = configOf(objective, candidate, 1)
        const trial = await world.train({ ...config, epochs: trialEpochsOf(config.epochs) })
        return trial.bestScore!
      },
      onTrial: ({ marginRadians, weightNetLearningRate: rate, weightNetDelayEpochs: delay, score }) =>
        options.onProgress?.(
          `${objective}, margin ${marginRadians}${weights ? `, weights at ${rate} after ${delay} epochs` : ''}: held-out MAP ${score.toFixed(4)}`,
        ),
    })
    trials[objective] = tried
    return settings
  }

  const perQuery = new Map<StudyObjective, Float64Array>()
  const rows: StudyRow[] = []
  for (const objective of options.objectives) {
    const results: SeedResult[] = []
    let marginRadians = 0
    if (objective === 'zero-shot') {
      const measured = await world.measure(world.zeroShot())
      results.push({ ...measured, weights: null })
    } else {
      const settings = await settingsFor(objective)
      marginRadians = settings.marginRadians
      for (let seed = 1; seed <= options.seeds; seed++) {
        const { parameters, weights } = await world.train(configOf(objective, settings, seed))
        const measured = await world.measure(parameters)
        results.push({ ...measured, weights: partsOf(objective).weights ? weights : null })
        const precision = mean(measured.outcomes.map((outcome) => outcome.precisionAt10))
        options.onProgress?.(`${objective}, seed ${seed} of ${options.seeds}: P@10 ${precision.toFixed(3)}`)
      }
    }
    perQuery.set(objective, meanOverRuns(results.map(({ outcomes }) => outcomes.map((o) => o.precisionAt10))))
    rows.push(summariseRow(objective, marginRadians, results))
  }
  return { rows, trials }

  function summariseRow(objective: StudyObjective, marginRadians: number, results: readonly SeedResult[]): StudyRow {
    const values = perQuery.get(objective)!
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
      objective,
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
        infonce === undefined || objective === 'infonce'
          ? null
          : pairedDifference(values, infonce, { seed: bootstrapSeed }),
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
    }
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

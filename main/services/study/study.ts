/**
 * The simulation on product photos: a customer's noisy catalogue, a few clean exemplars, queries on unseen products.
 * Every objective is trained with several seeds on the same features; the margin is chosen on held-out exemplars.
 */
import type { TensorMap } from '../../base/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import {
  areaUnderCurve,
  bootstrapMean,
  chooseSettings,
  createTowerEncoder,
  defaultTemporalTower,
  defaultTrainingConfig,
  meanAndSpread,
  meanOverRuns,
  pairedDifference,
  partsOf,
  rankingMetrics,
  splitExemplars,
  towerOver,
  trainTowers,
  trialEpochsOf,
  type Frequency,
  type Interval,
  type Objective,
  type PairSet,
  type QueryOutcome,
  type Settings,
  type TemporalTowerConfig,
  type TrainedEpoch,
  type TrainedPart,
  type TrainingConfig,
  type Trial,
  type Weighting,
} from '../../training/index.ts'
import { createRandom } from '../../base/index.ts'
import type { StudyQuery } from './study-files.ts'

export type StudyObjective = Objective | 'zero-shot'

/** Everything as features; rows of `gallery` are what queries search. */
export type StudyData = {
  readonly width: number
  /** Numbers a view: `width`, or those below the trained blocks. */
  readonly frameWidth: number
  readonly views: number
  readonly pairs: PairSet
  /** Of each pair: aligned, partial or wrong, where known. Only measured with, never trained with. */
  readonly kinds: readonly (string | undefined)[]
  readonly exemplars: PairSet
  readonly exemplarIds: readonly string[]
  readonly exemplarConcepts: readonly string[]
  readonly gallery: Pick<PairSet, 'count' | 'frames' | 'mask'>
  readonly queryTexts: Float32Array
  readonly queries: readonly StudyQuery[]
  /** For each query the rows of the gallery that are right. */
  readonly relevant: readonly (readonly number[])[]
}

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
/** Epochs at the end over which a pair's weight is averaged. */
const weightEpochs = 5

type SeedResult = { outcomes: QueryOutcome[]; weights: Float32Array | null; heldOutScore: number | null }

function rowsOf(set: PairSet, rows: readonly number[], { views, width, frameWidth }: StudyData): PairSet {
  const take = (source: Float32Array, size: number): Float32Array => {
    const out = new Float32Array(rows.length * size)
    rows.forEach((row, i) => out.set(source.subarray(row * size, (row + 1) * size), i * size))
    return out
  }
  return {
    count: rows.length,
    frames: take(set.frames, views * frameWidth),
    mask: take(set.mask, views),
    texts: take(set.texts, width),
  }
}

/** Cosines [Q, N] of unit rows. */
function similarities(queries: Float32Array, items: Float32Array, width: number): Float32Array {
  const [q, n] = [queries.length / width, items.length / width]
  const out = new Float32Array(q * n)
  for (let i = 0; i < q; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let d = 0; d < width; d++) sum += queries[i * width + d]! * items[j * width + d]!
      out[i * n + j] = sum
    }
  }
  return out
}

/** Runs all objectives and seeds. @throws the abort reason; AppError `training.diverged` */
export async function runStudy(runtime: Runtime, data: StudyData, options: StudyOptions): Promise<StudyResult> {
  const tower: TemporalTowerConfig = {
    ...defaultTemporalTower,
    frames: data.views,
    width: data.width,
    textHidden: 2 * data.width,
  }
  const { vision } = options
  const parts = splitExemplars(
    data.exemplarIds.map((id, i) => ({ id, concept: data.exemplarConcepts[i]! })),
    { seed: 20240707 },
  )
  const indicesOf = (wanted: 'meta' | 'heldOut'): number[] =>
    data.exemplarIds.flatMap((id, i) => (parts.get(id) === wanted ? [i] : []))
  const [metaRows, heldOutRows] = [indicesOf('meta'), indicesOf('heldOut')]
  const metaSet = rowsOf(data.exemplars, metaRows, data)
  const heldOut = rowsOf(data.exemplars, heldOutRows, data)
  const concepts = heldOutRows.map((i) => data.exemplarConcepts[i]!)
  const sameConcept = concepts.map((concept) => concepts.flatMap((other, j) => (other === concept ? [j] : [])))

  async function embed(
    parameters: TensorMap,
  ): Promise<{ heldOutScore: number; outcomes: () => Promise<QueryOutcome[]>; close: () => Promise<void> }> {
    const encoder = await createTowerEncoder(runtime, tower, parameters, vision)
    const videos = await encoder.videos(heldOut.frames, heldOut.mask, heldOut.count)
    const texts = await encoder.texts(heldOut.texts, heldOut.count)
    const scores = similarities(texts, videos, data.width)
    return {
      heldOutScore: rankingMetrics({ scores, relevant: sameConcept }).meanAveragePrecision,
      outcomes: async () => {
        const gallery = await encoder.videos(data.gallery.frames, data.gallery.mask, data.gallery.count)
        const queries = await encoder.texts(data.queryTexts, data.queries.length)
        return rankingMetrics({ scores: similarities(queries, gallery, data.width), relevant: data.relevant }).outcomes
      },
      close: () => encoder.dispose(),
    }
  }

  async function measure(parameters: TensorMap): Promise<{ outcomes: QueryOutcome[]; heldOutScore: number }> {
    const embedded = await embed(parameters)
    try {
      return { outcomes: await embedded.outcomes(), heldOutScore: embedded.heldOutScore }
    } finally {
      await embedded.close()
    }
  }

  const scoreHeldOut = async (parameters: TensorMap): Promise<number> => {
    const embedded = await embed(parameters)
    await embedded.close()
    return embedded.heldOutScore
  }
  const common = { runtime, tower, vision, metaSet, scoreHeldOut, pairs: data.pairs, signal: options.signal }
  const configOf = (objective: Objective, settings: Settings, seed: number): TrainingConfig => ({
    ...defaultTrainingConfig,
    ...options.config,
    ...{ objective, seed },
    ...settings,
  })

  async function train(config: TrainingConfig): Promise<{ parameters: TensorMap; weights: Float32Array }> {
    const last: Float32Array[] = []
    const onEpoch = ({ weight }: TrainedEpoch): void => {
      last.push(weight)
      if (last.length > weightEpochs) last.shift()
    }
    const { parameters } = await trainTowers({ ...common, config, onEpoch })
    return { parameters, weights: Float32Array.from(meanOverRuns(last)) }
  }

  const trials: Record<string, readonly Trial[]> = {}
  async function settingsFor(objective: Objective): Promise<Settings> {
    const { margin, weights } = partsOf(objective)
    const [firstWeighting] = options.weightings
    const { trials: tried, ...settings } = await chooseSettings({
      margins: margin ? options.margins : [0],
      weightings: weights ? options.weightings : [firstWeighting!],
      async tryOut(candidate) {
        const config = configOf(objective, candidate, 1)
        const trial = await trainTowers({ ...common, config: { ...config, epochs: trialEpochsOf(config.epochs) } })
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
      const measured = await measure(towerOver(tower, vision).initialParameters(createRandom(1)))
      results.push({ ...measured, weights: null })
    } else {
      const settings = await settingsFor(objective)
      marginRadians = settings.marginRadians
      for (let seed = 1; seed <= options.seeds; seed++) {
        const { parameters, weights } = await train(configOf(objective, settings, seed))
        const measured = await measure(parameters)
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
    const ofKind = (weights: Float32Array, kind: string): Float32Array =>
      weights.filter((_, i) => data.kinds[i] === kind)
    const meanOf = (kind: string): number => mean(runs.map((weights) => mean([...ofKind(weights, kind)])))
    return {
      aligned: meanOf('aligned'),
      partial: meanOf('partial'),
      wrong: meanOf('wrong'),
      auc: mean(runs.map((weights) => areaUnderCurve(ofKind(weights, 'aligned'), ofKind(weights, 'wrong')))),
    }
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

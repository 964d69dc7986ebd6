/** What a study trains and measures on: the exemplars split, runs with any settings, and how a run is judged. */
import { createRandom, type TensorMap } from '../../base/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import {
  areaUnderCurve,
  createTowerEncoder,
  meanOverRuns,
  planTraining,
  rankingMetrics,
  splitExemplars,
  towerOver,
  trainTowers,
  type ExemplarPart,
  type Lexicon,
  type Objective,
  type PairSet,
  type QueryOutcome,
  type TemporalTowerConfig,
  type TrainedEpoch,
  type TrainedPart,
  type TrainedTowers,
  type TrainingConfig,
  type TrainingPlan,
} from '../../training/index.ts'
import type { StudyQuery } from './study-files.ts'

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
  /** Which of them judge the weights and which are held out; default: split here. */
  readonly exemplarParts?: ReadonlyMap<string, ExemplarPart> | undefined
  readonly gallery: Pick<PairSet, 'count' | 'frames' | 'mask'>
  readonly queryTexts: Float32Array
  /** Entries of the lexicon in each query. */
  readonly queryEntries: readonly (readonly number[])[]
  readonly lexicon: Lexicon
  /** The pairs with the texts that they should have, where these are known: a ceiling. */
  readonly trueTexts?: PairSet
  readonly queries: readonly StudyQuery[]
  /** For each query the rows of the gallery that are right. */
  readonly relevant: readonly (readonly number[])[]
}

/** Parameters judged: on the queries, and on the held-out exemplars. */
export type Measured = { readonly outcomes: QueryOutcome[]; readonly heldOutScore: number }

/** A run with the mean weight of each pair at its end, [N]. */
export type StudyRun = TrainedTowers & {
  readonly weights: Float32Array
  /** Share of a batch that the weights lean on, in the last epoch. */
  readonly effectiveShare: number
}

export type StudyWorld = {
  /** What every run has in common. */
  readonly common: {
    readonly lexiconSize: number
    readonly runtime: Runtime
    readonly tower: TemporalTowerConfig
    readonly vision: TrainedPart | undefined
    readonly pairs: PairSet
    readonly metaSet: PairSet
    readonly signal: AbortSignal | undefined
  }
  /** Exemplars that judge the weights, at most. */
  readonly metaCount: number
  /**
   * @param options.metaCount trusted pairs to train with: the first so many of one shuffled order. Default: all.
   * @param options.pairs what is trained on. Default: the pairs as they are.
   */
  train(config: TrainingConfig, options?: { metaCount?: number | undefined; pairs?: PairSet }): Promise<StudyRun>
  /** Some of the pairs, with the features and texts that they have. */
  select(rows: readonly number[]): PairSet
  measure(parameters: TensorMap): Promise<Measured>
  /** The settings that the app would take. @param pairs that will be trained on */
  configOf(objective: Objective, seed: number, pairs: number): TrainingConfig
  /** Parameters of the untrained model. */
  zeroShot(): TensorMap
}

/** Epochs at the end over which a pair's weight is averaged. */
const weightEpochs = 5

const splitSeed = 20240707

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
    ...(set.facts && {
      facts: {
        entries: set.facts.entries && rows.map((row) => set.facts!.entries![row]!),
        known: take(set.facts.known, 1),
      },
    }),
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

/** @param options.vision blocks of the encoder that are trained with the tower */
export function openStudyWorld(
  runtime: Runtime,
  data: StudyData,
  { vision, signal }: { readonly vision?: TrainedPart | undefined; readonly signal?: AbortSignal | undefined } = {},
): StudyWorld {
  const planOf = (objective: Objective, seed: number, pairs: number): TrainingPlan =>
    planTraining({ objective, seed, pairs, metaSet: metaRows.length, dim: data.width, frameCount: data.views })
  const parts =
    data.exemplarParts ??
    splitExemplars(
      data.exemplarIds.map((id, i) => ({ id, concept: data.exemplarConcepts[i]! })),
      { seed: splitSeed },
    )
  const indicesOf = (wanted: 'meta' | 'heldOut'): number[] =>
    data.exemplarIds.flatMap((id, i) => (parts.get(id) === wanted ? [i] : []))
  const [metaRows, heldOutRows] = [indicesOf('meta'), indicesOf('heldOut')]
  const { tower } = planOf('infonce', 1, data.pairs.count)
  const exemplarRows = (rows: readonly number[]): PairSet => rowsOf(data.exemplars, rows, data)
  const [metaSet, heldOut] = [exemplarRows(metaRows), exemplarRows(heldOutRows)]
  const metaOrder = createRandom(splitSeed).fork('meta').shuffled(metaRows)
  const concepts = heldOutRows.map((i) => data.exemplarConcepts[i]!)
  const sameConcept = concepts.map((concept) => concepts.flatMap((other, j) => (other === concept ? [j] : [])))

  async function embed(
    parameters: TensorMap,
  ): Promise<{ heldOutScore: number; outcomes: () => Promise<QueryOutcome[]>; close: () => Promise<void> }> {
    const encoder = await createTowerEncoder(runtime, tower, parameters, { vision })
    const videos = await encoder.videos(heldOut.frames, heldOut.mask, heldOut.count)
    const texts = await encoder.texts(heldOut.texts, heldOut.count, { entries: heldOut.facts?.entries })
    const scores = similarities(texts, videos, data.width)
    return {
      heldOutScore: rankingMetrics({ scores, relevant: sameConcept }).meanAveragePrecision,
      outcomes: async () => {
        const gallery = await encoder.videos(data.gallery.frames, data.gallery.mask, data.gallery.count)
        const queries = await encoder.texts(data.queryTexts, data.queries.length, { entries: data.queryEntries })
        return rankingMetrics({ scores: similarities(queries, gallery, data.width), relevant: data.relevant }).outcomes
      },
      close: () => encoder.dispose(),
    }
  }

  const lexiconSize = data.lexicon.words.length
  const common = { runtime, tower, vision, metaSet, pairs: data.pairs, lexiconSize, signal }

  return {
    common,
    metaCount: metaRows.length,
    select: (rows) => rowsOf(data.pairs, rows, data),
    async train(config, { metaCount = metaRows.length, pairs = data.pairs } = {}) {
      const last: Float32Array[] = []
      const effective: number[] = []
      const onEpoch = ({ weight, effectiveShare }: TrainedEpoch): void => {
        effective.push(effectiveShare)
        last.push(weight)
        if (last.length > weightEpochs) last.shift()
      }
      const trusted = metaCount < metaRows.length ? exemplarRows(metaOrder.slice(0, metaCount)) : metaSet
      const trained = await trainTowers({ ...common, pairs, metaSet: trusted, config, onEpoch })
      return { ...trained, weights: Float32Array.from(meanOverRuns(last)), effectiveShare: effective.at(-1)! }
    },
    async measure(parameters) {
      const embedded = await embed(parameters)
      try {
        return { outcomes: await embedded.outcomes(), heldOutScore: embedded.heldOutScore }
      } finally {
        await embedded.close()
      }
    },
    configOf: (...wishes) => planOf(...wishes).config,
    zeroShot: () => towerOver(tower, { vision }).initialParameters(createRandom(1)),
  }
}

/** How well a run's weights tell wrong pairs from aligned ones; NaN where the kinds are not known. */
export function weightAuc(data: StudyData, weights: Float32Array): number {
  return areaUnderCurve(weightsOfKind(data, weights, 'aligned'), weightsOfKind(data, weights, 'wrong'))
}

export function weightsOfKind(data: StudyData, weights: Float32Array, kind: string): Float32Array {
  return weights.filter((_, i) => data.kinds[i] === kind)
}

/** What a study trains and measures on: the exemplars split, runs with any settings, and how a run is judged. */
import { createRandom, type TensorMap } from '../../base/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import {
  areaUnderCurve,
  createTowerEncoder,
  defaultTemporalTower,
  meanOverRuns,
  rankingMetrics,
  splitExemplars,
  towerOver,
  trainTowers,
  type PairSet,
  type QueryOutcome,
  type TemporalTowerConfig,
  type TrainedEpoch,
  type TrainedPart,
  type TrainedTowers,
  type TrainingConfig,
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
  readonly gallery: Pick<PairSet, 'count' | 'frames' | 'mask'>
  readonly queryTexts: Float32Array
  readonly queries: readonly StudyQuery[]
  /** For each query the rows of the gallery that are right. */
  readonly relevant: readonly (readonly number[])[]
}

/** Parameters judged: on the queries, and on the held-out exemplars. */
export type Measured = { readonly outcomes: QueryOutcome[]; readonly heldOutScore: number }

/** A run with the mean weight of each pair at its end, [N]. */
export type StudyRun = TrainedTowers & { readonly weights: Float32Array }

export type StudyWorld = {
  /** What every run has in common, for `chooseMargin` too. */
  readonly common: {
    readonly runtime: Runtime
    readonly tower: TemporalTowerConfig
    readonly vision: TrainedPart | undefined
    readonly pairs: PairSet
    readonly metaSet: PairSet
    readonly scoreHeldOut: (parameters: TensorMap) => Promise<number>
    readonly signal: AbortSignal | undefined
  }
  /** Exemplars that judge the weights, at most. */
  readonly metaCount: number
  /** @param metaCount trusted pairs to train with: the first so many of one shuffled order. Default: all. */
  train(config: TrainingConfig, metaCount?: number): Promise<StudyRun>
  measure(parameters: TensorMap): Promise<Measured>
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
  const tower: TemporalTowerConfig = {
    ...defaultTemporalTower,
    frames: data.views,
    width: data.width,
    textHidden: 2 * data.width,
  }
  const parts = splitExemplars(
    data.exemplarIds.map((id, i) => ({ id, concept: data.exemplarConcepts[i]! })),
    { seed: splitSeed },
  )
  const indicesOf = (wanted: 'meta' | 'heldOut'): number[] =>
    data.exemplarIds.flatMap((id, i) => (parts.get(id) === wanted ? [i] : []))
  const [metaRows, heldOutRows] = [indicesOf('meta'), indicesOf('heldOut')]
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

  const scoreHeldOut = async (parameters: TensorMap): Promise<number> => {
    const embedded = await embed(parameters)
    await embedded.close()
    return embedded.heldOutScore
  }
  const common = { runtime, tower, vision, metaSet, scoreHeldOut, pairs: data.pairs, signal }

  return {
    common,
    metaCount: metaRows.length,
    async train(config, metaCount = metaRows.length) {
      const last: Float32Array[] = []
      const onEpoch = ({ weight }: TrainedEpoch): void => {
        last.push(weight)
        if (last.length > weightEpochs) last.shift()
      }
      const trusted = metaCount < metaRows.length ? exemplarRows(metaOrder.slice(0, metaCount)) : metaSet
      const trained = await trainTowers({ ...common, metaSet: trusted, config, onEpoch })
      return { ...trained, weights: Float32Array.from(meanOverRuns(last)) }
    },
    async measure(parameters) {
      const embedded = await embed(parameters)
      try {
        return { outcomes: await embedded.outcomes(), heldOutScore: embedded.heldOutScore }
      } finally {
        await embedded.close()
      }
    },
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

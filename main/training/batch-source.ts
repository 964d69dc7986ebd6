/**
 * The rows that a run draws its batches from: the pairs, then the trusted pairs as often as an epoch repeats them; and for a
 * step what both bring, with the rows of the lexicon that their texts need.
 */
import { defined, float32Data, floatTensor, sizeOf, type Random, type TensorMap } from '../base/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { TrainingConfig } from './config.ts'
import { partsOf } from './config.ts'
import { lexiconFactors, mostRowsAStep } from './lexicon-table.ts'
import { batchFeeds, epochBatches, heldRows, isOfWords, type PairSet } from './pair-set.ts'
import { frozenPairs, startLosses, type FrozenPairs } from './start-losses.ts'
import type { BatchShapes } from './towers.ts'

export type BatchSource = {
  /** Rows of an epoch: those below `pairs.count` are pairs, the others trusted pairs. */
  readonly count: number
  /** What the weighting network sees beside the loss, and whether there is a keeping term. */
  readonly signals: number
  readonly keeps: boolean
  /** K: words of the lexicon that a step can hold; 0: the tower has none. */
  readonly lexiconRows: number
  batches(batchSize: number, random: Random): number[][]
  /** Trusted pairs to judge the weights of a batch with. */
  metaRows(size: number, random: Random): number[]
  /** Entries of the lexicon in both, ascending. */
  activeEntries(batch: readonly number[], meta: readonly number[]): number[]
  trainFeeds(batch: readonly number[], active: readonly number[], shapes: BatchShapes): TensorMap
  metaFeeds(meta: readonly number[], active: readonly number[], shapes: BatchShapes): TensorMap
}

type Sources = {
  readonly runtime: Runtime
  readonly pairs: PairSet
  readonly metaSet: PairSet
  readonly config: TrainingConfig
  /** D of the embeddings. */
  readonly width: number
  /** V: entries of the lexicon. */
  readonly lexiconSize: number
}

/** @throws AppError `runtime.failed` */
export async function openBatchSource(sources: Sources): Promise<BatchSource> {
  const { runtime, pairs, metaSet, config, width, lexiconSize } = sources
  const repeats = metaSet.count === 0 ? 0 : config.trustedRepeats
  const count = pairs.count + repeats * metaSet.count
  const { weights } = partsOf(config.objective)
  const sets = [pairs, metaSet]
  const hasFrozen = sets.every((set) => set.count === 0 || frozenOf(set, width) !== undefined)
  const keeps = config.keepWeight > 0 && hasFrozen && sets.some(({ facts }) => facts?.known.some((known) => known > 0))
  const weighs = weights && config.weighsStartLoss && hasFrozen
  const frozen = keeps || weighs ? joined(sets.map((set) => frozenOf(set, width)!)) : undefined
  const signals = weighs ? await startLosses(runtime, frozen!, width) : undefined
  const known = Float32Array.from(sets.flatMap((set) => [...(set.facts?.known ?? new Float32Array(set.count))]))
  const entries =
    lexiconSize === 0 ? undefined : sets.flatMap((set) => defined(set.facts?.entries, 'the entries of each text'))
  const mostTexts = Math.min(config.batchSize, count) + Math.min(config.metaBatchSize, metaSet.count)

  /** Rows of an epoch as rows of pairs and trusted pairs, one after the other. */
  const place = (row: number): number => (row < pairs.count ? row : pairs.count + ((row - pairs.count) % metaSet.count))
  const wordFeeds = (prefix: string, places: readonly number[], active: readonly number[], shapes: BatchShapes) => {
    const rows = shapes['wordFactors']?.[0]
    if (rows === undefined) return {}
    const own = places.map((at) => entries![at]!)
    return { [`${prefix}.wordFactors`]: floatTensor([places.length, rows], lexiconFactors(own, active, rows)) }
  }
  const rowsOf = (source: Float32Array, places: readonly number[], size: number): Float32Array => {
    const out = new Float32Array(places.length * size)
    places.forEach((at, i) => out.set(source.subarray(at * size, (at + 1) * size), i * size))
    return out
  }

  return {
    ...{ count, keeps, signals: weighs ? 1 : 0 },
    lexiconRows: entries === undefined ? 0 : mostRowsAStep(entries, mostTexts, lexiconSize),
    batches: (batchSize, random) => epochBatches(count, batchSize, random),
    metaRows: (size, random) => random.shuffled([...Array(metaSet.count).keys()]).slice(0, size),
    activeEntries(batch, meta) {
      if (entries === undefined) return []
      const places = [...batch.map(place), ...meta.map((row) => pairs.count + row)]
      return [...new Set(places.flatMap((at) => entries[at]!))].sort((a, b) => a - b)
    },
    trainFeeds(batch, active, shapes) {
      const places = batch.map(place)
      const size = batch.length
      return {
        ...joinedFeeds(pairs, metaSet, places, shapes),
        ...wordFeeds('train', places, active, shapes),
        ...(keeps && {
          'train.frozenVideo': floatTensor([size, width], rowsOf(frozen!.videos, places, width)),
          'train.frozenText': floatTensor([size, width], rowsOf(frozen!.texts, places, width)),
          'train.known': floatTensor([size], rowsOf(known, places, 1)),
        }),
        ...(signals && { 'train.signals': floatTensor([size, 1], rowsOf(signals, places, 1)) }),
      }
    },
    metaFeeds: (meta, active, shapes) => ({
      ...batchFeeds(metaSet, meta, 'meta', shapes),
      ...wordFeeds(
        'meta',
        meta.map((row) => pairs.count + row),
        active,
        shapes,
      ),
    }),
  }
}

function frozenOf(set: PairSet, width: number): FrozenPairs | undefined {
  if (set.facts?.frozen !== undefined) return set.facts.frozen
  const isFinished = set.texts.length === set.count * width && set.frames.length === set.mask.length * width
  return isFinished && set.facts !== undefined ? frozenPairs(set, width) : undefined
}

function joined(parts: readonly FrozenPairs[]): FrozenPairs {
  const join = (of: (part: FrozenPairs) => Float32Array): Float32Array => {
    const out = new Float32Array(parts.reduce((sum, part) => sum + of(part).length, 0))
    let at = 0
    for (const part of parts) {
      out.set(of(part), at)
      at += of(part).length
    }
    return out
  }
  return { videos: join(({ videos }) => videos), texts: join(({ texts }) => texts) }
}

/** The feeds of a batch whose rows come of two sets. @param places rows of `a`, then of `b` */
function joinedFeeds(a: PairSet, b: PairSet, places: readonly number[], shapes: BatchShapes): TensorMap {
  const wanted = Object.fromEntries(Object.entries(shapes).filter(([name]) => !isOfWords(name)))
  const out = Object.fromEntries(
    Object.entries(wanted).map(([name, shape]) => [name, new Float32Array(places.length * sizeOf(shape))]),
  )
  for (const [set, first] of [
    [a, 0],
    [b, a.count],
  ] as const) {
    const own = places.flatMap((at, i) => (at >= first && at < first + set.count ? [{ row: at - first, i }] : []))
    if (own.length === 0) continue
    // What lies in memory is copied once; what has to be fetched comes as the feeds of its own rows.
    const isHeld = set.framesOf === undefined && set.textsOf === undefined
    const fetched = isHeld
      ? undefined
      : batchFeeds(
          set,
          own.map(({ row }) => row),
          'train',
          shapes,
        )
    for (const [name, shape] of Object.entries(wanted)) {
      const size = sizeOf(shape)
      const source = fetched === undefined ? heldRows(set, name) : float32Data(fetched[`train.${name}`]!)
      own.forEach(({ row, i }, k) => {
        const from = (fetched === undefined ? row : k) * size
        out[name]!.set(source.subarray(from, from + size), i * size)
      })
    }
  }
  return Object.fromEntries(
    Object.entries(wanted).map(([name, shape]) => [
      `train.${name}`,
      floatTensor([places.length, ...shape], out[name]!),
    ]),
  )
}

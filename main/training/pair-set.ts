/** Training pairs as features, and the batches drawn from them. Knows nothing of files or products. */
import { defined, floatTensor, sizeOf, type Random, type TensorMap } from '../base/index.ts'
import { sideName } from './encoder-tower.ts'
import type { FrozenPairs } from './start-losses.ts'
import { mapKeys, mapValues } from './step-parts.ts'
import type { BatchShapes } from './towers.ts'

/** Texts as a tower takes them. */
export type TextRows = {
  /** [N, D], or what lies below the encoder's trained blocks: [N, ...cut]. */
  readonly texts: Float32Array
  /** What trained blocks read too, such as token ids: [N, ...] each, by the name of the input. */
  readonly textSide?: Readonly<Record<string, Float32Array>> | undefined
}

/** Row i of `frames` and of `texts` belong together. */
export type PairSet = TextRows & {
  readonly count: number
  /** [N, T, D], or what lies below the encoder's trained blocks: [N, T, ...cut]. Empty where `framesOf` is given. */
  readonly frames: Float32Array
  /** The frames of some rows, one after the other, where all of them together would not fit into memory. */
  readonly framesOf?: ((rows: readonly number[]) => Float32Array) | undefined
  /** [N, T]: 1 for a frame, 0 for padding. */
  readonly mask: Float32Array
  /** The texts of some rows, as `framesOf`; `texts` is then empty. */
  readonly textsOf?: ((rows: readonly number[]) => TextRows) | undefined
  /** What is known of each pair beside its features; without, nothing is. */
  readonly facts?: PairFacts | undefined
}

/** What is known of pairs before they are trained on. */
export type PairFacts = {
  /** What the model makes of them before training (see start-losses.ts); where frames and texts are finished features, from these. */
  readonly frozen?: FrozenPairs | undefined
  /** Entries of the lexicon that each text has; undefined: the tower has no lexicon. */
  readonly entries?: readonly (readonly number[])[] | undefined
  /** [N], 0..1: how far the encoder knows the words of each text, for the keeping term. */
  readonly known: Float32Array
}

/** Inputs that are made of a text's words for each step anew (see batch-source.ts). */
export function isOfWords(name: string): boolean {
  return name === 'wordFactors'
}

function gatherRows(source: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const out = new Float32Array(rows.length * width)
  rows.forEach((row, i) => out.set(source.subarray(row * width, (row + 1) * width), i * width))
  return out
}

/** All rows of an input, of a set that lies in memory. */
export function heldRows({ frames, mask, texts, textSide = {} }: PairSet, name: string): Float32Array {
  const values = { frames, mask, text: texts, ...mapKeys(textSide, (side) => sideName('text', side)) }
  return defined(values[name as keyof typeof values], `what a batch has of ${name}`)
}

/** The feeds `<prefix>.<name>` of the given rows. @param shapes `batchShapes` of the tower */
export function batchFeeds(set: PairSet, rows: readonly number[], prefix: string, shapes: BatchShapes): TensorMap {
  const gather = (source: Float32Array, name: string): Float32Array =>
    gatherRows(source, sizeOf(defined(shapes[name], name)), rows)
  const gatherTexts = ({ texts, textSide = {} }: TextRows): TextRows => ({
    texts: gather(texts, 'text'),
    textSide: mapValues(textSide, (values, name) => gather(values, sideName('text', name))),
  })
  const { texts, textSide = {} } = set.textsOf?.(rows) ?? gatherTexts(set)
  const values: Record<string, Float32Array> = {
    frames: set.framesOf?.(rows) ?? gather(set.frames, 'frames'),
    ...(shapes['mask'] && { mask: gather(set.mask, 'mask') }),
    text: texts,
    ...mapKeys(textSide, (name) => sideName('text', name)),
  }
  return Object.fromEntries(
    Object.entries(shapes)
      .filter(([name]) => !isOfWords(name))
      .map(([name, shape]) => [
        `${prefix}.${name}`,
        floatTensor([rows.length, ...shape], defined(values[name], `what a batch has of ${name}`)),
      ]),
  )
}

/**
 * One epoch of batches of exactly `size` rows, every row at least once: the last batch is filled up with rows from the
 * start of the same shuffled order.
 */
export function epochBatches(count: number, size: number, random: Random): number[][] {
  const order = random.shuffled([...Array(count).keys()])
  return Array.from({ length: Math.ceil(count / size) }, (_, b) =>
    Array.from({ length: size }, (_, i) => order[(b * size + i) % count]!),
  )
}

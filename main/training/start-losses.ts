/**
 * What the model makes of the pairs before it has trained: its embeddings of them, and the loss of each among all others. A
 * wrong text of known words has a high loss there, which training can only hide (docs/decisions/018).
 */
import { assert, float32Data, floatTensor } from '../base/index.ts'
import { Graph, logSumExp, matMul, mul, swapLastAxes, toModel } from '../graph/index.ts'
import type { Runtime } from '../runtime/index.ts'

/** Unit rows [N, D] of each side. */
export type FrozenPairs = { readonly videos: Float32Array; readonly texts: Float32Array }

/**
 * Embeddings of the model before training: the mean of a clip's frames and the text itself, set to unit length.
 * @param rows frames [N, T, D], mask [N, T], texts [N, D]: finished features of the encoder
 */
export function frozenPairs(
  { frames, mask, texts, count }: { frames: Float32Array; mask: Float32Array; texts: Float32Array; count: number },
  width: number,
): FrozenPairs {
  const perClip = mask.length / count
  const videos = new Float32Array(count * width)
  for (let n = 0; n < count; n++) {
    const row = videos.subarray(n * width, (n + 1) * width)
    for (let t = 0; t < perClip; t++) {
      if (mask[n * perClip + t] === 0) continue
      const at = (n * perClip + t) * width
      for (let d = 0; d < width; d++) row[d]! += frames[at + d]!
    }
  }
  return { videos: unitRows(videos, width), texts: unitRows(texts.slice(), width) }
}

function unitRows(rows: Float32Array, width: number): Float32Array {
  for (let at = 0; at < rows.length; at += width) {
    let square = 0
    for (let d = 0; d < width; d++) square += rows[at + d]! ** 2
    const length = Math.sqrt(square)
    if (length > 0) for (let d = 0; d < width; d++) rows[at + d]! /= length
  }
  return rows
}

/** Multiplies cosines: the scale that training starts with. */
const startScale = 20
/** Queries a run; the last one is filled up with zeros. */
const rowsAtOnce = 256
/** Nats; further from the median than this says no more. */
const largest = 10

/** Of each pair, what its loss is made of beside its own cosine: how much all answers together draw its text and its clip. */
export type PairTotals = {
  /** [N]: log of the sum over all clips of exp(scale x cosine), for each text. */
  readonly ofTexts: Float32Array
  /** [N]: the same over all texts, for each clip. */
  readonly ofVideos: Float32Array
}

/**
 * Contrastive loss of each pair among all pairs before training, in nats above the median of them all: [N], within +-10.
 * Half of finding the text by its clip, half of finding the clip by its text.
 */
export async function startLosses(runtime: Runtime, embeddings: FrozenPairs, width: number): Promise<Float32Array> {
  const losses = contrastiveLosses(embeddings, await pairTotals(runtime, embeddings, width), width)
  return aboveMedian(losses, medianOf(losses))
}

export async function pairTotals(runtime: Runtime, { videos, texts }: FrozenPairs, width: number): Promise<PairTotals> {
  const count = videos.length / width
  assert(texts.length === videos.length, `${texts.length} and ${videos.length} numbers of texts and videos`)
  const graph = new Graph()
  const queries = graph.input('queries', 'float32', [rowsAtOnce, width])
  const items = graph.input('items', 'float32', [count, width])
  const total = logSumExp(mul(matMul(queries, swapLastAxes(items)), startScale), 1)
  const session = await runtime.createSession(toModel({ total }), {
    label: 'loss before training',
    constants: ['items'],
  })
  const totalsOf = async (from: Float32Array, to: Float32Array): Promise<Float32Array> => {
    const totals = new Float32Array(count)
    await session.writeState({ items: floatTensor([count, width], to) })
    for (let start = 0; start < count; start += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, count - start)
      const batch = new Float32Array(rowsAtOnce * width)
      batch.set(from.subarray(start * width, (start + rows) * width))
      const out = await session.run({ queries: floatTensor([rowsAtOnce, width], batch) })
      totals.set(float32Data(out['total']!).subarray(0, rows), start)
    }
    return totals
  }
  try {
    return { ofTexts: await totalsOf(texts, videos), ofVideos: await totalsOf(videos, texts) }
  } finally {
    await session.dispose()
  }
}

/**
 * Loss in nats of each clip with its text, or with another one's.
 * @param partners for each clip the row of the text that it is put beside; default: its own
 */
export function contrastiveLosses(
  { videos, texts }: FrozenPairs,
  { ofTexts, ofVideos }: PairTotals,
  width: number,
  partners: ReadonlyMap<number, number> | undefined = undefined,
): Float32Array {
  const couples = partners === undefined ? [...ofVideos.keys()].map((row) => [row, row] as const) : partners.entries()
  return Float32Array.from(couples, ([video, text]) => {
    let cosine = 0
    for (let d = 0; d < width; d++) cosine += videos[video * width + d]! * texts[text * width + d]!
    return (ofTexts[text]! + ofVideos[video]!) / 2 - startScale * cosine
  })
}

export function medianOf(losses: Float32Array): number {
  return losses.slice().sort()[losses.length >> 1] ?? 0
}

/** Within +-10 nats of the median. */
export function aboveMedian(losses: Float32Array, median: number): Float32Array {
  return losses.map((loss) => Math.max(-largest, Math.min(largest, loss - median)))
}

/** How likely each pair of a run is wrong: embeds the pairs with what the run came to, and compares with what was before. */
import type { Runtime } from '../../runtime/index.ts'
import { pairDoubts, type FrozenPairs } from '../../training/index.ts'
import type { Tower } from '../models/index.ts'
import type { PairFeatures } from './ports.ts'

/** Pairs that are fetched and embedded at once. */
const rowsAtOnce = 64

/** @returns [N] in the order of the pairs; undefined where too few pairs can be compared @throws the abort reason */
export async function doubtsOf(
  { pairs, metaSet }: { readonly pairs: PairFeatures; readonly metaSet: PairFeatures },
  options: {
    readonly runtime: Runtime
    /** D */
    readonly width: number
    readonly seed: number
    readonly signal: AbortSignal
    /** Embeddings before training, of the pairs and of the trusted pairs. */
    readonly before: readonly FrozenPairs[]
    readonly openTower: () => Promise<Tower>
  },
): Promise<Float32Array | undefined> {
  const { runtime, width, seed, signal, before, openTower } = options
  const tower = await openTower()
  try {
    const after = [await embed(tower, pairs, width, signal), await embed(tower, metaSet, width, signal)]
    const doubt = await pairDoubts({
      ...{ runtime, width, seed, names: pairs },
      ...{ before: joined(before), after: joined(after) },
    })
    return doubt?.wrong
  } finally {
    await tower.dispose()
  }
}

async function embed(tower: Tower, pairs: PairFeatures, width: number, signal: AbortSignal): Promise<FrozenPairs> {
  const count = pairs.ids.length
  const [videos, texts] = [new Float32Array(count * width), new Float32Array(count * width)]
  for (let start = 0; start < count; start += rowsAtOnce) {
    signal.throwIfAborted()
    const end = Math.min(count, start + rowsAtOnce)
    const rows = Array.from({ length: end - start }, (_, i) => start + i)
    const slice = (values: Float32Array): Float32Array =>
      values.subarray((start * values.length) / count, (end * values.length) / count)
    const { texts: features, textSide } = pairs.textsOf?.(rows) ?? {
      texts: slice(pairs.texts),
      textSide:
        pairs.textSide &&
        Object.fromEntries(Object.entries(pairs.textSide).map(([name, values]) => [name, slice(values)])),
    }
    const frames = pairs.framesOf?.(rows) ?? slice(pairs.frames)
    videos.set(await tower.videos(frames, slice(pairs.mask), rows.length), start * width)
    texts.set(await tower.texts(features, pairs.strings.slice(start, end), textSide), start * width)
  }
  return { videos, texts }
}

function joined(parts: readonly FrozenPairs[]): FrozenPairs {
  const join = (rows: readonly Float32Array[]): Float32Array => {
    const out = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of rows) {
      out.set(part, at)
      at += part.length
    }
    return out
  }
  return { videos: join(parts.map(({ videos }) => videos)), texts: join(parts.map(({ texts }) => texts)) }
}

/**
 * What the texts of a run are below the trained blocks of the encoder of texts, in memory and in half precision, each text once.
 *
 * [Note: Texts in memory] A text of CLIP is 77 x 512 numbers at the cut, 79 kB in half precision, and a description is shared by
 * all shots of its video: a thousand descriptions are 79 MB, where the frames of their shots are many times that. Encoding
 * one is about 6 GFLOP, a minute or two a thousand on two cores, so they are not worth files that have to be kept, bounded
 * and removed. They are part of the memory that a run is refused for.
 */
import { assert, decodeHalvesInto, encodeHalves, sizeOf } from '../../../base/index.ts'
import type { CallContext } from '../../../contract/index.ts'
import type { TextRows } from '../../../training/index.ts'
import { refuseBeyondHalves } from './half-precision.ts'
import type { CutTexts } from '../../shared/ports.ts'
import { createProgressMeter } from '../../shared/progress-meter.ts'

export type TextActivationStore = {
  /** Rows of these texts, which must be among those that were encoded. */
  rows(texts: readonly string[]): TextRows
}

/** Texts encoded at a time: what they are in full precision is held only so long. */
const atOnce = 64

/** Bytes of one text in the store, and of one that is decoded. */
export function bytesOfText({ dim, model }: Pick<CutTexts, 'dim' | 'model'>): { stored: number; decoded: number } {
  const side = Object.values(model.sideInputs).reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0)
  return { stored: 2 * dim + side, decoded: 4 * dim + side }
}

/** @throws AppError `encoder.invalid` for numbers that half precision cannot hold; the abort reason */
export async function encodeBelow(
  cut: CutTexts,
  texts: readonly string[],
  { signal, onEvent, now }: Pick<CallContext, 'signal' | 'onEvent'> & { readonly now: () => number },
): Promise<TextActivationStore> {
  const unique = [...new Set(texts)]
  const sides = Object.entries(cut.model.sideInputs).map(([name, { shape }]) => ({ name, size: sizeOf(shape) }))
  const kept = new Map<string, { readonly halves: Uint8Array; readonly side: readonly Float32Array[] }>()
  const { stored } = bytesOfText(cut)
  onEvent({
    kind: 'note',
    message:
      `Keeping what ${unique.length} texts are below the blocks in memory until the run is finished: ` +
      `${Math.max(1, Math.round((unique.length * stored) / 1e6))} MB.`,
  })
  const meter = createProgressMeter({ stage: 'reading texts', unit: 'texts', total: unique.length, now }, onEvent)
  for (let start = 0; start < unique.length; start += atOnce) {
    signal.throwIfAborted()
    const some = unique.slice(start, start + atOnce)
    const { activations, side } = await cut.encodeTexts(some, { signal })
    refuseBeyondHalves(activations)
    for (const [row, text] of some.entries()) {
      kept.set(text, {
        halves: encodeHalves(activations.subarray(row * cut.dim, (row + 1) * cut.dim)),
        side: sides.map(({ name, size }) => side[name]!.slice(row * size, (row + 1) * size)),
      })
    }
    meter.add(some.length)
  }
  return {
    rows(wanted) {
      const rows = new Float32Array(wanted.length * cut.dim)
      const side = sides.map(({ size }) => new Float32Array(wanted.length * size))
      for (const [row, text] of wanted.entries()) {
        const found = kept.get(text)
        assert(found !== undefined, `the text "${text}" was not encoded`)
        decodeHalvesInto(found.halves, rows, row * cut.dim)
        sides.forEach(({ size }, i) => side[i]!.set(found.side[i]!, row * size))
      }
      return { texts: rows, textSide: Object.fromEntries(sides.map(({ name }, i) => [name, side[i]!])) }
    },
  }
}

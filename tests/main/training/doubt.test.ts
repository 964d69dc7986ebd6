/** How likely a text is wrong: the mixture on losses that are drawn as they lie in real catalogues, and what wrong pairs are made of. */
import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../../main/base/index.ts'
import { doubtOf, mismatches, pairDoubts, type LossesTwice } from '../../../main/training/doubt.ts'
import { useRuntime } from '../graph/runtime-in-tests.ts'

type Drawn = { readonly losses: LossesTwice; readonly isWrong: readonly boolean[] }

const right = { mean: [-0.3, -0.6], spread: [0.8, 0.7] } as const
const wrong = { mean: [3.2, 2.6], spread: [1.3, 1.4] } as const

function drawn(random: Random, count: number, shareWrong: number): Drawn {
  const isWrong = Array.from({ length: count }, (_, i) => i < shareWrong * count)
  const side = (at: 0 | 1): Float32Array =>
    Float32Array.from(isWrong, (is) => {
      const { mean, spread } = is ? wrong : right
      return mean[at] + spread[at] * random.normal()
    })
  return { losses: { before: side(0), after: side(1) }, isWrong }
}

const seeds = [...Array(10).keys()]

function judged(seed: number, count: number, shareWrong: number, trusted = 20) {
  const random = createRandom(seed)
  const { losses, isWrong } = drawn(random, count, shareWrong)
  const mismatched = drawn(random, count, 1).losses
  const doubt = doubtOf(losses, mismatched, drawn(random, trusted, 0).losses)
  const suspects = [...doubt.wrong].map((value) => value > 0.5)
  const found = suspects.filter((is, i) => is && isWrong[i]).length
  const suspected = suspects.filter(Boolean).length
  return {
    ...{ doubt, share: suspected / count },
    precision: found / Math.max(1, suspected),
    recall: found / Math.max(1, isWrong.filter(Boolean).length),
  }
}

describe('the doubt of a text', () => {
  it.each([100, 300, 1000])('suspects at most 3 in a hundred of %i right texts', (count) => {
    for (const seed of seeds) expect(judged(seed, count, 0).share).toBeLessThanOrEqual(0.03)
  })

  it.each([0.2, 0.4, 0.6])(
    'finds nine of ten wrong texts where a share of %f is wrong, and is right in nine of ten',
    (noise) => {
      for (const seed of seeds) {
        const { precision, recall, doubt } = judged(seed, 300, noise)
        expect(precision).toBeGreaterThan(0.9)
        expect(recall).toBeGreaterThan(0.9)
        expect(Math.abs(doubt.share - noise)).toBeLessThan(0.06)
      }
    },
  )

  it('needs no trusted pairs', () => {
    for (const seed of seeds) expect(judged(seed, 300, 0.4, 0).recall).toBeGreaterThan(0.9)
  })

  it('does not suspect the easiest pairs, which are as far from the middle as wrong ones', () => {
    const random = createRandom(3)
    const { losses } = drawn(random, 200, 0.3)
    const easy = losses.before.map((value, i) => (i >= 190 ? -9 : value))
    const { wrong: doubts } = doubtOf(
      { before: easy, after: easy },
      drawn(random, 200, 1).losses,
      drawn(random, 20, 0).losses,
    )
    expect(Math.max(...doubts.subarray(190))).toBe(0)
  })

  it('stays a number where all pairs are alike', () => {
    const alike = { before: new Float32Array(50), after: new Float32Array(50) }
    expect([...doubtOf(alike, alike, alike).wrong].every((value) => value >= 0 && value <= 1)).toBe(true)
    expect([...doubtOf(alike, drawn(createRandom(1), 50, 1).losses, alike).wrong].every((value) => value < 0.5)).toBe(
      true,
    )
  })
})

describe('pairs made wrong', () => {
  const names = {
    concepts: Array.from({ length: 40 }, (_, i) => `video ${i % 10}`),
    strings: Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? `Text ${i % 5}` : ` text ${i % 5} `)),
  }

  it('have a text of another video and other wording', () => {
    const partners = mismatches(names, 1)
    expect(partners.size).toBe(40)
    for (const [clip, text] of partners) {
      expect(names.concepts[text]).not.toBe(names.concepts[clip])
      expect(names.strings[text]!.trim().toLowerCase()).not.toBe(names.strings[clip]!.trim().toLowerCase())
    }
  })

  it('are the same for the same seed and others for another', () => {
    expect(mismatches(names, 1)).toEqual(mismatches(names, 1))
    expect(mismatches(names, 1)).not.toEqual(mismatches(names, 2))
  })

  it('cannot be made where all shots are of one video or all texts are one', () => {
    expect(mismatches({ ...names, concepts: names.concepts.map(() => 'one') }, 1).size).toBe(0)
    expect(mismatches({ ...names, strings: names.strings.map(() => 'one') }, 1).size).toBe(0)
  })
})

describe('the doubts of a catalogue', () => {
  const shared = useRuntime()
  const [width, count, trusted] = [32, 120, 12]

  /** Texts near the clip of their product, but the first share of them near that of another one. */
  function catalogue(shareWrong: number) {
    const random = createRandom(7)
    const unit = (values: number[]): number[] => {
      const length = Math.hypot(...values)
      return values.map((value) => value / length)
    }
    const products = Array.from({ length: 30 }, () => unit(Array.from({ length: width }, () => random.normal())))
    const near = (product: number): number[] => unit(products[product]!.map((value) => value + 0.08 * random.normal()))
    const rows = Array.from({ length: count + trusted }, (_, i) => ({
      clip: i % 30,
      text: i < shareWrong * count ? (i + 11) % 30 : i % 30,
    }))
    const embeddings = {
      videos: Float32Array.from(rows.flatMap(({ clip }) => near(clip))),
      texts: Float32Array.from(rows.flatMap(({ text }) => near(text))),
    }
    const names = {
      concepts: rows.slice(0, count).map(({ clip }) => `video ${clip}`),
      strings: rows.slice(0, count).map(({ text }) => `product ${text}`),
    }
    return { embeddings, names }
  }

  it('are high for texts of another product and low for all others', async () => {
    for (const share of [0, 0.25]) {
      const { embeddings, names } = catalogue(share)
      const found = await pairDoubts({
        ...{ runtime: shared.runtime, before: embeddings, after: embeddings, width, names, seed: 1 },
      })
      const suspects = [...found!.wrong].map((value) => value > 0.5)
      expect(suspects).toEqual(suspects.map((_, i) => i < share * count))
    }
  })

  it('are unknown in a library of one video', async () => {
    const { embeddings, names } = catalogue(0)
    const alone = { ...names, concepts: names.concepts.map(() => 'video') }
    const sources = { runtime: shared.runtime, before: embeddings, after: embeddings, width, names: alone, seed: 1 }
    expect(await pairDoubts(sources)).toBeUndefined()
  })
})

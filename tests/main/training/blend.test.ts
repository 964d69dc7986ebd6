import { describe, expect, it } from 'vitest'
import { float32Data, floatTensor, type TensorMap } from '../../../main/base/index.ts'
import { blend, chooseBlend } from '../../../main/training/index.ts'

const at = (x: number, y: number): TensorMap => ({ w: floatTensor([1, 2], [x, y]), b: floatTensor([], [x - y]) })
const values = (parameters: TensorMap): number[] =>
  Object.values(parameters).flatMap((value) => [...float32Data(value)])

it('a blend lies between start and end, tensor by tensor, and reaches both', () => {
  const [start, end] = [at(1, 2), at(3, -2)]
  expect(values(blend(start, end, 0))).toEqual(values(start))
  expect(values(blend(start, end, 1))).toEqual(values(end))
  expect(values(blend(start, end, 0.25))).toEqual([1.5, 1, 0.5])
})

it('tensors that differ in shape or are missing are a mistake of ours', () => {
  expect(() => blend(at(1, 2), { ...at(1, 2), w: floatTensor([2], [1, 2]) }, 0.5)).toThrow('w differs in shape')
  expect(() => blend(at(1, 2), { b: floatTensor([], [1]) }, 0.5)).toThrow('w differs in shape')
})

describe('the share that is kept', () => {
  const shares = [1, 0.5, 0.75, 0.25]
  /** @param scores of the exemplars at a share */
  const choose = (scores: (share: number) => number[]) =>
    chooseBlend({ start: at(0, 0), end: at(1, 0), shares, score: async ({ w }) => scores(float32Data(w!)[0]!) })

  it('is the best one where all exemplars agree', async () => {
    const kept = await choose((share) => [share, share + 1])
    expect(kept).toMatchObject({ share: 1, score: 1.5 })
    expect(values(kept.parameters)).toEqual(values(at(1, 0)))
    expect(await choose((share) => [-Math.abs(share - 0.7)])).toMatchObject({ share: 0.75 })
  })

  it('is the smallest of equal ones', async () => {
    expect(await choose(() => [3, 4])).toMatchObject({ share: 0.25, score: 3.5 })
  })

  it('is the smallest one that is no worse than chance where they disagree', async () => {
    // 1 against 0.5: mean gain 0.05, of three exemplars two gain and one loses; standard error 0.104.
    // 1 against 0.25: each gains about 1.
    const gains: Record<number, number[]> = {
      0.25: [0, 0, 0.1],
      0.5: [1, 1, 1],
      0.75: [0.9, 0.9, 0.8],
      1: [1.2, 1.1, 0.85],
    }
    expect(await choose((share) => gains[share]!)).toMatchObject({ share: 0.5, score: 1 })
  })

  it('is the larger one when the smaller lies more than half a standard error below it', async () => {
    // Gains 0.2, 0.05 and -0.1: mean 0.05, standard error 0.087.
    const kept = await chooseBlend({
      ...{ start: at(0, 0), end: at(1, 0), shares: [0.5, 1] },
      score: async ({ w }) => (float32Data(w!)[0] === 1 ? [1.2, 1.05, 0.9] : [1, 1, 1]),
    })
    expect(kept.share).toBe(1)
  })
})

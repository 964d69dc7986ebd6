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
  const choose = (lossAt: (share: number) => number): ReturnType<typeof chooseBlend> =>
    chooseBlend({
      ...{ start: at(0, 0), end: at(1, 0), shares },
      lossOf: ({ w }) => Promise.resolve(lossAt(float32Data(w!)[0]!)),
    })

  it('is the one with the smallest loss', async () => {
    const kept = await choose((share) => 2 - share)
    expect(kept).toMatchObject({ share: 1, loss: 1, meanLoss: 2 - 0.625 })
    expect(values(kept.parameters)).toEqual(values(at(1, 0)))
    expect(await choose((share) => Math.abs(share - 0.7))).toMatchObject({ share: 0.75 })
  })

  it('is the smallest of equal ones', async () => {
    expect(await choose(() => 3)).toMatchObject({ share: 0.25, loss: 3 })
  })
})

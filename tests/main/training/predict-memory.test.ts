/** Predicted memory against measured, and what is refused. */
import { describe, expect, it } from 'vitest'
import { floatTensor } from '../../../main/base/index.ts'
import { add, exp, Graph, mul, peakLiveBytes, reduceSum, reshape } from '../../../main/graph/index.ts'
import { checkMemory, type MemoryNeed } from '../../../main/training/predict-memory.ts'
import { measureMemory } from './measure-memory.ts'

describe('values that are alive together', () => {
  const megabyte = 1 << 18 // floats
  it('are a value with its operands, and nothing that is not needed any more', () => {
    const graph = new Graph()
    const x = graph.input('x', 'float32', [megabyte])
    const chain = exp(exp(exp(exp(x)))) // never more than one operand and one result
    expect(peakLiveBytes([chain])).toBe(2 * 4 * megabyte)
    expect(peakLiveBytes([reduceSum(chain)])).toBe(2 * 4 * megabyte)
  })

  it('include what a later node still needs', () => {
    const graph = new Graph()
    const x = graph.input('x', 'float32', [megabyte])
    const kept = exp(x)
    expect(peakLiveBytes([mul(exp(exp(kept)), kept)])).toBe(3 * 4 * megabyte)
  })

  it('do not count views, inputs, constants, and outputs that the caller has memory for', () => {
    const graph = new Graph()
    const x = graph.input('x', 'float32', [megabyte])
    const constant = graph.constant(floatTensor([megabyte], new Float32Array(megabyte)))
    expect(peakLiveBytes([reshape(exp(x), [2, megabyte / 2])])).toBe(4 * megabyte)
    expect(peakLiveBytes([], [add(x, constant)])).toBe(0)
  })
})

describe('a run', () => {
  it.each([
    ['mama', 128, 0],
    ['infonce', 128, 0],
    ['mama', 192, 32],
  ] as const)(
    'of %s with %i pairs a step, in chunks of %i, needs what was predicted, to a factor of 1.5',
    (objective, batchSize, encodeChunk) => {
      const { measured, predicted } = measureMemory({ objective, batchSize, encodeChunk, frames: 8, width: 192 })
      expect(predicted / measured).toBeGreaterThan(1 / 1.5)
      expect(predicted / measured).toBeLessThan(1.5)
    },
    120_000,
  )

  it('is refused with both numbers where it does not fit, and not where it does', () => {
    const need: MemoryNeed = { activationBytes: 1e9, stateBytes: 2e8, totalBytes: 4.84e9 }
    expect(() => checkMemory(need, 6e9, 512)).not.toThrow()
    expect(() => checkMemory(need, 5e9, 512)).toThrow(
      'Training in steps of 512 pairs needs about 4.8 GB of memory, and 5.0 GB are free.',
    )
  })
})

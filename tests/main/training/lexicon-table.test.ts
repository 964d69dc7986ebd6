/**
 * The table of the lexicon against a whole parameter: AdamW over all rows in every step, written plainly in float64. The table
 * computes in float32 and leaves out the epsilon where a row rests; bound 1e-5 of the largest entry.
 */
import { describe, expect, it } from 'vitest'
import { createRandom, float32Data, floatTensor, type TensorMap } from '../../../main/base/index.ts'
import { momentNames } from '../../../main/training/adam.ts'
import {
  createLexiconTable,
  lexiconFactors,
  lexiconName,
  lexiconSums,
  mostRowsAStep,
} from '../../../main/training/lexicon-table.ts'
import { runAdam } from '../../../main/training/plan-steps.ts'

const [size, rows, width, steps] = [9, 4, 3, 60]
const { first, second } = momentNames(lexiconName)
const rateOf = (step: number): number => 1e-2 * Math.min(1, step / 5)

type Dense = { vectors: number[]; first: number[]; second: number[] }

/** One step of AdamW in place, on the rows from `from`. */
function move(state: Dense, gradient: readonly number[], step: number): void {
  const { beta1, beta2, epsilon } = runAdam
  gradient.forEach((g, i) => {
    state.first[i] = beta1 * state.first[i]! + (1 - beta1) * g
    state.second[i] = beta2 * state.second[i]! + (1 - beta2) * g * g
    const deviation = Math.sqrt(state.second[i] / (1 - beta2 ** step)) + epsilon
    state.vectors[i]! -= (rateOf(step) * state.first[i]) / (1 - beta1 ** step) / deviation
  })
}

const zeros = (length: number): Dense => ({
  vectors: new Array<number>(length).fill(0),
  first: new Array<number>(length).fill(0),
  second: new Array<number>(length).fill(0),
})

describe('the table of the lexicon', () => {
  const random = createRandom(7)
  const plan = Array.from({ length: steps }, () => ({
    active: random
      .shuffled([...Array(size - 1).keys()]) // the last row is never active
      .slice(0, 1 + Math.floor(random.uniform() * rows))
      .sort((a, b) => a - b),
    gradient: Array.from({ length: rows * width }, () => random.normal()),
  }))

  function trainTable(until: number, from = 0, start?: TensorMap): TensorMap {
    const table = createLexiconTable({ size, rows, width, adam: runAdam })
    if (start) table.restore(start, from)
    for (let step = from + 1; step <= until; step++) {
      const { active, gradient } = plan[step - 1]!
      const loaded = table.load(active, step)
      table.setRate(step, rateOf(step))
      const state: Dense = {
        vectors: [...float32Data(loaded[lexiconName]!)],
        first: [...float32Data(loaded[first]!)],
        second: [...float32Data(loaded[second]!)],
      }
      move(
        state,
        gradient.map((g, i) => (i < active.length * width ? g : 0)),
        step,
      )
      const tensor = (values: number[]) => floatTensor([rows, width], Float32Array.from(values))
      table.store(active, step, {
        [lexiconName]: tensor(state.vectors),
        [first]: tensor(state.first),
        [second]: tensor(state.second),
      })
    }
    table.settle(until)
    return table.state()
  }

  it('equals a whole parameter, though each step sees a few rows only', () => {
    const dense = zeros(size * width)
    plan.forEach(({ active, gradient }, i) => {
      const whole = new Array<number>(size * width).fill(0)
      active.forEach((row, k) => {
        for (let d = 0; d < width; d++) whole[row * width + d] = gradient[k * width + d]!
      })
      move(dense, whole, i + 1)
    })
    const table = trainTable(steps)
    const largest = Math.max(...dense.vectors.map(Math.abs))
    float32Data(table[lexiconName]!).forEach((value, i) =>
      expect(Math.abs(value - dense.vectors[i]!) / largest).toBeLessThan(1e-5),
    )
    float32Data(table[first]!).forEach((value, i) => expect(value).toBeCloseTo(dense.first[i]!, 5))
  })

  it('leaves a row that no step had at zero', () => {
    expect([...float32Data(trainTable(steps)[lexiconName]!)].slice(-width)).toEqual([0, 0, 0])
  })

  it('goes on from what it was settled at to the same bits', () => {
    const half = trainTable(30)
    // A settled row has another history of rounding than one that was not, so the whole run settles there too.
    const resumed = trainTable(steps, 30, half)
    expect(trainTable(steps, 30, structuredClone(half))).toEqual(resumed)
  })

  it('refuses more rows than a step holds', () => {
    const table = createLexiconTable({ size, rows, width, adam: runAdam })
    expect(() => table.load([0, 1, 2, 3, 4], 1)).toThrow(/a step holds 4 words/)
  })
})

describe('the words of texts', () => {
  const entries = [[1, 3], [], [3]]
  const vectors = Float32Array.from({ length: 4 * 2 }, (_, i) => i)

  it('add up to the sum of their vectors over the root of how many they are', () => {
    const sums = lexiconSums(entries, vectors, 2)
    expect([...sums].map((value) => Number(value.toFixed(4)))).toEqual([5.6569, 7.0711, 0, 0, 6, 7])
  })

  it('are the same as factors of the rows that a step has', () => {
    const factors = lexiconFactors(entries, [1, 3], 3)
    const root = Math.fround(Math.SQRT1_2)
    expect([...factors]).toEqual([root, root, 0, 0, 0, 0, 0, 1, 0])
  })

  it('need at most the rows of the longest texts, and no more than there are', () => {
    expect(mostRowsAStep(entries, 2, 100)).toBe(3)
    expect(mostRowsAStep(entries, 3, 2)).toBe(2)
    expect(mostRowsAStep([[], []], 2, 5)).toBe(1)
  })
})

/**
 * The vectors of the lexicon while they are trained: a table [V, D] with its optimiser's moments, of which a step sees only
 * the rows of its own texts. So a step costs the same whether the lexicon has 500 words or 20,000.
 *
 * [Note: Rows that a step leaves out] AdamW moves a parameter on its momentum also where its gradient is 0, and a rare word
 * owes most of its way to that. A row that k steps left out is therefore moved by what these k steps would have done before
 * it is used again, in closed form: with m <- b1 m and v <- b2 v in each, the sum of their moves is m / sqrt(v) times a number
 * that depends on the steps alone. Only the epsilon under the root is left out, so that the table equals a whole parameter
 * to rounding.
 */
import { assert, float32Data, floatTensor, type TensorMap } from '../base/index.ts'
import { momentNames, type AdamConfig } from './adam.ts'

/** Parameter of the tower: a table of vectors [V, D] in a version, the rows of one step [K, D] in a step. */
export const lexiconName = 'text.lexicon'

const moments = momentNames(lexiconName)

/** Names of the resident tensors that the table fills for each step. */
export const lexiconStateNames: readonly string[] = [lexiconName, moments.first, moments.second]

/** After so many steps without a gradient the momentum is below a hundred-thousandth of a step. */
const mostPendingSteps = 120

export type LexiconTable = {
  /**
   * The tensors of the rows `active` (ascending) as they are before step `step`, filled up with zeros to `rows` rows.
   * @param step from 1
   */
  load(active: readonly number[], step: number): TensorMap
  /** What step `step` made of the same rows. */
  store(active: readonly number[], step: number, tensors: TensorMap): void
  /** The learning rate of a step, told before the next one is loaded. */
  setRate(step: number, rate: number): void
  /** Brings every row up to the end of step `step`. */
  settle(step: number): void
  /** All three tensors [V, D], as they are after `settle`. */
  state(): TensorMap
  /** @param step that the tensors were settled at */
  restore(tensors: TensorMap, step: number): void
}

/** @param options.rows K, that a step can hold @param options.size V @param options.width D */
export function createLexiconTable(options: {
  readonly size: number
  readonly rows: number
  readonly width: number
  readonly adam: AdamConfig
}): LexiconTable {
  const { size, rows, width, adam } = options
  const { beta1, beta2 } = adam
  const vectors = new Float32Array(size * width)
  const first = new Float32Array(size * width)
  const second = new Float32Array(size * width)
  const doneAt = new Int32Array(size)
  const rates = new Map<number, number>()

  /** What a row with momentum has been moved by, over sqrt(v) / m, from `from` (exclusive) to `to` (inclusive). */
  function pendingMove(from: number, to: number): number {
    let sum = 0
    for (let step = from + 1; step <= Math.min(to, from + mostPendingSteps); step++) {
      const k = step - from
      const scale = ((rates.get(step) ?? 0) * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step)
      sum += scale * (beta1 / Math.sqrt(beta2)) ** k
    }
    return sum
  }

  /** @param moveOf of (from, to): one number for all rows that were last moved in the same step */
  function catchUp(row: number, to: number, moveOf: (from: number) => number): void {
    const from = doneAt[row]!
    if (from >= to) return
    doneAt[row] = to
    const steps = to - from
    const move = moveOf(from)
    const [keep1, keep2] = [beta1 ** steps, beta2 ** steps]
    for (let i = row * width; i < (row + 1) * width; i++) {
      const v = second[i]!
      if (v > 0) vectors[i]! -= (move * first[i]!) / Math.sqrt(v)
      first[i]! *= keep1
      second[i]! *= keep2
    }
  }

  function remembered(to: number): (from: number) => number {
    const moves = new Map<number, number>()
    return (from) => {
      let move = moves.get(from)
      if (move === undefined) moves.set(from, (move = pendingMove(from, to)))
      return move
    }
  }

  const tables = [
    [lexiconName, vectors],
    [moments.first, first],
    [moments.second, second],
  ] as const

  return {
    load(active, step) {
      assert(active.length <= rows, `a step holds ${rows} words, got ${active.length}`)
      const moveOf = remembered(step - 1)
      for (const row of active) catchUp(row, step - 1, moveOf)
      return Object.fromEntries(
        tables.map(([name, table]) => {
          const data = new Float32Array(rows * width)
          active.forEach((row, i) => data.set(table.subarray(row * width, (row + 1) * width), i * width))
          return [name, floatTensor([rows, width], data)]
        }),
      )
    },
    store(active, step, tensors) {
      for (const [name, table] of tables) {
        const data = float32Data(tensors[name]!)
        active.forEach((row, i) => table.set(data.subarray(i * width, (i + 1) * width), row * width))
      }
      for (const row of active) doneAt[row] = step
    },
    setRate(step, rate) {
      rates.set(step, rate)
      rates.delete(step - mostPendingSteps - 1)
    },
    settle(step) {
      const moveOf = remembered(step)
      for (let row = 0; row < size; row++) catchUp(row, step, moveOf)
    },
    state: () => Object.fromEntries(tables.map(([name, table]) => [name, floatTensor([size, width], table.slice())])),
    restore(tensors, step) {
      for (const [name, table] of tables) table.set(float32Data(tensors[name]!))
      doneAt.fill(step)
    },
  }
}

/**
 * Sum of the vectors of each text's entries, over the root of how many there are: [N, D].
 * @param vectors [V, D]
 */
export function lexiconSums(
  entries: readonly (readonly number[])[],
  vectors: Float32Array,
  width: number,
): Float32Array {
  const out = new Float32Array(entries.length * width)
  entries.forEach((rows, n) => {
    const factor = 1 / Math.sqrt(Math.max(1, rows.length))
    for (const row of rows) for (let d = 0; d < width; d++) out[n * width + d]! += factor * vectors[row * width + d]!
  })
  return out
}

/**
 * The same as a product, for a step: [N, K] such that its product with the rows `active` is the sum.
 * @param active ascending, all that the entries name
 */
export function lexiconFactors(
  entries: readonly (readonly number[])[],
  active: readonly number[],
  rows: number,
): Float32Array {
  const columnOf = new Map(active.map((row, column) => [row, column]))
  const out = new Float32Array(entries.length * rows)
  entries.forEach((own, n) => {
    const factor = 1 / Math.sqrt(Math.max(1, own.length))
    for (const row of own) out[n * rows + columnOf.get(row)!] = factor
  })
  return out
}

/** Rows that any step needs at most: the longest texts of a batch and of a meta batch, all words different. */
export function mostRowsAStep(entries: readonly (readonly number[])[], texts: number, size: number): number {
  const lengths = entries.map((own) => own.length).sort((a, b) => b - a)
  const most = lengths.slice(0, texts).reduce((sum, length) => sum + length, 0)
  return Math.max(1, Math.min(size, most))
}

/** The keeping term against a plain computation in float64, its gradient against finite differences, and what it does in a run. */
import { describe, expect, it } from 'vitest'
import { createRandom, float32Data, floatTensor } from '../../../main/base/index.ts'
import { Graph, gradients, toModel } from '../../../main/graph/index.ts'
import { keepingLoss } from '../../../main/training/keeping-loss.ts'
import { runOnce, useRuntime } from '../graph/runtime-in-tests.ts'

const [size, width] = [5, 4]
const shared = useRuntime()
const random = createRandom(11)

function unitRows(): number[][] {
  return Array.from({ length: size }, () => {
    const row = Array.from({ length: width }, () => random.normal())
    return row.map((value) => value / Math.hypot(...row))
  })
}

function plain(
  before: { t: number[][]; v: number[][] },
  t: number[][],
  v: number[][],
  known: readonly number[],
): number {
  const softmax = (row: number[]): number[] => {
    const sum = row.reduce((total, x) => total + Math.exp(x), 0)
    return row.map((x) => Math.exp(x) / sum)
  }
  const ranking = (texts: number[][], videos: number[][]): number[][] =>
    texts.map((text) => softmax(videos.map((video) => 20 * text.reduce((sum, x, d) => sum + x * video[d]!, 0))))
  const [p, q] = [ranking(before.t, before.v), ranking(t, v)]
  const divergence = p.map((row, i) => row.reduce((sum, x, j) => sum + x * Math.log(x / q[i]![j]!), 0))
  const total = known.reduce((sum, x) => sum + x, 0)
  return divergence.reduce((sum, x, i) => sum + known[i]! * x, 0) / Math.max(total, 1)
}

async function compute(
  before: { t: number[][]; v: number[][] },
  t: number[][],
  v: number[][],
  known: readonly number[],
) {
  const graph = new Graph()
  const input = (name: string, shape: number[]) => graph.input(name, 'float32', shape)
  const [text, video] = [input('text', [size, width]), input('video', [size, width])]
  const frozen = { text: input('t', [size, width]), video: input('v', [size, width]), known: input('known', [size]) }
  const loss = keepingLoss(frozen, video, text)
  const [dText, dVideo] = gradients(loss, [text, video])
  const rows = (values: number[][]) => floatTensor([size, width], Float32Array.from(values.flat()))
  const feeds = { text: rows(t), video: rows(v), t: rows(before.t), v: rows(before.v) }
  const model = toModel({ loss, dText: dText!, dVideo: dVideo! })
  return runOnce(
    shared.runtime,
    model,
    { ...feeds, known: floatTensor([size], Float32Array.from(known)) },
    { label: 'k' },
  )
}

describe('the keeping term', () => {
  const before = { t: unitRows(), v: unitRows() }
  const after = { t: unitRows(), v: unitRows() }
  const known = [1, 0, 1, 0.5, 1]

  it('is the mean divergence of the known texts', async () => {
    const { loss } = await compute(before, after.t, after.v, known)
    expect(float32Data(loss!)[0]).toBeCloseTo(plain(before, after.t, after.v, known), 3)
  })

  it('is 0 with gradient 0 before training, and where no text is known', async () => {
    for (const out of [
      await compute(before, before.t, before.v, known),
      await compute(before, after.t, after.v, [0, 0, 0, 0, 0]),
    ]) {
      expect(float32Data(out['loss']!)[0]).toBeCloseTo(0, 5)
      for (const value of float32Data(out['dText']!)) expect(value).toBeCloseTo(0, 4)
    }
  })

  it('has the gradient of finite differences', async () => {
    const { dText, dVideo } = await compute(before, after.t, after.v, known)
    const differences = (of: 't' | 'v'): number[] =>
      after[of].flatMap((row, i) =>
        row.map((_, d) => {
          const at = (step: number): number => {
            const moved = structuredClone(after)
            moved[of][i]![d]! += step
            return plain(before, moved.t, moved.v, known)
          }
          return (at(1e-5) - at(-1e-5)) / 2e-5
        }),
      )
    const close = (actual: Float32Array, expected: number[]): void =>
      actual.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-3))
    close(float32Data(dText!), differences('t'))
    close(float32Data(dVideo!), differences('v'))
  })
})

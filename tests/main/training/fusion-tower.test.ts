/** The fusion tower: its gradients against finite differences, what it is before training, and its step of second order. */
import { describe, expect, it } from 'vitest'
import { createRandom, float32Data, floatTensor, sizeOf, type TensorMap } from '../../../main/base/index.ts'
import { Graph, gradients, mul, reduceSum, toModel, type Value } from '../../../main/graph/index.ts'
import { adamFeeds, defaultAdam } from '../../../main/training/adam.ts'
import { fusionTower, type FusionConfig } from '../../../main/training/fusion-tower.ts'
import { buildStep, momentShapes } from '../../../main/training/mama-step.ts'
import { initialWeightNet } from '../../../main/training/sample-weights.ts'
import { runOnce, useRuntime } from '../graph/runtime-in-tests.ts'

const shared = useRuntime()
const config: FusionConfig = {
  ...{ width: 8, frames: 3, tokens: 4, blocks: 2, heads: 2, hidden: 6 },
  nearness: { mean: 0.1, deviation: 0.5 },
}
const size = 3
const random = createRandom(5)

function unitRows(count: number, width: number): Float32Array {
  const rows = Float32Array.from({ length: count * width }, () => random.normal())
  for (let row = 0; row < count; row++) {
    const part = rows.subarray(row * width, (row + 1) * width)
    const length = Math.hypot(...part)
    part.forEach((value, i) => (part[i] = value / length))
  }
  return rows
}

const answers = floatTensor([4, 8], Float32Array.from([...unitRows(3, 8), ...new Float32Array(8)]))
const tower = fusionTower(config, answers)

function batch(): TensorMap {
  return {
    frames: floatTensor([size, 3, 8], unitRows(size * 3, 8)),
    mask: floatTensor([size, 3], [1, 1, 0, 1, 1, 1, 1, 0, 0]),
    tokens: floatTensor([size, 4, 8], unitRows(size * 4, 8)),
    tokenMask: floatTensor([size, 4], [1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 1]),
    thing: floatTensor([size, 8], unitRows(size, 8).fill(0, 8, 16)),
    hasThing: floatTensor([size, 1], [1, 0, 1]),
    answer: floatTensor([size, 4], [1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]),
  }
}

/** No part is zero, so that every parameter has a gradient. */
function someParameters(): TensorMap {
  return Object.fromEntries(
    Object.entries(tower.parameterShapes).map(([name, shape]) => [
      name,
      floatTensor(
        shape,
        Float32Array.from({ length: sizeOf(shape) }, () => (name.endsWith('gain') ? 1 : 0) + 0.3 * random.normal()),
      ),
    ]),
  )
}

function graphOf(p: TensorMap, feeds: TensorMap) {
  const graph = new Graph()
  const inputs = (of: TensorMap): Record<string, Value> =>
    Object.fromEntries(Object.entries(of).map(([name, { shape }]) => [name, graph.input(name, 'float32', shape)]))
  return { parameters: inputs(p), batch: inputs(feeds) }
}

describe('the fusion tower', () => {
  it('has the gradients that finite differences give', async () => {
    const [p, feeds] = [someParameters(), batch()]
    const { parameters, batch: values } = graphOf(p, feeds)
    const loss = reduceSum(mul(tower.losses(parameters, values), 1))
    const names = Object.keys(p)
    const slopes = gradients(
      loss,
      names.map((name) => parameters[name]!),
    )
    const model = toModel({ loss, ...Object.fromEntries(names.map((name, i) => [`d.${name}`, slopes[i]!])) })
    const lossModel = toModel({ loss })
    const exact = await runOnce(shared.runtime, model, { ...p, ...feeds }, { label: 'fusion' })
    const lossAt = async (moved: TensorMap): Promise<number> =>
      float32Data((await runOnce(shared.runtime, lossModel, { ...moved, ...feeds }, { label: 'fusion' }))['loss']!)[0]!
    const step = 1e-2
    for (const name of names) {
      // Along one direction for each parameter: a number in float32 is known to 1e-6 of the loss, so to 1e-3 of the slope.
      const direction = Float32Array.from({ length: sizeOf(p[name]!.shape) }, () => random.normal())
      const length = Math.hypot(...direction)
      const moved = (sign: number): TensorMap => ({
        ...p,
        [name]: floatTensor(
          p[name]!.shape,
          float32Data(p[name]!).map((value, i) => value + (sign * step * direction[i]!) / length),
        ),
      })
      const measured = ((await lossAt(moved(1))) - (await lossAt(moved(-1)))) / (2 * step)
      const told = float32Data(exact[`d.${name}`]!).reduce((sum, value, i) => sum + value * direction[i]!, 0) / length
      expect(Math.abs(told - measured), name).toBeLessThan(2e-2 * Math.max(0.5, Math.abs(measured)))
    }
  })

  it('is the dual encoder before training: the answer that is most like the clip', async () => {
    const p = tower.initialParameters(createRandom(1))
    const feeds = batch()
    const { parameters, batch: values } = graphOf(p, feeds)
    const model = toModel({ logits: tower.logits(parameters, values) })
    const inputs = { ...p, ...feeds }
    const { logits } = await runOnce(shared.runtime, model, inputs, { label: 'fusion' })
    // The second question names nothing: its frames count alike.
    const frames = float32Data(feeds['frames']!).subarray(24, 48)
    const sum = Float32Array.from({ length: 8 }, (_, i) => frames[i]! + frames[8 + i]! + frames[16 + i]!)
    const length = Math.hypot(...sum)
    for (let answer = 0; answer < 4; answer++) {
      const own = float32Data(answers).subarray(answer * 8, (answer + 1) * 8)
      const cosine = own.reduce((total, value, i) => total + (value * sum[i]!) / length, 0)
      expect(float32Data(logits!)[4 + answer]!).toBeCloseTo(20 * cosine, 3)
    }
  })

  it('does not see frames and tokens that are not there', async () => {
    const [p, feeds] = [someParameters(), batch()]
    const { parameters, batch: values } = graphOf(p, feeds)
    const model = toModel({ logits: tower.logits(parameters, values) })
    const before = await runOnce(shared.runtime, model, { ...p, ...feeds }, { label: 'fusion' })
    const frames = float32Data(feeds['frames']!).slice()
    frames.set(unitRows(1, 8), 16) // the third frame of the first clip
    const tokens = float32Data(feeds['tokens']!).slice()
    tokens.set(unitRows(1, 8), 24) // the fourth token of the first question
    const other = { frames: floatTensor([size, 3, 8], frames), tokens: floatTensor([size, 4, 8], tokens) }
    const after = await runOnce(shared.runtime, model, { ...p, ...feeds, ...other }, { label: 'fusion' })
    const difference = float32Data(before['logits']!).map((value, i) =>
      Math.abs(value - float32Data(after['logits']!)[i]!),
    )
    expect(Math.max(...difference)).toBeLessThan(1e-4)
  })

  it('learns weights by the exact hypergradient: forward and through the look-ahead it is the same', async () => {
    const p = someParameters()
    const [train, meta] = [batch(), batch()]
    const phi = initialWeightNet(5, createRandom(3), 2)
    // Output weights of zero would hide all but the last layer.
    const moved = { ...phi, W2: floatTensor([1, 5], [0.3, -0.2, 0.5, 0.1, -0.4]) }
    const run = async (hypergradient: 'forward' | 'reverse'): Promise<TensorMap> => {
      const step = buildStep(tower, {
        ...{ batchSize: size, metaBatchSize: size, weights: true, marginMode: 'hinge', attachedWeights: false },
        ...{ weightNetHidden: 5, signals: 2, shiftsLosses: true, fixedLogitScale: 1, maxLogitScale: 1, clipNorm: 1 },
        ...{ parameterAdam: defaultAdam, weightNetAdam: defaultAdam, hypergradient, trace: true },
      })
      const prefixed = (of: TensorMap, prefix: string): TensorMap =>
        Object.fromEntries(Object.entries(of).map(([name, value]) => [prefix + name, value]))
      const zeros = Object.fromEntries(
        Object.entries(momentShapes(step)).map(([name, shape]) => [
          name,
          floatTensor(shape, new Float32Array(sizeOf(shape))),
        ]),
      )
      const scalars = {
        lookAheadRate: 0.1,
        ...adamFeeds('theta', defaultAdam, 1e-3, 1),
        ...adamFeeds('phi', defaultAdam, 1e-3, 1),
      }
      return runOnce(
        shared.runtime,
        step.model,
        {
          ...{ ...p, ...prefixed(moved, 'phi.'), ...zeros, ...prefixed(train, 'train.'), ...prefixed(meta, 'meta.') },
          'train.lossShift': floatTensor([size], [0.5, 1, 2]),
          'train.signals': floatTensor([size, 2], [1, -1, 0.5, 0, -0.5, 2]),
          ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, floatTensor([], [value])])),
        },
        { label: 'fusion step' },
      )
    }
    const [forward, reverse] = [await run('forward'), await run('reverse')]
    for (const name of ['W1', 'b1', 'W2', 'b2']) {
      const [a, b] = [float32Data(forward[`g_phi.${name}`]!), float32Data(reverse[`g_phi.${name}`]!)]
      const largest = Math.max(1e-4, ...b.map(Math.abs))
      a.forEach((value, i) => expect(Math.abs(value - b[i]!), name).toBeLessThan(1e-3 * largest))
    }
    expect(float32Data(forward['weights']!).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5)
  })
})

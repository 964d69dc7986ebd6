/** A whole run over the last block of an encoder that an optimiser has fused, and the encoder that is written from it. */
import { expect, it } from 'vitest'
import { createRandom, float32Data, type Tensor, type TensorMap } from '../../../main/base/index.ts'
import { Graph, splitModel, toModel } from '../../../main/graph/index.ts'
import {
  defaultTrainingConfig,
  mergedEncoder,
  trainTowers,
  type PairSet,
  type TrainedPart,
} from '../../../main/training/index.ts'
import { feedsFor, fixturePath, readFixture } from '../graph/import/fixtures.ts'
import { runOnce, useRuntime } from '../graph/runtime-in-tests.ts'

const shared = useRuntime()
const [frames, width, count] = [2, 16, 10]
const { bytes, model, inputs, output } = readFixture(fixturePath('clip-optimized/onnx/vision_model'), 77)
const vision: TrainedPart = { model: splitModel(model, { inputs, output, blocks: 1 }), adaptation: { kind: 'all' } }

const run = async (source: Uint8Array, feeds: TensorMap, name: string): Promise<Tensor> =>
  (await runOnce(shared.runtime, source, feeds, { label: name }))[name]!

async function pairSet(seed: number): Promise<PairSet> {
  const random = createRandom(seed)
  const activations = await run(vision.model.lower(bytes), feedsFor(inputs, count * frames, seed), 'activations')
  const texts = Float32Array.from({ length: count * width }, () => random.normal() / Math.sqrt(width))
  return { count, frames: float32Data(activations), mask: new Float32Array(count * frames).fill(1), texts }
}

/** What the trained weights make of activations, [N, D]. */
function upper(activations: Tensor, weights: TensorMap): Promise<Tensor> {
  const graph = new Graph()
  const input = graph.input('activations', 'float32', activations.shape)
  const embedding = vision.model.upper(graph, input, {}, {
    weight: ({ name }) => graph.constant(weights[`encoder.vision/${name}`]!),
  }) // prettier-ignore
  return run(toModel({ embedding }), { activations }, 'embedding')
}

it('lowers the loss, and the written encoder gives what was trained, though gains are shared across the cut', async () => {
  const losses: number[] = []
  const { last } = await trainTowers({
    ...{ runtime: shared.runtime, vision, pairs: await pairSet(1), metaSet: await pairSet(2) },
    tower: { width, frames, blocks: 1, heads: 2, mlpRatio: 2, textHidden: 16, masked: true },
    config: {
      ...defaultTrainingConfig,
      ...{ epochs: 6, batchSize: 5, metaBatchSize: 4, learningRate: 5e-3, weightNetHidden: 8 },
    },
    onEpoch: ({ meanLoss }) => losses.push(meanLoss),
  })
  expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!)

  const pictures = feedsFor(inputs, 3, 5)
  const activations = await run(vision.model.lower(bytes), pictures, 'activations')
  const expected = float32Data(await upper(activations, last))
  const written = float32Data(await run(mergedEncoder('vision', vision, last, bytes), pictures, output))
  const before = float32Data(await run(bytes, pictures, output))
  const furthest = (a: Float32Array, b: Float32Array): number =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))
  expect(furthest(written, expected)).toBeLessThan(1e-5)
  expect(furthest(written, before)).toBeGreaterThan(1e-2)
})

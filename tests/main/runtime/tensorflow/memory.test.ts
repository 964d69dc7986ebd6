/** TensorFlow.js does not collect its tensors: what a session makes, it has to free. */
import { expect, it } from 'vitest'
import { floatTensor, type TensorMap } from '../../../../main/base/index.ts'
import { add, Graph, matMul, mul, softmax, toModel } from '../../../../main/graph/index.ts'
import { createTensorFlowEngine } from '../../../../main/runtime/tensorflow/engine.ts'

/** y = softmax(x W), with W replaced by W + 0.1 W in every run. */
function model(): Uint8Array {
  const graph = new Graph()
  const [x, w] = [graph.input('x', 'float32', [2, 3]), graph.input('w', 'float32', [3, 3])]
  return toModel({ y: softmax(matMul(x, w)), 'next.w': add(w, mul(w, 0.1)) })
}

const feeds = (): TensorMap => ({ x: floatTensor([2, 3], [1, 2, 3, 4, 5, 6]) })

it.each(['javascript', 'wasm'] as const)(
  'holds as much after the tenth run as after the first: %s',
  async (backend) => {
    const engine = await createTensorFlowEngine(backend)
    const held = (): number => engine.tf.memory().numTensors
    const before = held()
    const session = await engine.open(model(), { label: 'memory', state: { w: 'next.w' } })
    await session.write({ w: floatTensor([3, 3], new Float32Array(9).fill(0.1)) })
    await session.run(feeds())
    const afterOne = held()
    expect(afterOne).toBeGreaterThan(before)
    for (let i = 0; i < 9; i++) await session.run(feeds())
    expect(held()).toBe(afterOne)

    await expect(session.run({})).rejects.toThrow('"x" has no value')
    await expect(session.run({ x: floatTensor([3, 2], new Float32Array(6)) })).rejects.toThrow('[3,2]')
    await session.write({ w: floatTensor([3, 3], new Float32Array(9)) })
    expect(held()).toBe(afterOne)

    await session.release()
    expect(held()).toBe(before)
  },
)

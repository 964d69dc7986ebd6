/** The branches of an `If` whose condition is known while importing. */
import { expect, it } from 'vitest'
import { floatTensor, intTensor, tensor, type Tensor, type TensorMap } from '../../../../main/base/index.ts'
import { Graph, importPart, openModel, replaceWeights, toModel, type Value } from '../../../../main/graph/index.ts'
import { runOnce, useRuntime } from '../runtime-in-tests.ts'
import { modelOfNodes, type GraphModel, type GraphOfNodes, type ModelNode } from './graph-model.ts'

const shared = useRuntime()
const step = (operator: string, inputs: readonly string[], output: string): ModelNode => ({
  ...{ operator, name: output, inputs, outputs: [output] },
})
const choice = (condition: string, output: string, yes: GraphOfNodes, no: GraphOfNodes): ModelNode => ({
  ...{ operator: 'If', name: output, inputs: [condition], outputs: [output] },
  attributes: { then_branch: yes, else_branch: no },
})
const numbers = ({ data }: Tensor): number[] => Array.from(data as Float32Array)
const yes = tensor('bool', [], Uint8Array.of(1))
const vector = (...values: number[]): Tensor => floatTensor([values.length], values)

/** What the import computes for x [2, ...], and the names of the weights that it took. */
async function imported(
  bytes: Uint8Array,
  x: Tensor,
  weight?: (name: string, graph: Graph) => Value | undefined,
): Promise<{ y: number[]; weights: string[] }> {
  const graph = new Graph()
  const { outputs, weights } = importPart(graph, openModel(bytes), {
    inputs: { x: graph.input('x', 'float32', x.shape) },
    outputs: ['y'],
    weight: ({ name }, target) => weight?.(name, target),
  })
  const { y } = await runOnce(shared.runtime, toModel(outputs), { x }, { label: 'imported' })
  return { y: numbers(y!), weights: weights.map(({ name }) => name) }
}

const original = async (bytes: Uint8Array, feeds: TensorMap): Promise<number[]> =>
  numbers((await runOnce(shared.runtime, bytes, feeds, { label: 'original' }))['y']!)

const input: GraphModel['inputs'] = { x: { dtype: 'float32', shape: ['rows', 'width'] } }

it('are chosen anew for each shape that a condition asks for', async () => {
  const bytes = modelOfNodes({
    ...{ inputs: input, opset: 17, outputs: ['y'], tensors: { one: intTensor([], [1]), three: intTensor([], [3]) } },
    nodes: [
      step('Shape', ['x'], 'shape'),
      step('Gather', ['shape', 'one'], 'width of x'),
      step('Equal', ['width of x', 'three'], 'is wide'),
      choice(
        'is wide',
        'y',
        { nodes: [step('Neg', ['x'], 'result')], outputs: ['result'] },
        { nodes: [step('Exp', ['x'], 'result')], outputs: ['result'] },
      ),
    ],
  })
  for (const width of [2, 3]) {
    const x = floatTensor([1, width], new Float32Array(width).fill(0.5))
    const { y } = await imported(bytes, x)
    y.forEach((value) => expect(value).toBeCloseTo(width === 3 ? -0.5 : Math.exp(0.5), 6))
    const expected = await original(bytes, { x })
    y.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6))
  }
})

it('are read though the other one holds what cannot be imported', async () => {
  const bytes = modelOfNodes({
    ...{ inputs: input, opset: 17, outputs: ['y'], tensors: { yes } },
    nodes: [
      step('Neg', ['x'], 'used outside only by a branch'),
      choice(
        'yes',
        'y',
        { nodes: [step('Neg', ['used outside only by a branch'], 'result')], outputs: ['result'] },
        { nodes: [step('NonZero', ['x'], 'places'), step('Cast', ['places'], 'result')], outputs: ['result'] },
      ),
    ],
  })
  expect((await imported(bytes, floatTensor([1, 2], [3, 4]))).y).toEqual([3, 4])
})

it('may call a value of their own as one around them is called', async () => {
  const bytes = modelOfNodes({
    ...{ inputs: input, opset: 17, outputs: ['y'], tensors: { yes, w: vector(2, 3) } },
    nodes: [
      step('Mul', ['x', 'w'], 'a'),
      choice(
        'yes',
        'b',
        { nodes: [step('Exp', ['x'], 'c'), step('Mul', ['c', 'w'], 'a')], tensors: { w: vector(10, 100) }, outputs: ['a'] },
        { nodes: [step('Neg', ['a'], 'c')], outputs: ['c'] },
      ),
      step('Add', ['a', 'b'], 'y'),
    ],
  }) // prettier-ignore
  const { y, weights } = await imported(bytes, floatTensor([1, 2], [0, 1]))
  expect(y[0]).toBeCloseTo(10, 5)
  expect(y[1]).toBeCloseTo(3 + 100 * Math.E, 4)
  expect(weights).toEqual(['w']) // the one outside; the branch's own is a constant
})

it('may read weights from around them, which are trained and written back; their own stay as they are', async () => {
  const bytes = modelOfNodes({
    ...{ inputs: input, opset: 17, outputs: ['y'], tensors: { yes, outside: vector(2, 3) } },
    nodes: [
      choice(
        'yes',
        'y',
        {
          nodes: [
            step('Identity', ['outside'], 'same'),
            step('Mul', ['x', 'same'], 'product'),
            step('Add', ['product', 'inside'], 'result'),
          ],
          tensors: { inside: vector(10, 100) },
          outputs: ['result'],
        },
        { nodes: [step('Neg', ['x'], 'result')], outputs: ['result'] },
      ),
    ],
  })
  const x = floatTensor([1, 2], [1, 1])
  const changed = vector(5, 7)
  const { y, weights } = await imported(bytes, x, (name, graph) =>
    name === 'outside' ? graph.constant(changed) : undefined,
  )
  expect(weights).toEqual(['outside'])
  expect(y).toEqual([15, 107])
  expect(await original(replaceWeights(bytes, { outside: changed }), { x })).toEqual(y)
})

/** Weights that are read above and below a cut: what is trained above does not change what lies below. */
import { expect, it } from 'vitest'
import { floatTensor, tensor, type Tensor } from '../../../../main/base/index.ts'
import { openModel, replaceWeights } from '../../../../main/graph/index.ts'
import { runOnce, useRuntime } from '../runtime-in-tests.ts'
import { modelOfNodes, type GraphModel, type ModelNode } from './graph-model.ts'

const shared = useRuntime()
const step = (operator: string, inputs: readonly string[], output: string): ModelNode => ({
  ...{ operator, name: output, inputs, outputs: [output] },
})
const matrix = (...values: number[]): Tensor => floatTensor([2, 2], values)
const row = (...values: number[]): Tensor => floatTensor([1, 2], values)
const input: GraphModel['inputs'] = { x: { dtype: 'float32', shape: ['rows', 2] } }
const modelOf = (nodes: readonly ModelNode[], tensors: Record<string, Tensor>, outputs = ['y']): Uint8Array =>
  modelOfNodes({ ...{ nodes, tensors, outputs, inputs: input, opset: 17 } })

async function outputsOf(bytes: Uint8Array, x: Tensor): Promise<Record<string, number[]>> {
  const results = await runOnce(shared.runtime, bytes, { x }, { label: 'written' })
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data as Float32Array)]))
}

it('a row that both sides multiply by is replaced above, and stays as it was below', async () => {
  const nodes = [step('Mul', ['x', 'w'], 'cut'), step('Mul', ['cut', 'w'], 'y')]
  const written = replaceWeights(modelOf(nodes, { w: row(2, 3) }, ['y', 'cut']), { w: row(10, 100) }, 'cut')
  expect(await outputsOf(written, row(1, 1))).toEqual({ cut: [2, 3], y: [20, 300] })
  // Trained once more, it is a weight of its own.
  expect(openModel(written).tensor('w/above')).toEqual(row(10, 100))
})

it('a matrix that is turned once for both sides is turned twice', async () => {
  const nodes = [
    step('Transpose', ['w'], 'turned'),
    step('MatMul', ['x', 'turned'], 'cut'),
    step('MatMul', ['cut', 'turned'], 'y'),
  ]
  const written = replaceWeights(modelOf(nodes, { w: matrix(0, 1, 2, 0) }), { w: matrix(1, 0, 0, 5) }, 'cut')
  // x [3, 4] -> [4, 6] by the old one -> [4, 30] by the new one
  expect(await outputsOf(written, row(3, 4))).toEqual({ y: [4, 30] })
})

it('a weight that a branch above reads is replaced there too', async () => {
  const branch = (operator: string) => ({ nodes: [step(operator, ['cut', 'w'], 'inner')], outputs: ['inner'] })
  const nodes: ModelNode[] = [
    step('Mul', ['x', 'w'], 'cut'),
    {
      ...{ operator: 'If', inputs: ['yes'], outputs: ['y'] },
      attributes: { then_branch: branch('Add'), else_branch: branch('Sub') },
    },
  ]
  const bytes = modelOf(nodes, { w: row(2, 3), yes: tensor('bool', [], Uint8Array.of(1)) })
  const written = replaceWeights(bytes, { w: row(10, 100) }, 'cut')
  expect(await outputsOf(written, row(1, 1))).toEqual({ y: [12, 103] })
})

it('a gain is replaced in a fused normalisation that the cut lies inside of, and nowhere below', async () => {
  const normalised = (inputs: string[], name: string): ModelNode => ({
    ...{ operator: 'com.microsoft::SkipLayerNormalization', name, inputs: [...inputs, 'gain'] },
    ...{ outputs: [name, '', '', `${name}.sum`], attributes: { epsilon: { float: 1e-12 } } },
  })
  const nodes = [
    step('Identity', ['x'], 'again'),
    normalised(['x', 'again'], 'first'),
    normalised(['first', 'first.sum'], 'second'),
    step('Add', ['second', 'second.sum'], 'y'),
  ]
  const bytes = modelOfNodes({
    ...{ nodes, opset: 17, outputs: ['y'], tensors: { gain: floatTensor([2], [1, 1]) } },
    inputs: { x: { dtype: 'float32', shape: ['batch', 1, 2] } },
  })
  const written = replaceWeights(bytes, { gain: floatTensor([2], [10, 100]) }, 'second.sum')
  const { y } = await outputsOf(written, floatTensor([1, 1, 2], [1, 3]))
  // x + x = [2, 6], normalised [-1, 1]; their sum [1, 7] lies at the cut and is normalised to [-1, 1] too, times the new gain.
  expect(y![0]).toBeCloseTo(-10 + 1, 4)
  expect(y![1]).toBeCloseTo(100 + 7, 4)
})

it('a weight that only one side reads keeps its name', () => {
  const nodes = [step('Mul', ['x', 'a'], 'cut'), step('Mul', ['cut', 'b'], 'y')]
  const written = openModel(replaceWeights(modelOf(nodes, { a: row(2, 3), b: row(4, 5) }), { b: row(6, 7) }, 'cut'))
  expect([written.tensor('a'), written.tensor('b')]).toEqual([row(2, 3), row(6, 7)])
  expect(written.graph.node.map(({ opType }) => opType)).toEqual(['Mul', 'Mul'])
})

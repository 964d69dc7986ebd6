/** What is known while importing is folded to the numbers that the runtime computes for the same node. */
import { describe, expect, it } from 'vitest'
import { intTensor, type Tensor } from '../../../../main/base/index.ts'
import { Graph, importPart, openModel } from '../../../../main/graph/index.ts'
import { runOnce, useRuntime } from '../runtime-in-tests.ts'
import { foldCases } from './fold-cases.ts'
import { nodeModel, type NodeModel } from './node-model.ts'

const shared = useRuntime()

const numbers = ({ data }: Tensor): number[] => Array.from(data as ArrayLike<number | bigint>, Number)

describe('a node of which everything is known', () => {
  it.each(foldCases.map(([operator, inputs, more = {}]) => ({ operator, inputs, more })))(
    'is folded as the runtime computes it: $operator',
    async ({ operator, inputs, more }) => {
      const bytes = nodeModel({ operator, inputs, ...more })
      const names = Array.from({ length: more.outputs ?? 1 }, (_, i) => `y${i}`)
      const { known } = importPart(new Graph(), openModel(bytes), { inputs: {}, outputs: names })
      const expected = await runOnce(shared.runtime, bytes, {}, { label: operator })
      for (const name of names) {
        const folded = known.get(name)
        expect(folded?.dtype).toBe(expected[name]!.dtype)
        expect(folded?.shape).toEqual(expected[name]!.shape)
        // Doubles rounded to single once, against single precision throughout.
        numbers(folded!).forEach((value, i) => expect(value).toBeCloseTo(numbers(expected[name]!)[i]!, 5))
      }
    },
  )

  it('gives the shape of what is fed, so that a reshape by it needs no run', () => {
    const graph = new Graph()
    const x = graph.input('x0', 'float32', [5, 3])
    const { known } = importPart(graph, openModel(nodeModel({ operator: 'Shape', inputs: [[5, 3]] })), {
      ...{ inputs: { x0: x }, outputs: ['y0'] },
    })
    expect(numbers(known.get('y0')!)).toEqual([5, 3])
  })
})

describe('a model that cannot be imported', () => {
  const imported = (node: NodeModel): (() => unknown) => {
    const graph = new Graph()
    const inputs = Object.fromEntries(
      node.inputs.flatMap((input, i) =>
        Array.isArray(input) ? [[`x${i}`, graph.input(`x${i}`, 'float32', input as number[])]] : [],
      ),
    )
    return () => importPart(graph, openModel(nodeModel(node)), { inputs, outputs: ['y0'] })
  }

  const heads = { num_heads: 2 }
  const packed = [[2, 3, 4], [4, 12], [12]]
  const branch = { nodes: [{ operator: 'Neg', inputs: ['x0'], outputs: ['y'] }], outputs: ['y'] }

  it.each<[string, NodeModel, RegExp | string]>([
    [
      'an unknown operator',
      { operator: 'Foo', inputs: [[2]], opset: 15 },
      'the node "the Foo" (Foo, opset 15) is of an operator that cannot be imported for training',
    ],
    [
      'an unknown operator of the runtime',
      { operator: 'com.microsoft::GroupQueryAttention', inputs: [[2]] },
      '(com.microsoft::GroupQueryAttention, opset 1) is of an operator that cannot be imported',
    ],
    [
      'a quantised operator',
      { operator: 'QLinearMatMul', inputs: [[2]] },
      /QLinearMatMul, opset 17\) computes with quantised weights.*take the fp32 export/,
    ],
    [
      'normalisation in training mode',
      { operator: 'BatchNormalization', inputs: [[2, 1], [1], [1], [1], [1]], attributes: { training_mode: 1 } },
      'cannot be imported: it is in training mode',
    ],
    [
      'shapes that do not fit',
      {
        operator: 'MatMul',
        inputs: [
          [2, 3],
          [2, 3],
        ],
      },
      'the node "the MatMul" (MatMul, opset 17) cannot be imported: MatMul: [2,3] x [2,3]',
    ],
    [
      'resizing with a filter before it',
      { operator: 'Resize', inputs: [[4], undefined, intTensor([1], [2])], attributes: { antialias: 1 }, opset: 18 },
      'the node "the Resize" (Resize, opset 18) cannot be imported: it smooths before it makes smaller (antialias)',
    ],
    [
      'resizing of a part',
      {
        operator: 'Resize',
        inputs: [[4], undefined, intTensor([1], [2])],
        attributes: { coordinate_transformation_mode: 'tf_crop_and_resize' },
      },
      'it places pixels by tf_crop_and_resize, which is not supported',
    ],
    [
      'attention that goes on from earlier runs',
      { operator: 'com.microsoft::Attention', inputs: [...packed, undefined, [2, 2, 2, 1, 2]], attributes: heads },
      'the node "the Attention" (com.microsoft::Attention, opset 1) cannot be imported: it goes on from keys and values of earlier runs (past)',
    ],
    [
      'attention whose mask has another size',
      { operator: 'com.microsoft::Attention', inputs: [...packed, [2, 7]], attributes: heads },
      'its mask is [2,7] for 2 rows of 3 queries and 3 keys',
    ],
    [
      'attention whose heads do not fit',
      { operator: 'com.microsoft::Attention', inputs: packed, attributes: { num_heads: 3 } },
      'its 3 heads do not divide 4 channels',
    ],
    [
      'attention with rotary positions',
      { operator: 'com.microsoft::Attention', inputs: packed, attributes: { ...heads, do_rotary: 1 } },
      'it turns queries and keys by their positions (do_rotary)',
    ],
    [
      'attention without keys',
      { operator: 'com.microsoft::MultiHeadAttention', inputs: [[2, 3, 12]], attributes: heads },
      'its keys are missing, and [2,3,12] does not hold queries, keys and values together',
    ],
    [
      'a choice that depends on what is fed',
      { operator: 'If', inputs: [[1]], attributes: { then_branch: branch, else_branch: branch } },
      'the node "the If" (If, opset 17) cannot be imported: its condition depends on what is fed, so which of its graphs counts is not known beforehand',
    ],
    [
      'a loop',
      { operator: 'Loop', inputs: [[1]], attributes: { body: branch } },
      'the node "the Loop" (Loop, opset 17) contains graphs of its own, which cannot be imported for training',
    ],
    [
      'an operator set that is too new',
      { operator: 'Add', inputs: [[2], [2]], opset: 22 },
      'it is written for opset 22; models of opset 13 to 21 can be imported for training, so export it again with one of these',
    ],
  ])('says what and where: %s', (_, node, sentence) => {
    expect(imported(node)).toThrow(sentence)
  })

  it('says so when a shape depends on what is fed', () => {
    const graph = new Graph()
    const inputs = { x0: graph.input('x0', 'float32', [6]), x1: graph.input('x1', 'int64', [2]) }
    const model = openModel(nodeModel({ operator: 'Reshape', inputs: [[6], [2]] }))
    expect(() => importPart(graph, model, { inputs, outputs: ['y0'] })).toThrow(
      'its input 1 depends on what is fed, and shapes must be known beforehand',
    )
  })

  it('names the value that is missing', () => {
    const model = openModel(nodeModel({ operator: 'Add', inputs: [[2], [2]] }))
    const graph = new Graph()
    const inputs = { x0: graph.input('x0', 'float32', [2]) }
    expect(() => importPart(graph, model, { inputs, outputs: ['y0'] })).toThrow('it needs a value for "x1"')
  })
})

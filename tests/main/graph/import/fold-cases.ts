/** Nodes of which everything is known, on which folding is held against the runtime. */
import { floatTensor, intTensor, tensor } from '../../../../main/base/index.ts'
import type { NodeInput, NodeModel } from './node-model.ts'

const ints = (...values: number[]) => intTensor([values.length], values)
const one = (value: number) => intTensor([], [value])
const bools = (...values: number[]) => tensor('bool', [values.length], Uint8Array.from(values))
const matrix = intTensor([2, 3], [4, -1, 7, 0, 2, -5])
const scalar = (value: number) => floatTensor([], [value])
/** A graph that only gives numbers. */
const held = (...values: number[]) => ({ nodes: [], tensors: { numbers: ints(...values) }, outputs: ['numbers'] })

export type FoldCase = readonly [
  operator: string,
  inputs: readonly NodeInput[],
  more?: Omit<NodeModel, 'operator' | 'inputs'>,
]

export const foldCases: readonly FoldCase[] = [
  ...['Add', 'Sub', 'Mul', 'Max', 'Min', 'Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'].map(
    (operator): FoldCase => [operator, [matrix, ints(4, -1, 3)]],
  ),
  ['Div', [ints(7, -7, 9), ints(2, 2, -4)]], // towards 0
  ['Div', [scalar(7), scalar(2)]],
  ['Mod', [ints(7, -7, 7, -7), ints(3, 3, -3, -3)]],
  ['Mod', [ints(7, -7, 7, -7), ints(3, 3, -3, -3)], { attributes: { fmod: 1 } }],
  ['Pow', [ints(2, 3), ints(3, 2)]],
  ['And', [bools(1, 1, 0, 0), bools(1, 0, 1, 0)]],
  ['Or', [bools(1, 1, 0, 0), bools(1, 0, 1, 0)]],
  ['Xor', [bools(1, 1, 0, 0), bools(1, 0, 1, 0)]],
  ['Not', [bools(1, 0)]],
  ['Neg', [matrix]],
  ['Abs', [matrix]],
  ...['Sqrt', 'Exp', 'Log', 'Floor', 'Ceil', 'Reciprocal'].map((operator): FoldCase => [operator, [scalar(2.25)]]),
  ['Cast', [scalar(-2.75)], { attributes: { to: 7 } }], // towards 0
  ['Cast', [ints(0, 2)], { attributes: { to: 9 } }],
  ['Cast', [bools(0, 1)], { attributes: { to: 1 } }],
  ['Where', [bools(1, 0, 1), matrix, ints(9, 9, 9)]],
  ['ReduceSum', [matrix, ints(1)]],
  ['ReduceSum', [matrix], { attributes: { keepdims: 0 } }],
  ['ReduceProd', [matrix], { attributes: { axes: [0], keepdims: 0 } }],
  ['ReduceMax', [matrix], { attributes: { axes: [-1] } }],
  ['ReduceMin', [matrix, ints(0)], { opset: 18 }],
  ['Reshape', [matrix, ints(0, -1, 1)]],
  ['Flatten', [matrix], { attributes: { axis: 0 } }],
  ['Squeeze', [intTensor([1, 2, 1], [1, 2]), ints(0)]],
  ['Unsqueeze', [matrix, ints(0, -1)]],
  ['Transpose', [matrix]],
  ['Expand', [ints(1, 2, 3), ints(2, 1)]],
  ['Tile', [matrix, ints(2, 2)]],
  ['Concat', [matrix, intTensor([2, 1], [8, 9])], { attributes: { axis: 1 } }],
  ['Concat', [ints(), ints(3), ints(1, 2)], { attributes: { axis: 0 } }],
  ['Slice', [matrix, ints(0, -1), ints(9, -9), ints(0, 1), ints(1, -1)]],
  ['Slice', [matrix, ints(1), intTensor([1], [Number.MAX_SAFE_INTEGER]), ints(1)]],
  ['Slice', [matrix, ints(2), ints(1)]], // nothing
  ['Gather', [matrix, intTensor([2, 2], [0, -1, 2, 1])], { attributes: { axis: 1 } }],
  ['Gather', [ints(5, 6, 7), one(-1)]],
  ['Split', [matrix, ints(1, 2)], { attributes: { axis: 1 }, outputs: 2 }],
  ['Split', [ints(1, 2, 3, 4, 5)], { attributes: { num_outputs: 2 }, opset: 18, outputs: 2 }],
  ['Range', [one(2), one(11), one(3)]],
  ['Range', [one(5), one(0), one(-2)]],
  ['ConstantOfShape', [ints(2, 2)]],
  ['ConstantOfShape', [ints(3)], { attributes: { value: ints(7) } }],
  ['Trilu', [intTensor([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), one(1)]],
  ['Trilu', [matrix], { attributes: { upper: 0 } }],
  ['CumSum', [matrix, one(1)]],
  ['Identity', [matrix]],
  ['Shape', [matrix]],
  ['Shape', [intTensor([1, 2, 3], [1, 2, 3, 4, 5, 6])], { attributes: { start: 1, end: -1 } }],
  ['Size', [matrix]],
  ['If', [bools(0)], { attributes: { then_branch: held(1), else_branch: held(2, 3) } }],
  ['Constant', [], { attributes: { value: matrix } }],
  ['Constant', [], { attributes: { value_ints: [3, 4] } }],
  ['Constant', [], { attributes: { value_float: { float: 0.5 } } }],
]

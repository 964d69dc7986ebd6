/** For each operator of the engine tensorflow, graphs on random inputs that it is held against ONNX Runtime on. */
import { createRandom, floatTensor, intTensor, sizeOf, tensor, type Tensor } from '../../../../main/base/index.ts'
import type { OperatorCase } from './node-model.ts'

const random = createRandom(7)

function floats(shape: readonly number[], low = -2, high = 2): Tensor {
  return floatTensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random.uniform()),
  )
}

function bools(shape: readonly number[]): Tensor {
  return tensor(
    'bool',
    shape,
    Uint8Array.from({ length: sizeOf(shape) }, () => Number(random.uniform() < 0.5)),
  )
}

const list = (...values: number[]): Tensor => intTensor([values.length], values)
const scalar = (value: number): Tensor => floatTensor([], [value])

type Rest = Omit<OperatorCase, 'op' | 'name' | 'inputs'>

function of(op: string, inputs: readonly (Tensor | undefined)[], rest: Rest = {}, note = ''): OperatorCase {
  const shapes = inputs.map((value) => (value === undefined ? '-' : `${value.dtype} [${value.shape}]`))
  return { name: `${op} ${shapes.join(' ')}${note && ` ${note}`}`, op, inputs, ...rest }
}

const unary = (op: string, low = -2, high = 2): OperatorCase[] => [
  of(op, [floats([3, 4], low, high)]),
  of(op, [floats([], low, high)]),
]

const pairs: readonly (readonly [number[], number[]])[] = [
  [
    [3, 4],
    [3, 4],
  ],
  [[3, 4], [4]],
  [[2], [3, 2]],
  [
    [3, 1],
    [1, 4],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[], [3]],
  [
    [2, 3, 1, 2, 1],
    [3, 4, 1, 5],
  ],
]

const binary = (op: string, rest: Rest = {}, low = -2, high = 2): OperatorCase[] =>
  pairs.map(([a, b]) => of(op, [floats(a, low, high), floats(b, low, high)], rest))

const compared = (op: string): OperatorCase[] => [
  ...binary(op, { outputs: ['bool'] }),
  of(op, [list(1, -2, 3), list(1, 2, -3)], { outputs: ['bool'] }),
]

const reduced = (op: string): OperatorCase[] => [
  of(op, [floats([2, 3, 4]), list(1)], { weights: [1] }, 'inner'),
  of(op, [floats([2, 3, 4]), list(-1, 0)], { weights: [1], attributes: { keepdims: 0 } }, 'two, dropped'),
  of(op, [floats([2, 3, 4])], {}, 'all'),
  of(op, [floats([2, 3]), undefined], { attributes: { noop_with_empty_axes: 1 } }, 'none'),
]

export const operatorCases: readonly OperatorCase[] = [
  ...['Add', 'Sub', 'Mul', 'Max', 'Min'].flatMap((op) => binary(op)),
  of('Add', [list(1, 2), list(3, -4)], { outputs: ['int64'] }),
  of('Max', [floats([2, 3]), floats([3]), floats([])], {}, 'three'),
  ...binary('Div', {}, 0.5, 2),
  of('Div', [list(7, -7, 7, -7, 1), list(2, 2, -2, -2, 3)], { outputs: ['int64'] }, 'towards zero'),
  ...binary('Pow', {}, 0.5, 2),
  of('Pow', [floats([4]), scalar(2)], {}, 'square of negatives'),
  of('Where', [bools([3, 4]), floats([3, 4]), floats([4])]),
  of('Where', [bools([3, 1]), scalar(-1e9), floats([3, 4])]),
  ...['Neg', 'Exp', 'Sigmoid', 'Tanh', 'Erf', 'Relu', 'Sin', 'Cos', 'Abs', 'Sign', 'Floor', 'Softplus'].flatMap((op) =>
    unary(op),
  ),
  of('Sign', [floatTensor([3], [0, -3, 3])], {}, 'with zero'),
  of('Sign', [list(0, -3, 3)], { outputs: ['int64'] }),
  ...['Log', 'Sqrt', 'Reciprocal'].flatMap((op) => unary(op, 0.1, 3)),
  of('Gelu', [floats([3, 4])]),
  of('Clip', [floats([3, 4]), scalar(-0.5), scalar(1)]),
  of('Clip', [floats([3, 4]), undefined, scalar(1)]),
  of('Cast', [floats([5])], { attributes: { to: 7 }, outputs: ['int64'] }, 'to int64'),
  of('Cast', [floatTensor([3], [0, -0.5, 2])], { attributes: { to: 9 }, outputs: ['bool'] }, 'to bool'),
  of('Cast', [bools([4])], { attributes: { to: 1 } }, 'to float32'),
  of('Cast', [list(-3, 4)], { attributes: { to: 1 } }, 'to float32'),
  of('Identity', [floats([2, 3])]),
  of('IsNaN', [floatTensor([3], [1, NaN, Infinity])], { outputs: ['bool'] }),
  ...['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal'].flatMap(compared),
  ...['And', 'Or'].map((op) => of(op, [bools([3, 4]), bools([4])], { outputs: ['bool'] })),
  of('Not', [bools([5])], { outputs: ['bool'] }),
  ...['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin'].flatMap(reduced),
  ...[-1, 0, 1].map((axis) => of('Softmax', [floats([2, 3, 4], -20, 20)], { attributes: { axis } }, `along ${axis}`)),
  of('LayerNormalization', [floats([2, 3, 4]), floats([4]), floats([4])], {
    outputs: ['float32', 'float32', 'float32'],
  }),
  of('LayerNormalization', [floats([2, 3, 4]), floats([3, 4])], {
    attributes: { axis: 1, epsilon: { float: 1e-3 } },
  }),
  of('CumSum', [floats([3, 4]), list(1)], { weights: [1], attributes: { exclusive: 1, reverse: 1 } }),
  of('ArgMax', [floats([3, 4])], { attributes: { axis: 1 }, outputs: ['int64'] }),
  of('Reshape', [floats([2, 3, 4]), list(0, -1)], { weights: [1] }),
  of('Reshape', [floats([2, 3]), list(3, 2)], {}, 'to a fed shape'),
  of('Transpose', [floats([2, 3, 4])], { attributes: { perm: [2, 0, 1] } }),
  of('Transpose', [floats([2, 3])]),
  of('Transpose', [floats([2, 3, 2, 2, 2])], { attributes: { perm: [0, 3, 1, 4, 2] } }),
  of('Expand', [floats([3, 1]), list(2, 1, 4)], { weights: [1] }),
  of('Expand', [bools([2, 1]), list(2, 3)], { weights: [1], outputs: ['bool'] }),
  of('Slice', [floats([4, 5]), list(1), list(3), list(1)], { weights: [1, 2, 3] }),
  of('Slice', [floats([4, 5]), list(-3, 0), list(2 ** 53, -1)], { weights: [1, 2] }, 'past the end'),
  of('Slice', [floats([4, 7]), list(0), list(7), list(1), list(3)], { weights: [1, 2, 3, 4] }, 'by steps'),
  of('Slice', [floats([4, 7]), list(5), list(-8), list(-1), list(-2)], { weights: [1, 2, 3, 4] }, 'backwards'),
  of('Pad', [floats([2, 3]), list(0, 1, 2, 0)], { weights: [1] }),
  of('Pad', [floats([2, 3]), list(1, 2), scalar(0.5), list(-1)], { weights: [1, 3] }, 'with a value'),
  of('Pad', [floats([4, 5]), list(1, 2, 3, 1)], { weights: [1], attributes: { mode: 'reflect' } }, 'mirrored'),
  of('Concat', [floats([2, 3]), floats([2, 1]), floats([2, 2])], { attributes: { axis: -1 } }),
  of('Gather', [floats([5, 3]), list(4, 0, -1, 4)], { attributes: { axis: 0 } }),
  of('Gather', [floats([2, 5]), intTensor([2, 2], [0, 4, 2, -5])], { attributes: { axis: 1 } }),
  of('Gather', [floats([2, 5]), intTensor([], [3])], { attributes: { axis: 1 } }, 'one'),
  of('GatherElements', [floats([3, 4]), intTensor([2, 4], [0, 2, -1, 1, 2, 2, 0, -3])], { attributes: { axis: 0 } }),
  of('GatherElements', [floats([2, 3, 4]), intTensor([2, 3, 2], [0, 3, -1, 1, 2, 2, 0, -4, 1, 1, 3, 0])], {
    attributes: { axis: -1 },
  }),
  of('ScatterElements', [floats([3, 4]), intTensor([2, 3], [0, 2, -1, 0, 2, 1]), floats([2, 3])], {
    attributes: { axis: 0, reduction: 'add' },
  }),
  of('ScatterElements', [floats([2, 3]), intTensor([2, 2], [1, 1, 2, -3]), floats([2, 2])], {
    attributes: { axis: 1, reduction: 'add' },
  }),
  of('ScatterND', [floats([4, 2]), intTensor([3, 1], [0, 2, 2]), floats([3, 2])], { attributes: { reduction: 'add' } }),
  of('ScatterND', [floats([4, 2]), intTensor([2, 1], [3, 1]), floats([2, 2])]),
  of('Squeeze', [floats([1, 3, 1]), list(-1)], { weights: [1] }),
  of('Squeeze', [floats([1, 3, 1])]),
  of('Unsqueeze', [floats([3, 2]), list(0, -1)], { weights: [1] }),
  of('Flatten', [floats([2, 3, 4])], { attributes: { axis: 2 } }),
  of('Split', [floats([2, 6])], {
    attributes: { axis: 1, num_outputs: 3 },
    outputs: ['float32', 'float32', 'float32'],
  }),
  of('Split', [floats([5, 2]), list(1, 4)], { weights: [1], outputs: ['float32', 'float32'] }),
  of('Shape', [floats([2, 3, 4])], { attributes: { start: 1 }, outputs: ['int64'] }),
  of('ConstantOfShape', [list(2, 3)], { weights: [0] }),
  of('TopK', [floats([3, 6]), list(2)], { weights: [1], outputs: ['float32', 'int64'] }),
  of('MatMul', [floats([3, 4]), floats([4, 5])]),
  of('MatMul', [floats([2, 3, 4]), floats([4, 5])], {}, 'one matrix on the right'),
  of('MatMul', [floats([3, 4]), floats([2, 4, 5])], {}, 'one matrix on the left'),
  of('MatMul', [floats([2, 1, 3, 4]), floats([1, 3, 4, 2])], {}, 'both broadcast'),
  of('MatMul', [floats([4]), floats([4, 5])], {}, 'a row'),
  of('MatMul', [floats([2, 3, 4]), floats([4])], {}, 'a column'),
  of('Gemm', [floats([4, 3]), floats([5, 4]), floats([5])], {
    attributes: { transA: 1, transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } },
  }),
  of('Gemm', [floats([2, 3]), floats([3, 4])]),
  of('Conv', [floats([2, 3, 7, 6]), floats([4, 3, 3, 2]), floats([4])], {
    attributes: { strides: [2, 1], pads: [1, 0, 2, 1] },
  }),
  of('Conv', [floats([1, 4, 6, 6]), floats([4, 2, 3, 3])], { attributes: { group: 2, dilations: [2, 1] } }, 'grouped'),
  of(
    'Conv',
    [floats([1, 3, 5, 5]), floats([3, 1, 3, 3])],
    { attributes: { group: 3, pads: [1, 1, 1, 1] } },
    'by channel',
  ),
  of('ConvTranspose', [floats([2, 3, 4, 5]), floats([3, 2, 3, 2]), floats([2])]),
  of('ConvTranspose', [floats([1, 4, 3, 4]), floats([4, 3, 3, 3])], {
    attributes: { group: 2, strides: [2, 3], pads: [1, 0, 1, 2], output_padding: [1, 2] },
  }),
  of('ConvTranspose', [floats([1, 3, 4, 4]), floats([3, 1, 3, 2])], {
    attributes: { group: 3, dilations: [2, 1], pads: [1, 1, 2, 0] },
  }),
  of('ConvTranspose', [floats([1, 2, 3, 3]), floats([2, 2, 1, 1])], { attributes: { pads: [1, 0, 0, 1] } }),
]

/** For each operator that can be imported, nodes on which its import is held against the runtime and finite differences. */
import { floatTensor, intTensor, tensor } from '../../../../main/base/index.ts'
import { positive } from '../finite-differences.ts'
import { attentionCases } from './attention-cases.ts'
import { branchCases } from './branch-cases.ts'
import { ints, node, single, type ImportCase, type More } from './import-case.ts'
import type { NodeModel } from './node-model.ts'
import { resizeCases } from './resize-cases.ts'

const unary = (operator: string, more: More = {}): ImportCase[] => [node(operator, [[2, 3]], more)]
const binary = (operator: string, more: More = {}): ImportCase[] => [
  node(operator, [[2, 3], [3]], more),
  node(operator, [[2, 1], [3]], more),
]
const one = (value: number) => intTensor([], [value])
const bools = (...values: number[]) => tensor('bool', [values.length], Uint8Array.from(values))
const reduction = (operator: string, more: More = {}): ImportCase[] => [
  node(operator, [[2, 3, 2]], { attributes: { axes: [1] }, opset: 13, ...more }),
  node(operator, [[2, 3, 2], ints(-1, 0)], { attributes: { keepdims: 0 }, opset: 20, ...more }),
  node(operator, [[2, 3]], { opset: 18, ...more }),
]
const picture = (operator: string, attributes: NodeModel['attributes'] = {}, more: More = {}): ImportCase =>
  node(operator, [[2, 2, 5, 4]], { attributes: { kernel_shape: [2, 3], ...attributes }, ...more })

export const importCases: readonly ImportCase[] = [
  ...['Add', 'Sub', 'Mul', 'Div'].flatMap((operator) => binary(operator)),
  ...['Max', 'Min'].flatMap((operator) => [
    ...binary(operator, { seed: 2 }),
    node(operator, [[3], [2, 3], [1]], { seed: 2 }),
  ]),
  ...['Sum', 'Mean'].flatMap((operator) => [node(operator, [[2, 3], [3], [2, 1]], single)]),
  ...binary('Pow', { range: positive }),
  ...[1, 2, 3, 0.5, -0.5, -1, 1.7].map((exponent) =>
    node('Pow', [[2, 3], floatTensor([], [exponent])], { range: positive }),
  ),
  node('Pow', [[2, 3], one(2)], single),
  ...['Neg', 'Abs', 'Sign', 'Reciprocal', 'Exp', 'Sin', 'Cos', 'Sigmoid', 'Tanh', 'Softplus'].flatMap((x) => unary(x)),
  ...['Sqrt', 'Log'].flatMap((operator) => unary(operator, { range: positive })),
  ...['Erf', 'Relu', 'Elu', 'Softsign', 'HardSwish', 'Identity', 'IsNaN'].flatMap((x) => unary(x, single)),
  ...unary('Mish', { opset: 18, isSingle: true }),
  ...unary('HardSigmoid', { ...single, attributes: { alpha: { float: 0.3 }, beta: { float: 0.4 } } }),
  ...unary('LeakyRelu', { ...single, attributes: { alpha: { float: 0.1 } } }),
  ...unary('Elu', { ...single, attributes: { alpha: { float: 0.7 } } }),
  node('PRelu', [[2, 3], [3]], single),
  ...unary('Gelu', { ...single, opset: 20 }),
  ...unary('Gelu', { ...single, opset: 20, attributes: { approximate: 'tanh' } }),
  ...['Gelu', 'QuickGelu', 'FastGelu'].flatMap((operator) => unary(`com.microsoft::${operator}`, single)),
  node('com.microsoft::QuickGelu', [[2, 3]], { ...single, attributes: { alpha: { float: 1.2 } } }),
  node('com.microsoft::FastGelu', [[2, 3], [3]], single),
  node('com.microsoft::BiasGelu', [[2, 3], [3]], single),
  ...['Softmax', 'LogSoftmax'].flatMap((operator) => [
    node(operator, [[2, 3]]),
    node(operator, [[2, 3, 2]], { attributes: { axis: 1 } }),
  ]),
  node('Clip', [[3, 4], floatTensor([], [-1]), floatTensor([], [0.9])]),
  node('Clip', [[3, 4], undefined, floatTensor([], [0.9])]),
  ...['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'].flatMap((operator) => binary(operator)),
  ...['And', 'Or', 'Xor'].map((operator) => node(operator, [bools(1, 0, 1, 0), bools(1, 1, 0, 0)])),
  node('Not', [bools(1, 0)]),
  node('Where', [bools(1, 0, 1), [2, 3], [3]]),
  node('Cast', [[2, 3]], { attributes: { to: 7 } }),
  node('CastLike', [[2, 3], ints(1)]),

  ...['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'].flatMap(
    (operator) =>
      reduction(operator).filter(({ opset, inputs }) => operator !== 'ReduceSum' || opset !== 13 || inputs.length > 1),
  ),
  ...['ReduceLogSum', 'ReduceLogSumExp'].flatMap((operator) => reduction(operator, { range: positive })),
  node('ReduceSum', [[2, 3, 2], ints(1)], { opset: 13 }),
  node('ReduceMean', [[2, 3]], { opset: 18, attributes: { noop_with_empty_axes: 1 } }),
  node('ArgMax', [[2, 4]], { attributes: { axis: 1 } }),
  node('ArgMax', [[2, 4]], { attributes: { axis: 0, keepdims: 0 } }),
  node('CumSum', [[2, 4], one(1)]),
  node('CumSum', [[2, 4], one(0)], { attributes: { reverse: 1, exclusive: 1 } }),
  node('LpNormalization', [[2, 4]], { attributes: { axis: 1 } }),
  node('LpNormalization', [[2, 4]], { attributes: { axis: 0, p: 1 } }),

  node('LayerNormalization', [[2, 5], [5], [5]], { ...single, attributes: { epsilon: { float: 1e-3 } } }),
  node('LayerNormalization', [[2, 5], [5]], single),
  node(
    'LayerNormalization',
    [
      [2, 2, 3],
      [2, 3],
      [2, 3],
    ],
    { ...single, attributes: { axis: 1 } },
  ),
  node(
    'BatchNormalization',
    [[2, 3, 2, 2], [3], [3], floatTensor([3], [0.1, 0, -1]), floatTensor([3], [1, 2, 0.5])],
    single,
  ),
  node('BatchNormalization', [[4, 2], [2], [2], floatTensor([2], [0.1, 0]), floatTensor([2], [1, 2])], single),
  node('InstanceNormalization', [[2, 2, 3, 2], [2], [2]], { ...single, attributes: { epsilon: { float: 1e-2 } } }),
  node('GroupNormalization', [[2, 4, 3], [2], [2]], { ...single, opset: 18, attributes: { num_groups: 2 } }),
  node('GroupNormalization', [[2, 4, 2, 2], [4], [4]], { ...single, opset: 21, attributes: { num_groups: 2 } }),
  node('SimplifiedLayerNormalization', [[2, 4], [4]], { ...single, attributes: { epsilon: { float: 1e-5 } } }),
  node('com.microsoft::SkipLayerNormalization', [[1, 2, 4], [1, 2, 4], [4], [4], [4]], {
    ...{ ...single, attributes: { epsilon: { float: 1e-5 } } },
    ...{ outputs: 4, compared: [0, 3] },
  }),
  node('com.microsoft::SkipLayerNormalization', [[1, 2, 4], [1, 2, 4], [4]], single),
  node('com.microsoft::SkipSimplifiedLayerNormalization', [[1, 2, 4], [1, 2, 4], [4], [4]], {
    ...{ ...single, attributes: { epsilon: { float: 1e-5 } } },
    ...{ outputs: 4, compared: [0, 3] },
  }),

  node('Dropout', [[2, 3]], single),
  node('Reshape', [[2, 3, 4], ints(0, -1, 2)]),
  node('Reshape', [[2, 3], ints(3, 2)], { opset: 14, attributes: { allowzero: 1 } }),
  node('Flatten', [[2, 3, 2]], { attributes: { axis: 2 } }),
  node('Flatten', [[2, 3]], { attributes: { axis: 0 } }),
  node('Squeeze', [[1, 2, 1], ints(-1)]),
  node('Squeeze', [[1, 2, 1]]),
  node('Unsqueeze', [[2, 3], ints(0, -1)]),
  node('Transpose', [[2, 3, 4]], { attributes: { perm: [2, 0, 1] } }),
  node('Transpose', [[2, 3, 4]]),
  node('Expand', [[2, 1], ints(3, 1, 4)]),
  node('Expand', [[2, 3], ints(1)]),
  node('Tile', [[2, 3], ints(2, 3)]),
  node(
    'Concat',
    [
      [2, 2],
      [2, 3],
      [2, 1],
    ],
    { attributes: { axis: -1 } },
  ),
  node('Split', [[2, 5], ints(2, 3)], { outputs: 2, attributes: { axis: 1 } }),
  node('Split', [[2, 5]], { outputs: 2, opset: 18, attributes: { axis: 1, num_outputs: 2 } }),
  node('Split', [[4, 2]], { outputs: 2, opset: 13 }),
  node('Slice', [[3, 5], ints(1, 0), ints(3, 9), ints(0, 1), ints(1, 2)]),
  node('Slice', [[2, 5], ints(-1), ints(-9), ints(1), ints(-2)]),
  node('Slice', [[2, 5], ints(-3), intTensor([1], [Number.MAX_SAFE_INTEGER]), ints(-1)]),
  node('Gather', [[3, 4], ints(2, 0, 2)], { attributes: { axis: 1 } }),
  node('Gather', [[3, 4], one(-1)]),
  node('Gather', [[3, 4], ints(1, 2)]),
  node('GatherElements', [[3, 2], intTensor([2, 2], [2, 0, -1, 1])]),
  node('GatherND', [[3, 2, 2], intTensor([2, 2], [0, 1, 2, 0])]),
  node('GatherND', [[3, 2], intTensor([2, 1], [2, 2])]),
  node('Pad', [[2, 3], ints(1, 0, 0, 2)]),
  node('Pad', [[2, 3], ints(0, 1, 1, -1), floatTensor([], [2.5])]),
  node('Pad', [[2, 3], ints(1, 2), undefined, ints(1)], { opset: 18 }),
  node('Pad', [[2, 4], ints(0, 2, 0, 3)], { attributes: { mode: 'reflect' } }),
  node('Pad', [[2, 3], ints(1, 0, 0, 4)], { attributes: { mode: 'edge' } }),
  node('Pad', [[2, 3], ints(0, 2, 0, 1)], { opset: 19, attributes: { mode: 'wrap' } }),
  node('DepthToSpace', [[1, 8, 2, 3]], { attributes: { blocksize: 2 } }),
  node('DepthToSpace', [[1, 8, 2, 1]], { attributes: { blocksize: 2, mode: 'CRD' } }),
  node('SpaceToDepth', [[1, 2, 4, 2]], { attributes: { blocksize: 2 } }),
  node('Trilu', [[3, 3]], { attributes: { upper: 0 } }),
  node('Trilu', [[2, 2, 3], one(1)]),

  node('MatMul', [
    [2, 3],
    [3, 4],
  ]),
  node('MatMul', [
    [2, 2, 3],
    [3, 2],
  ]),
  node('MatMul', [[3], [2, 3, 2]]),
  node('MatMul', [[2, 3], [3]]),
  node('MatMul', [[3], [3]]),
  node('Gemm', [[2, 3], [3, 4], [4]]),
  node(
    'Gemm',
    [
      [3, 2],
      [4, 3],
      [2, 1],
    ],
    {
      attributes: { transA: 1, transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } },
    },
  ),
  node('Gemm', [
    [2, 3],
    [3, 4],
  ]),
  node(
    'com.microsoft::FusedMatMul',
    [
      [2, 3, 2],
      [2, 4, 3],
    ],
    {
      ...{ ...single, attributes: { transA: 1, transB: 1, alpha: { float: 0.5 } } },
    },
  ),
  ...(
    [
      ['ij,jk->ik', [2, 3], [3, 4]],
      ['bhqd,bhkd->bhqk', [2, 2, 3, 2], [2, 2, 2, 2]],
      ['bij,bjk', [2, 2, 3], [2, 3, 2]],
      ['ij,kl->ljki', [2, 3], [2, 2]],
      ['...ij,jk->...ik', [2, 1, 2, 3], [3, 2]],
      ['bnc,c->bn', [2, 3, 2], [2]],
      ['ijk,k->j', [2, 3, 2], [2]],
      ['ij,ij->', [2, 3], [2, 3]],
    ] as const
  ).map(([equation, a, b]) => node('Einsum', [a, b], { attributes: { equation } })),
  node('Einsum', [[2, 3, 4]], { attributes: { equation: 'ijk->ki' } }),
  node(
    'Einsum',
    [
      [2, 3],
      [3, 2],
      [2, 4],
    ],
    { attributes: { equation: 'ij,jk,kl->il' } },
  ),

  node('Conv', [[2, 3, 5, 4], [4, 3, 3, 2], [4]], { ...single, attributes: { strides: [2, 1], pads: [1, 0, 1, 1] } }),
  node(
    'Conv',
    [
      [1, 4, 4, 4],
      [4, 1, 3, 3],
    ],
    { ...single, attributes: { group: 4, pads: [1, 1, 1, 1] } },
  ),
  node(
    'Conv',
    [
      [1, 2, 5, 6],
      [2, 2, 2, 3],
    ],
    { ...single, attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] } },
  ),
  node(
    'Conv',
    [
      [1, 2, 5, 6],
      [2, 2, 2, 3],
    ],
    { ...single, attributes: { auto_pad: 'SAME_LOWER' } },
  ),
  node(
    'Conv',
    [
      [1, 2, 5, 6],
      [4, 1, 2, 2],
    ],
    { ...single, attributes: { group: 2, dilations: [2, 3], auto_pad: 'VALID' } },
  ),
  node(
    'Conv',
    [
      [2, 2, 5],
      [3, 2, 2],
    ],
    single,
  ),
  picture('AveragePool', {}, single),
  picture('AveragePool', { pads: [1, 1, 0, 1], strides: [2, 1] }, single),
  picture('AveragePool', { pads: [1, 1, 0, 1], strides: [2, 1], count_include_pad: 1 }, single),
  picture('AveragePool', { ceil_mode: 1, strides: [2, 2] }, single),
  picture('MaxPool', { strides: [1, 2] }),
  picture('MaxPool', { pads: [1, 1, 0, 1] }),
  picture('MaxPool', { ceil_mode: 1, strides: [2, 2] }),
  picture('MaxPool', { dilations: [2, 1] }),
  node('GlobalAveragePool', [[2, 3, 2, 2]]),
  node('GlobalMaxPool', [[2, 3, 2, 2]]),
  ...resizeCases,
  ...branchCases,
  ...attentionCases,
]

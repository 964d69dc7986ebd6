/** For each operator that has a gradient rule, the graphs on which the rule is held against finite differences. */
import {
  abs,
  add,
  and,
  argMax,
  cast,
  concat,
  conv,
  convTranspose,
  cos,
  cumSum,
  div,
  equal,
  erf,
  exp,
  expand,
  gather,
  gatherElements,
  gatherRows,
  greater,
  greaterOrEqual,
  isNaN,
  layerNormalization,
  less,
  log,
  matMul,
  max,
  min,
  mul,
  neg,
  not,
  or,
  pad,
  plainConvolution,
  pow,
  reciprocal,
  reduceMax,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  scatterAddElements,
  scatterAddRows,
  sigmoid,
  sign,
  sin,
  slice,
  softmax,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  transpose,
  where,
  type Convolution,
  type Shape,
  type Value,
} from '../../../main/graph/index.ts'
import { positive, type GradientCase } from './finite-differences.ts'

type Build = GradientCase['build']
type Options = Pick<GradientCase, 'range' | 'dtype' | 'seed'>

function of(name: string, shapes: readonly Shape[], build: Build, options: Options = {}): GradientCase {
  return { name: `${name} ${shapes.map((shape) => `[${shape}]`).join(' ')}`, shapes, build, ...options }
}

const unary = (name: string, apply: (a: Value) => Value, options: Options = {}): GradientCase[] => [
  of(name, [[2, 3]], ([a]) => apply(a!), options),
  of(name, [[]], ([a]) => apply(a!), options),
]

/** Equal shapes, a missing axis, axes of size 1 on both sides, on an inner axis, and a scalar on either side. */
const broadcasting: readonly (readonly [Shape, Shape])[] = [
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
  [[2, 2], [1]],
]

const binary = (name: string, apply: (a: Value, b: Value) => Value, options: Options = {}): GradientCase[] => [
  ...broadcasting.map((shapes) => of(name, shapes, ([a, b]) => apply(a!, b!), options)),
  of(`${name} of a value with itself`, [[4]], ([a]) => apply(a!, a!), options),
]

const single: Options = { dtype: 'float32' }

/**
 * `choose(condition)` picks between two curved functions, so that a slope that leaked through the condition, or a branch
 * that was taken the wrong way, would show.
 */
const chosenBy = (name: string, condition: (a: Value, b: Value) => Value): GradientCase[] =>
  [
    [
      [3, 2],
      [3, 2],
    ],
    [[3, 1], [2]],
  ].map((shapes) => of(name, shapes, ([a, b]) => where(condition(a!, b!), square(mul(a!, b!)), sin(add(a!, b!)))))

/** Squared, so that the second derivative is not zero. The runtime convolves in float32 only. */
const convolved = (name: string, x: Shape, w: Shape, options: Partial<Convolution> = {}): GradientCase =>
  of(
    `Conv, ${name},`,
    [x, w],
    ([a, b]) => square(conv(a!, b!, { ...plainConvolution(x.length - 2), ...options })),
    single,
  )

const spread = (name: string, y: Shape, w: Shape, size: Shape, options: Partial<Convolution> = {}): GradientCase =>
  of(
    `ConvTranspose, ${name},`,
    [y, w],
    ([a, b]) => square(convTranspose(a!, b!, { ...plainConvolution(size.length), ...options }, size)),
    single,
  )

export const gradientCases: Readonly<Record<string, readonly GradientCase[]>> = {
  Add: binary('Add', (a, b) => square(add(a, b))),
  Sub: binary('Sub', (a, b) => square(sub(a, mul(b, 2)))),
  Mul: binary('Mul', mul),
  Div: binary('Div', div),
  Pow: [...binary('Pow', pow, { range: positive }), of('Pow of negative numbers', [[2, 3]], ([a]) => pow(a!, 3))],
  Max: binary('Max', (a, b) => max(square(a), mul(b, 0.8)), { seed: 2 }),
  Min: binary('Min', (a, b) => min(square(a), mul(b, 0.8)), { seed: 2 }),
  Where: [
    of('Where', [[2, 3], [3]], ([a, b]) => where(greater(a!, b!), square(a!), exp(b!))),
    of('Where', [[3], [2, 1]], ([a, b]) => where(less(a!, 0), a!, square(b!))),
    of('Where with a constant branch', [[5]], ([a]) => where(greater(a!, 0), square(a!), 0)),
  ],
  Neg: unary('Neg', (a) => neg(square(a))),
  Exp: unary('Exp', exp),
  Log: unary('Log', log, { range: positive }),
  Sqrt: unary('Sqrt', sqrt, { range: positive }),
  Reciprocal: unary('Reciprocal', reciprocal),
  Sigmoid: unary('Sigmoid', sigmoid),
  Tanh: unary('Tanh', tanh),
  Erf: unary('Erf', erf, single), // the runtime's Erf is float32 only
  Relu: unary('Relu', (a) => square(relu(a))),
  Softplus: unary('Softplus', softplus),
  Sin: unary('Sin', sin),
  Cos: unary('Cos', cos),
  Abs: unary('Abs', (a) => mul(abs(a), a)),
  Sign: unary('Sign', (a) => mul(sign(a), exp(a))),
  Cast: [
    of('Cast to float64 and back', [[2, 3]], ([a]) => cast(exp(cast(a!, 'float64')), 'float32'), single),
    of('Cast of a truth value', [[4]], ([a]) => mul(cast(greater(a!, 0), 'float64'), square(a!))),
  ],
  Identity: [of('Identity of what does not matter', [[3]], ([a]) => mul(stopGradient(sign(a!)), square(a!)))],
  Greater: chosenBy('Greater', greater),
  GreaterOrEqual: chosenBy('GreaterOrEqual', greaterOrEqual),
  Less: chosenBy('Less', less),
  Equal: chosenBy('Equal', (a, b) => equal(sign(a), sign(b))),
  And: chosenBy('And', (a, b) => and(greater(a, 0), greater(b, 0))),
  Or: chosenBy('Or', (a, b) => or(greater(a, 0), greater(b, 0))),
  Not: chosenBy('Not', (a, b) => not(greater(a, b))),

  IsNaN: [of('IsNaN', [[4]], ([a]) => where(isNaN(sqrt(a!)), square(a!), exp(a!)), single)],

  ReduceSum: [
    of('ReduceSum of all', [[2, 3]], ([a]) => square(reduceSum(a!))),
    of('ReduceSum over axis 0', [[2, 3]], ([a]) => square(reduceSum(a!, [0]))),
    of('ReduceSum over outer axes, kept', [[2, 3, 2]], ([a]) => square(reduceSum(a!, [0, -1], true))),
    of('ReduceSum over an axis of size 1', [[3, 1]], ([a]) => square(reduceSum(a!, [1]))),
  ],
  ReduceMean: [
    of('ReduceMean of all', [[2, 3]], ([a]) => square(reduceMean(a!))),
    of('ReduceMean over the last axis', [[2, 3]], ([a]) => square(reduceMean(a!, [-1]))),
    of('ReduceMean over outer axes, kept', [[2, 3, 2]], ([a]) => square(reduceMean(a!, [0, 2], true))),
  ],
  ReduceMax: [
    of('ReduceMax of all', [[2, 3]], ([a]) => square(reduceMax(a!))),
    of('ReduceMax over axis 0', [[3, 2]], ([a]) => exp(reduceMax(a!, [0]))),
    of('ReduceMax over outer axes, kept', [[2, 3, 2]], ([a]) => mul(reduceMax(a!, [0, 2], true), a!)),
  ],
  ArgMax: [
    of('ArgMax', [[3, 4]], ([a]) => mul(cast(argMax(a!, 1, true), 'float64'), square(a!))),
    of('ArgMax as an index', [[3, 2]], ([a]) => square(gatherElements(exp(a!), argMax(a!, 0, true), 0))),
  ],
  CumSum: [
    of('CumSum', [[2, 4]], ([a]) => square(cumSum(a!, 1))),
    of('CumSum from the end', [[3, 2]], ([a]) => exp(cumSum(a!, 0, { reverse: true }))),
    of('CumSum without the place itself', [[4]], ([a]) => square(cumSum(a!, 0, { exclusive: true }))),
  ],
  Softmax: [
    of('Softmax', [[2, 4]], ([a]) => softmax(a!)),
    of('Softmax over the first axis', [[3, 2]], ([a]) => softmax(a!, 0)),
    of('Softmax over an inner axis', [[2, 3, 2]], ([a]) => softmax(a!, 1)),
  ],
  // float32: the statistics of a float64 normalisation are float32 by the standard.
  LayerNormalization: [
    of('LayerNormalization', [[2, 5], [5], [5]], ([x, g, b]) => layerNormalization(x!, g!, b!).output, single),
    of('LayerNormalization', [[2, 2, 4], [4], [4]], ([x, g, b]) => layerNormalization(x!, g!, b!).output, single),
    of(
      'LayerNormalization, mean',
      [[3, 4], [4], [4]],
      ([x, g, b]) => square(layerNormalization(x!, g!, b!).mean),
      single,
    ),
    of(
      'LayerNormalization, inverse deviation',
      [[3, 4], [4], [4]],
      ([x, g, b]) => layerNormalization(x!, g!, b!).inverseDeviation,
      single,
    ),
  ],

  Reshape: [of('Reshape', [[2, 3]], ([a]) => square(reshape(exp(a!), [3, 2])))],
  Transpose: [
    of('Transpose', [[2, 3, 2]], ([a]) => square(transpose(exp(a!), [2, 0, 1]))),
    of('Transpose', [[2, 3]], ([a]) => exp(transpose(a!, [1, 0]))),
  ],
  Expand: [
    of('Expand', [[2, 1]], ([a]) => square(expand(a!, [3, 2, 4]))),
    of('Expand of a scalar', [[]], ([a]) => exp(expand(a!, [2, 2]))),
  ],
  Slice: [
    of('Slice', [[2, 5]], ([a]) => square(slice(a!, 1, 1, 4))),
    of('Slice of a negative axis', [[3, 2]], ([a]) => exp(slice(a!, -2, 1, 3))),
  ],
  Pad: [of('Pad', [[2, 3]], ([a]) => exp(pad(a!, 1, 2, 1))), of('Pad', [[2]], ([a]) => square(pad(a!, 0, 0, 3)))],
  Concat: [
    of(
      'Concat',
      [
        [2, 2],
        [2, 3],
      ],
      ([a, b]) => square(concat([a!, b!, exp(a!)], 1)),
    ),
    of(
      'Concat along axis 0',
      [
        [1, 2],
        [2, 2],
      ],
      ([a, b]) => exp(concat([a!, b!], 0)),
    ),
  ],
  Gather: [
    of('Gather with repeated rows', [[4, 2]], ([a], graph) => square(gatherRows(exp(a!), graph.ints([2, 0, 2, 2])))),
    of('Gather with a matrix of indices', [[3, 2]], ([a], graph) =>
      square(gatherRows(a!, graph.ints([0, 1, 1, 0], [2, 2]))),
    ),
    of('Gather along an inner axis', [[2, 3, 2]], ([a], graph) => square(gather(exp(a!), graph.ints([2, 0, 2]), 1))),
    of('Gather along the last axis with a matrix', [[2, 3]], ([a], graph) =>
      exp(gather(a!, graph.ints([0, 2, 2, 1], [2, 2]), -1)),
    ),
    of('Gather of one', [[3, 2]], ([a], graph) => exp(gather(a!, graph.ints([1], []), 0))),
  ],
  GatherElements: [
    of('GatherElements', [[3, 2]], ([a], graph) =>
      square(gatherElements(exp(a!), graph.ints([2, 0, 2, 1, 0, 0, 2, 2], [4, 2]), 0)),
    ),
    of('GatherElements along the last axis', [[2, 3]], ([a], graph) =>
      exp(gatherElements(a!, graph.ints([1, 1, 0, 2], [2, 2]), -1)),
    ),
  ],
  ScatterElements: [
    of(
      'ScatterElements',
      [
        [3, 2],
        [2, 2],
      ],
      ([a, b], graph) => square(scatterAddElements(exp(a!), graph.ints([2, 0, 2, 1], [2, 2]), exp(b!), 0)),
    ),
  ],
  ScatterND: [
    of('ScatterND with repeated rows', [[4, 2]], ([a], graph) =>
      square(scatterAddRows(exp(a!), graph.ints([1, 0, 1, 4]), 5)),
    ),
    of(
      'ScatterND onto values',
      [
        [3, 2],
        [2, 2],
      ],
      ([a, b], graph) => {
        const type = { dtype: a!.dtype, shape: a!.shape }
        const inputs = [exp(a!), graph.ints([1, 1], [2, 1]), b!]
        return square(graph.node('ScatterND', inputs, [type], { reduction: 'add' })[0]!)
      },
    ),
  ],

  Conv: [
    convolved('plain', [2, 2, 3, 4], [3, 2, 2, 3]),
    convolved('padded unevenly', [1, 2, 3, 3], [2, 2, 3, 2], { before: [1, 0], after: [2, 1] }),
    convolved('in strides with a rest', [1, 1, 6, 5], [2, 1, 3, 2], { strides: [2, 2], before: [1, 1], after: [1, 0] }),
    convolved('dilated', [1, 2, 5, 4], [1, 2, 2, 2], { dilations: [3, 2] }),
    convolved('dilated in strides', [1, 1, 8, 3], [1, 1, 2, 1], { strides: [3, 1], dilations: [2, 1] }),
    convolved('in groups', [2, 4, 3, 2], [6, 2, 2, 1], { group: 2 }),
    convolved('depthwise', [2, 3, 4, 3], [3, 1, 3, 3], { group: 3, before: [1, 1], after: [1, 1] }),
    convolved('depthwise in strides', [1, 2, 5, 5], [4, 1, 3, 3], {
      group: 2,
      strides: [2, 2],
      before: [1, 1],
      after: [1, 1],
    }),
    convolved('of patches', [2, 3, 4, 4], [2, 3, 2, 2], { strides: [2, 2] }),
    convolved('in one dimension', [2, 2, 5], [3, 2, 2]),
    convolved('in three dimensions', [1, 1, 2, 3, 2], [2, 1, 2, 2, 1]),
  ],
  ConvTranspose: [
    spread('plain', [2, 3, 2, 2], [3, 2, 2, 3], [3, 4]),
    spread('in strides with a rest', [1, 2, 3, 3], [2, 1, 3, 2], [6, 5], {
      strides: [2, 2],
      before: [1, 1],
      after: [1, 0],
    }),
    spread('dilated', [1, 1, 2, 2], [1, 2, 2, 2], [5, 4], { dilations: [3, 2] }),
    spread('in groups', [1, 6, 2, 2], [6, 2, 2, 1], [3, 2], { group: 2 }),
  ],

  MatMul: (
    [
      [
        [2, 3],
        [3, 4],
      ],
      [
        [2, 2, 3],
        [3, 2],
      ],
      [
        [2, 2, 3],
        [2, 3, 2],
      ],
      [
        [2, 3],
        [2, 3, 2],
      ],
      [
        [2, 1, 2, 3],
        [3, 3, 2],
      ],
      [
        [1, 2, 2],
        [3, 2, 1],
      ],
    ] as const
  ).map((shapes) => of('MatMul', shapes, ([a, b]) => matMul(a!, b!))),
}

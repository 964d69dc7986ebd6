export {
  abs,
  add,
  and,
  cast,
  cos,
  div,
  equal,
  erf,
  exp,
  gelu,
  greater,
  greaterOrEqual,
  isNaN,
  less,
  log,
  max,
  min,
  mul,
  neg,
  normalCdf,
  not,
  or,
  pow,
  reciprocal,
  relu,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  where,
  type Operand,
} from './elementwise.ts'
export { conv, convTranspose, plainConvolution, type Convolution } from './convolution.ts'
export { differentiableOperators } from './gradient-rules.ts'
export { gradients } from './gradients.ts'
export { constantOf, Graph, opset, uniformConstant } from './graph.ts'
export { extractPart } from './extract-part.ts'
export { inspectModel, ModelProblem, type ExternalTensor, type ModelFacts, type ModelValue } from './inspect-model.ts'
export { matMul } from './linalg.ts'
export { parseModel, readWeights, toModel, type ModelOptions } from './model.ts'
export {
  concat,
  expand,
  gather,
  gatherElements,
  gatherRows,
  pad,
  reshape,
  scatterAddElements,
  scatterAddRows,
  slice,
  swapLastAxes,
  transpose,
} from './movement.ts'
export {
  argMax,
  cumSum,
  layerNormalization,
  logSumExp,
  maskedMean,
  normalizeRows,
  reduceMax,
  reduceMean,
  reduceSum,
  softmax,
  unbroadcast,
} from './reduction.ts'
export { describe, type Shape, type Value } from './value.ts'

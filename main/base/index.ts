export { assert, defined } from './assert.ts'
export { createRandom, hashString, type Random } from './random.ts'
export {
  allocate,
  float32Data,
  floatTensor,
  intTensor,
  sizeOf,
  tensor,
  type DType,
  type Tensor,
  type TensorMap,
  type TypedData,
} from './tensor.ts'

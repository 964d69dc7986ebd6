export { assert, defined } from './assert.ts'
export { createAsyncQueue, type AsyncQueue } from './async-queue.ts'
export { csvTable } from './csv.ts'
export { decodeHalves, decodeHalvesInto, encodeHalves, floatToHalf, halfToFloat } from './float16.ts'
export { frameFilters, type FrameFilter, type FrameFit } from './frame-fit.ts'
export { createRandom, hashString, type Random } from './random.ts'
export { formatTimecode, parseTimecode, type Timecode } from './timecode.ts'
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
export { normaliseText, wordsOf } from './words.ts'

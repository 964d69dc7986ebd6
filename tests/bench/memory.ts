/**
 * Peak memory of a training run, measured and predicted, and how it grows with the batch (B), the frames of a clip (T) and
 * the width of the features (D). Each case is a process of its own.
 * Run: npm run bench -- memory
 */
import { measureMemory, type MemoryCase } from '../main/training/measure-memory.ts'

const base: MemoryCase = { batchSize: 128, frames: 8, width: 256, objective: 'mama' }
const cases: readonly MemoryCase[] = [
  base,
  { ...base, objective: 'infonce' },
  { ...base, batchSize: 64 },
  { ...base, batchSize: 256 },
  { ...base, batchSize: 512 },
  { ...base, frames: 4 },
  { ...base, frames: 16 },
  { ...base, width: 128 },
  { ...base, width: 512 },
  { ...base, batchSize: 512, encodeChunk: 64 },
]

for (const wanted of cases) {
  const { measured, predicted } = measureMemory(wanted)
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6)
  console.log(
    JSON.stringify({
      ...wanted,
      ...{ measuredMB: megabytes(measured), predictedMB: megabytes(predicted) },
      predictedOverMeasured: Number((predicted / measured).toFixed(2)),
    }),
  )
}

/** The tower before any training: the mean of the frames, set to unit length; texts as they are. Pure. */
import type { Tower } from './ports.ts'

/** @param dim D */
export function createZeroShotTower(dim: number, frameCount: number): Tower {
  return {
    async videos(frames, mask, count) {
      const embeddings = new Float32Array(count * dim)
      for (let n = 0; n < count; n++) {
        const row = embeddings.subarray(n * dim, (n + 1) * dim)
        for (let t = 0; t < frameCount; t++) {
          if (mask[n * frameCount + t] === 0) continue
          const offset = (n * frameCount + t) * dim
          for (let d = 0; d < dim; d++) row[d]! += frames[offset + d]!
        }
        normalise(row) // a sum and a mean have the same direction
      }
      return embeddings
    },
    async texts(features, { length: count }) {
      const embeddings = features.slice(0, count * dim)
      for (let n = 0; n < count; n++) normalise(embeddings.subarray(n * dim, (n + 1) * dim))
      return embeddings
    },
    dispose: async () => {},
  }
}

/** In place; a row of zeros stays so. */
function normalise(row: Float32Array): void {
  const length = Math.hypot(...row)
  if (length > 0) for (let d = 0; d < row.length; d++) row[d]! /= length
}

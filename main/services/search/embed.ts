/** Embeddings of the whole catalogue for one model version: computed once from cached features, seconds rather than hours. */
import type { Library } from '../../storage/index.ts'
import { framesPerShot, type Tower } from '../models/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'

const batchSegments = 256

export type Embedded = {
  readonly segmentIds: readonly string[]
  readonly dim: number
  /** [N, D] */ readonly vectors: Float32Array
}

/**
 * Every searchable segment with its embedding. What is missing is computed, and kept when the library may be written.
 * Segments that this encoder has not seen are left out.
 */
export async function embedCatalogue(
  library: Library,
  encoder: FeatureEncoder,
  modelId: string,
  openTower: () => Promise<Tower>,
  signal: AbortSignal,
): Promise<Embedded> {
  const unseen = new Set(library.features.segmentsWithout(encoder.id))
  const missing = library.embeddings.segmentsWithout(modelId).filter((id) => !unseen.has(id))
  if (missing.length === 0) return { ...library.embeddings.matrix(modelId), dim: encoder.dim }
  const computed: Float32Array[] = []
  const tower = await openTower()
  try {
    for (let from = 0; from < missing.length; from += batchSegments) {
      signal.throwIfAborted()
      const ids = missing.slice(from, from + batchSegments)
      const { frames, mask } = library.features.loadFrames(encoder.id, ids, framesPerShot)
      const vectors = await tower.videos(frames, mask, ids.length)
      if (library.readOnly) computed.push(vectors)
      else library.embeddings.save(modelId, ids, vectors)
    }
  } finally {
    await tower.dispose()
  }
  const stored = library.embeddings.matrix(modelId)
  if (!library.readOnly) return { ...stored, dim: encoder.dim }
  const vectors = new Float32Array((stored.segmentIds.length + missing.length) * encoder.dim)
  let offset = 0
  for (const part of [stored.vectors, ...computed]) {
    vectors.set(part, offset)
    offset += part.length
  }
  return { segmentIds: [...stored.segmentIds, ...missing], dim: encoder.dim, vectors }
}

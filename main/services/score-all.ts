/** Scores of every query against every embedding, through the exact vector search. */
import type { VectorIndex } from '../search/index.ts'

const queriesAtOnce = 8

/**
 * @param queries [Q, D]
 * @param count N, the size of the index, whose ids are the positions '0'..'N-1'
 * @returns [Q, N]
 */
export async function scoreAll(
  index: VectorIndex,
  queries: Float32Array,
  count: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  const scores = new Float32Array((queries.length / index.dim) * count)
  if (count === 0) return scores
  const block = queriesAtOnce * index.dim
  for (let from = 0; from < queries.length; from += block) {
    const results = await index.search(queries.subarray(from, from + block), count, { signal })
    results.forEach(({ hits }, i) => {
      const row = (from / index.dim + i) * count
      for (const { id, score } of hits) scores[row + Number(id)] = score
    })
  }
  return scores
}

/** Scores of every query against every embedding, through the exact vector search. */
import type { VectorIndex } from '../../search/index.ts'

const queriesAtOnce = 8

/**
 * @param queries [Q, D]
 * @param count N, the width of the result
 * @param columnOf the column of an id, or undefined for one that is left out; default: ids are the positions '0'..'N-1'
 * @returns [Q, N]
 */
export async function scoreAll(
  index: VectorIndex,
  queries: Float32Array,
  count: number,
  signal: AbortSignal,
  columnOf: (id: string) => number | undefined = Number,
): Promise<Float32Array> {
  // What the index does not hold is found last.
  const scores = new Float32Array((queries.length / index.dim) * count).fill(-Infinity)
  if (count === 0) return scores
  const block = queriesAtOnce * index.dim
  for (let from = 0; from < queries.length; from += block) {
    const results = await index.search(queries.subarray(from, from + block), Math.max(1, index.size), { signal })
    results.forEach(({ hits }, i) => {
      const row = (from / index.dim + i) * count
      for (const { id, score } of hits) {
        const column = columnOf(id)
        if (column !== undefined) scores[row + column] = score
      }
    })
  }
  return scores
}

/** The figure that decides promotion: how well a model finds the held-out exemplars among each other. Pure. */
import { rankingMetrics } from '../training/index.ts'

/**
 * Mean average precision of finding each exemplar's shot by its text and each text by its shot, averaged over both
 * directions. Exemplars of one concept count as right for each other.
 *
 * @param texts [N, D] unit rows
 * @param videos [N, D] unit rows
 * @param concepts length N
 */
export function meanAveragePrecision(
  texts: Float32Array,
  videos: Float32Array,
  dim: number,
  concepts: readonly string[],
): number {
  const relevant = concepts.map((concept) => concepts.flatMap((other, i) => (other === concept ? [i] : [])))
  const forth = rankingMetrics({ scores: cosines(texts, videos, dim), relevant }).meanAveragePrecision
  const back = rankingMetrics({ scores: cosines(videos, texts, dim), relevant }).meanAveragePrecision
  return (forth + back) / 2
}

/** Products of all rows of `a` [Q, D] with all rows of `b` [N, D]: [Q, N]. */
export function cosines(a: Float32Array, b: Float32Array, dim: number): Float32Array {
  const rows = a.length / dim
  const columns = b.length / dim
  const scores = new Float32Array(rows * columns)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0
      for (let d = 0; d < dim; d++) sum += a[i * dim + d]! * b[j * dim + d]!
      scores[i * columns + j] = sum
    }
  }
  return scores
}

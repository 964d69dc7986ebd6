/**
 * Exact vector search over the whole catalogue. The matrix is resident in the runtime's worker, so that a query sends
 * one vector and receives k scores. Runs in the engine; knows ids and vectors, nothing of videos.
 */
import { assert, defined, float32Data, floatTensor, intTensor } from '../base/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { searchModel } from './search-graph.ts'

export type VectorHit = { readonly id: string; readonly score: number }

export type VectorResult = {
  /** Best first; equal scores in the order in which the ids were added. */
  readonly hits: readonly VectorHit[]
  /** Scores of an even sample of the catalogue (at most `sampleSize`), ascending: what calibration compares with. */
  readonly sample: Float32Array
}

export type VectorIndexOptions = {
  runtime: Runtime
  /** Width of the vectors. */
  dim: number
  /** Default 2000. */
  sampleSize?: number
}

export interface VectorIndex {
  readonly dim: number
  readonly size: number
  /** Adds rows; a known id gets the new vector. `vectors` is [ids, D], copied; rows unit length for cosine scores. */
  put(ids: readonly string[], vectors: Float32Array): void
  /** Forgets everything, then adds. For a new model version. */
  replaceAll(ids: readonly string[], vectors: Float32Array): void
  /** Removes ids; unknown ones are ignored. */
  remove(ids: readonly string[]): void
  /**
   * The best `k` (or all, if there are fewer) for each row of `queries` [Q, D].
   * @throws AppError `runtime.failed`; an AbortError when `signal` aborts
   */
  search(queries: Float32Array, k: number, options?: { signal?: AbortSignal }): Promise<VectorResult[]>
  /** Scores of a few known rows for one query [D], without a trip to the worker; unknown ids are left out. */
  scores(query: Float32Array, ids: readonly string[]): Map<string, number>
  dispose(): Promise<void>
}

/** The index keeps one copy of the matrix here, to edit, and one in the worker; edits are sent with the next search. */
export async function createVectorIndex(options: VectorIndexOptions): Promise<VectorIndex> {
  const { runtime, dim, sampleSize = 2000 } = options
  const session = await runtime.createSession(searchModel(dim), { label: 'exact search', constants: ['matrix'] })
  let ids: string[] = []
  let rowOf = new Map<string, number>()
  let matrix = new Float32Array(0)
  /** What the worker holds; undefined after an edit. */
  let resident: { ids: readonly string[]; written: Promise<void> } | undefined

  const reserve = (rows: number): void => {
    if (rows * dim <= matrix.length) return
    // Half as much again, so that adding video by video does not copy the matrix each time
    const grown = new Float32Array(Math.max(rows, Math.ceil(ids.length * 1.5)) * dim)
    grown.set(matrix.subarray(0, ids.length * dim))
    matrix = grown
  }

  const put = (newIds: readonly string[], vectors: Float32Array): void => {
    assert(vectors.length === newIds.length * dim, `${newIds.length} ids with ${vectors.length} numbers, width ${dim}`)
    reserve(ids.length + newIds.length)
    newIds.forEach((id, index) => {
      const row = rowOf.get(id) ?? ids.length
      if (row === ids.length) {
        ids.push(id)
        rowOf.set(id, row)
      }
      matrix.set(vectors.subarray(index * dim, (index + 1) * dim), row * dim)
    })
    resident = undefined
  }

  /** Sends the matrix when it has changed. Messages to the worker keep their order, so a run may be sent right after. */
  const synchronise = (): { ids: readonly string[]; written: Promise<void> } => {
    if (resident !== undefined) return resident
    const rows = floatTensor([ids.length, dim], matrix.subarray(0, ids.length * dim))
    const sent = { ids: [...ids], written: session.writeState({ matrix: rows }) }
    // Reported by the search that waits for it; the next one sends again.
    sent.written.catch(() => {
      if (resident === sent) resident = undefined
    })
    resident = sent
    return sent
  }

  return {
    dim,
    get size() {
      return ids.length
    },
    put,
    replaceAll(newIds, vectors) {
      ids = []
      rowOf = new Map()
      matrix = new Float32Array(0)
      put(newIds, vectors)
    },
    remove(removed) {
      const gone = new Set(removed)
      const kept: string[] = []
      ids.forEach((id, row) => {
        if (gone.has(id)) return
        matrix.copyWithin(kept.length * dim, row * dim, (row + 1) * dim)
        kept.push(id)
      })
      if (kept.length === ids.length) return
      ids = kept
      rowOf = new Map(kept.map((id, row) => [id, row]))
      resident = undefined
    },
    async search(queries, k, { signal } = {}) {
      assert(queries.length % dim === 0, `queries of ${queries.length} numbers are not rows of ${dim}`)
      assert(Number.isInteger(k) && k > 0, `k must be a positive integer, got ${k}`)
      signal?.throwIfAborted()
      const count = queries.length / dim
      if (count === 0) return []
      if (ids.length === 0) return Array.from({ length: count }, () => ({ hits: [], sample: new Float32Array(0) }))
      // The ids as they are now: an edit while the worker runs must not rename the rows of this answer.
      const { ids: searched, written } = synchronise()
      const limit = Math.min(k, searched.length)
      const feeds = {
        queries: floatTensor([count, dim], queries),
        k: intTensor([1], [limit]),
        stride: intTensor([1], [Math.ceil(searched.length / sampleSize)]),
      }
      const [results] = await Promise.all([session.run(feeds, signal === undefined ? {} : { signal }), written])
      const scores = float32Data(defined(results.scores, 'scores'))
      const rows = defined(results.rows, 'rows').data as BigInt64Array
      const sample = float32Data(defined(results.sample, 'sample'))
      const sampled = sample.length / count
      return Array.from({ length: count }, (_, query) => ({
        hits: Array.from({ length: limit }, (_, rank) => {
          const at = query * limit + rank
          return { id: searched[Number(rows[at])]!, score: scores[at]! }
        }),
        sample: sample.slice(query * sampled, (query + 1) * sampled).sort(),
      }))
    },
    scores(query, wanted) {
      assert(query.length === dim, `a query of ${query.length} numbers, width ${dim}`)
      const found = new Map<string, number>()
      for (const id of wanted) {
        const row = rowOf.get(id)
        if (row === undefined) continue
        let score = 0
        for (let i = 0, at = row * dim; i < dim; i++, at++) score += query[i]! * matrix[at]!
        found.set(id, score)
      }
      return found
    },
    async dispose() {
      matrix = new Float32Array(0)
      await session.dispose()
    },
  }
}

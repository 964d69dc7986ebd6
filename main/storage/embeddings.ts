/** Video embeddings per segment and model version, half precision, read as one matrix. Runs in the engine. */
import { assert, decodeHalvesInto, defined, encodeHalves } from '../base/index.ts'
import type { Connection } from './connection.ts'

export type EmbeddingMatrix = {
  /** Row i belongs to segmentIds[i]; ordered by path, then start. */
  readonly segmentIds: readonly string[]
  readonly dim: number
  /** [N, D] float32 */
  readonly vectors: Float32Array
}

export type EmbeddingStore = {
  /** Writes or replaces rows in one transaction. `vectors` is [N, D] for N segments. */
  save(modelId: string, segmentIds: readonly string[], vectors: Float32Array): void
  /** Every embedding of a model version; N and D are 0 when there is none. */
  matrix(modelId: string): EmbeddingMatrix
  count(modelId: string): number
  /** Segments that have no embedding of this version yet, ordered by path, then start. */
  segmentsWithout(modelId: string): string[]
  removeModel(modelId: string): void
}

const inOrderSql = `FROM segments s JOIN videos v ON v.id = s.video_id`
const order = 'ORDER BY v.path, s.start_seconds, s.position'

export function createEmbeddingStore(connection: Connection): EmbeddingStore {
  const count = (modelId: string): number =>
    connection.get<{ n: number }>('SELECT count(*) AS n FROM embeddings WHERE model_id = ?', modelId)?.n ?? 0

  return {
    save(modelId, segmentIds, vectors) {
      if (segmentIds.length === 0) return
      assert(vectors.length % segmentIds.length === 0, `${vectors.length} values for ${segmentIds.length} segments`)
      const dim = vectors.length / segmentIds.length
      connection.write(() => {
        for (const [index, segmentId] of segmentIds.entries()) {
          const changed = connection.run(
            'INSERT OR REPLACE INTO embeddings (model_id, segment_row, vector) SELECT ?, row_id, ? FROM segments WHERE id = ?',
            modelId,
            encodeHalves(vectors.subarray(index * dim, (index + 1) * dim)),
            segmentId,
          )
          assert(changed === 1, `segment ${segmentId} does not exist`)
        }
      })
    },
    matrix(modelId) {
      // The order comes from the small columns and each vector is decoded straight into its place: sorting rows that
      // carry their vectors would copy every blob through the sorter.
      const rowOf = new Map<number, number>()
      const segmentIds: string[] = []
      const ordered = connection.iterateRaw<[string, number]>(
        `SELECT s.id, s.row_id ${inOrderSql}
         WHERE s.row_id IN (SELECT segment_row FROM embeddings WHERE model_id = ?) ${order}`,
        modelId,
      )
      for (const [id, segmentRow] of ordered) {
        rowOf.set(segmentRow, segmentIds.length)
        segmentIds.push(id)
      }
      let dim = 0
      let vectors = new Float32Array(0)
      const stored = connection.iterateRaw<[number, Uint8Array]>(
        'SELECT segment_row, vector FROM embeddings WHERE model_id = ?',
        modelId,
      )
      for (const [segmentRow, vector] of stored) {
        if (dim === 0) {
          dim = vector.length / 2
          vectors = new Float32Array(segmentIds.length * dim) // [N, D]
        }
        assert(vector.length === 2 * dim, `embeddings of ${vector.length / 2} and ${dim} numbers in one model version`)
        decodeHalvesInto(vector, vectors, defined(rowOf.get(segmentRow), 'the place of an embedding') * dim)
      }
      return { segmentIds, dim, vectors }
    },
    count,
    segmentsWithout: (modelId) =>
      connection
        .all<{ id: string }>(
          `SELECT s.id ${inOrderSql} WHERE NOT EXISTS
           (SELECT 1 FROM embeddings e WHERE e.model_id = ? AND e.segment_row = s.row_id) ${order}`,
          modelId,
        )
        .map(({ id }) => id),
    removeModel(modelId) {
      connection.write(() => connection.run('DELETE FROM embeddings WHERE model_id = ?', modelId))
    },
  }
}

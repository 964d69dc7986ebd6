/** Cached trunk features, half precision: frames by segment and encoder, texts by hash and encoder. Runs in the engine. */
import { createHash } from 'node:crypto'
import { assert, decodeHalves, decodeHalvesInto, defined, encodeHalves } from '../base/index.ts'
import type { Connection } from './connection.ts'

export type FrameBatch = {
  /** [N, T, D] float32; rows without a frame are 0. */
  readonly frames: Float32Array
  /** [N, T] float32: 1 where there is a frame, else 0. */
  readonly mask: Float32Array
  readonly shape: readonly [number, number, number]
}

export type KeptFeatures = {
  readonly encoderId: string
  readonly segments: number
  /** Frame features, without what a row costs beside them. */
  readonly bytes: number
}

export type FeatureStore = {
  /** Replaces the frame features of one segment. `features` is [T, D]. */
  saveFrames(
    segmentId: string,
    encoderId: string,
    features: Float32Array,
    frameCount: number,
    frameSeconds?: readonly number[],
  ): void
  /** [T, D] of one segment, or undefined. */
  framesOf(
    segmentId: string,
    encoderId: string,
  ): { readonly features: Float32Array; readonly frameCount: number; readonly frameSeconds: number[] } | undefined
  /**
   * Frames of many segments for training or embedding. Longer segments are thinned evenly to `frameCount` frames,
   * shorter ones padded with zeros.
   * @throws an internal error when a segment has no features of this encoder: ask `segmentsWithout` first
   */
  loadFrames(encoderId: string, segmentIds: readonly string[], frameCount: number): FrameBatch
  /** Ids of segments that have no features of this encoder, ordered by path and start. */
  segmentsWithout(encoderId: string): string[]
  /** Grows with every segment whose features this process writes: what was built of them is then out of date. */
  writes(encoderId: string): number
  /** How much of each encoder is kept. */
  kept(): KeptFeatures[]
  /** `features` is [N, D] for N texts. */
  saveTexts(encoderId: string, texts: readonly string[], features: Float32Array): void
  /** [N, D]; rows of texts that are not cached are 0 and listed in `missing` (positions). D is 0 when none is cached. */
  loadTexts(
    encoderId: string,
    texts: readonly string[],
  ): { readonly features: Float32Array; readonly dim: number; readonly missing: number[] }
  /** Drops everything an encoder cached: features, and the embeddings that its model versions made of them. */
  removeEncoder(encoderId: string): void
}

type FrameRow = { frame_count: number; dim: number; features: Uint8Array; frame_seconds: string }

const frameRowSql = `SELECT f.frame_count, f.dim, f.features, f.frame_seconds FROM frame_features f
  JOIN segments s ON s.row_id = f.segment_row WHERE s.id = ? AND f.encoder_id = ?`

/**
 * Which of `available` frames to keep when `wanted` fit: all, or `wanted` of them at even distances, first and last
 * included (the middle one when only one fits). Pure.
 */
export function thinFrames(available: number, wanted: number): number[] {
  if (available <= wanted) return Array.from({ length: available }, (_, index) => index)
  if (wanted === 1) return [available >> 1]
  return Array.from({ length: wanted }, (_, index) => Math.round((index * (available - 1)) / (wanted - 1)))
}

export function createFeatureStore(connection: Connection): FeatureStore {
  const frameRow = (segmentId: string, encoderId: string) => connection.get<FrameRow>(frameRowSql, segmentId, encoderId)
  const writes = new Map<string, number>()
  const textHash = (text: string): Uint8Array => createHash('sha256').update(text).digest()

  return {
    saveFrames(segmentId, encoderId, features, frameCount, frameSeconds = []) {
      assert(frameCount > 0 && features.length % frameCount === 0, `${features.length} values for ${frameCount} frames`)
      const changed = connection.run(
        `INSERT OR REPLACE INTO frame_features (segment_row, encoder_id, frame_count, dim, features, frame_seconds)
         SELECT row_id, ?, ?, ?, ?, ? FROM segments WHERE id = ?`,
        encoderId,
        frameCount,
        features.length / frameCount,
        encodeHalves(features),
        JSON.stringify(frameSeconds),
        segmentId,
      )
      assert(changed === 1, `segment ${segmentId} does not exist`)
      writes.set(encoderId, (writes.get(encoderId) ?? 0) + 1)
    },
    framesOf(segmentId, encoderId) {
      const row = frameRow(segmentId, encoderId)
      if (row === undefined) return undefined
      return {
        features: decodeHalves(row.features),
        frameCount: row.frame_count,
        frameSeconds: JSON.parse(row.frame_seconds) as number[],
      }
    },
    loadFrames(encoderId, segmentIds, frameCount) {
      let dim = 0
      let frames = new Float32Array(0)
      const mask = new Float32Array(segmentIds.length * frameCount) // [N, T]
      for (const [index, segmentId] of segmentIds.entries()) {
        const row = defined(frameRow(segmentId, encoderId), `the features of segment ${segmentId}`)
        if (dim === 0) {
          dim = row.dim
          frames = new Float32Array(segmentIds.length * frameCount * dim) // [N, T, D]
        }
        assert(row.dim === dim, `features of ${row.dim} and ${dim} numbers under one encoder`)
        for (const [place, frame] of thinFrames(row.frame_count, frameCount).entries()) {
          const slot = index * frameCount + place
          decodeHalvesInto(row.features.subarray(2 * frame * dim, 2 * (frame + 1) * dim), frames, slot * dim)
          mask[slot] = 1
        }
      }
      return { frames, mask, shape: [segmentIds.length, frameCount, dim] }
    },
    segmentsWithout: (encoderId) =>
      connection
        .all<{ id: string }>(
          `SELECT s.id FROM segments s JOIN videos v ON v.id = s.video_id WHERE NOT EXISTS
           (SELECT 1 FROM frame_features f WHERE f.segment_row = s.row_id AND f.encoder_id = ?)
           ORDER BY v.path, s.start_seconds, s.position`,
          encoderId,
        )
        .map(({ id }) => id),
    writes: (encoderId) => writes.get(encoderId) ?? 0,
    kept: () =>
      connection.all<KeptFeatures>(
        `SELECT encoder_id AS encoderId, count(*) AS segments, sum(length(features)) AS bytes FROM frame_features
         GROUP BY encoder_id ORDER BY encoder_id`,
      ),
    saveTexts(encoderId, texts, features) {
      if (texts.length === 0) return
      assert(features.length % texts.length === 0, `${features.length} values for ${texts.length} texts`)
      const dim = features.length / texts.length
      connection.write(() => {
        for (const [index, text] of texts.entries()) {
          connection.run(
            'INSERT OR REPLACE INTO text_features (encoder_id, text_hash, features) VALUES (?, ?, ?)',
            encoderId,
            textHash(text),
            encodeHalves(features.subarray(index * dim, (index + 1) * dim)),
          )
        }
      })
    },
    loadTexts(encoderId, texts) {
      let dim = 0
      let features = new Float32Array(0)
      const missing: number[] = []
      for (const [index, text] of texts.entries()) {
        const row = connection.get<{ features: Uint8Array }>(
          'SELECT features FROM text_features WHERE encoder_id = ? AND text_hash = ?',
          encoderId,
          textHash(text),
        )
        if (row === undefined) {
          missing.push(index)
          continue
        }
        if (dim === 0) {
          dim = row.features.length / 2
          features = new Float32Array(texts.length * dim) // [N, D]
        }
        decodeHalvesInto(row.features, features, index * dim)
      }
      return { features, dim, missing }
    },
    removeEncoder(encoderId) {
      connection.write(() => {
        connection.run('DELETE FROM frame_features WHERE encoder_id = ?', encoderId)
        connection.run('DELETE FROM text_features WHERE encoder_id = ?', encoderId)
        connection.run(
          'DELETE FROM embeddings WHERE model_id IN (SELECT id FROM models WHERE encoder_id = ?)',
          encoderId,
        )
      })
    },
  }
}

/** Segments (shots) of indexed videos, and the one transaction that writes a finished video. Runs in the engine. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { assert, defined } from '../base/index.ts'
import { bestOverlapId } from './best-overlap.ts'
import type { Connection } from './connection.ts'
import type { FeatureStore } from './features.ts'
import { jsonText } from './json.ts'

export type Segment = {
  readonly id: string
  readonly videoId: string
  /** From 0 within the video. */
  readonly position: number
  /** Half-open [startSeconds, endSeconds). */
  readonly startSeconds: number
  readonly endSeconds: number
  /** Relative to the library folder; null when there is no poster. */
  readonly posterPath: string | null
  readonly frameCount: number
}

/** A segment with the path of its video, for lists that show or write moments. */
export type SegmentWithPath = Segment & { readonly path: string }

export type IndexedSegment = {
  readonly startSeconds: number
  readonly endSeconds: number
  /** JPEG bytes, or null. */
  readonly poster: Uint8Array | null
  /** Trunk features of the sampled frames, [T, D] float32 in row order. */
  readonly features: Float32Array
  /** T, at least 1. */
  readonly frameCount: number
  /** Decoded time of each frame, seconds, length T. */
  readonly frameSeconds: readonly number[]
}

export type IndexedVideo = {
  readonly encoderId: string
  readonly probe: unknown
  readonly durationSeconds: number
  readonly segments: readonly IndexedSegment[]
  /** Whether these follow the segments that are there (see `savePart`) instead of replacing them. Default false. */
  readonly isContinued?: boolean
}

/** All lists are ordered by path, then start. */
export type SegmentStore = {
  /**
   * Writes segments, posters, frame features and the state `indexed` of one video in ONE transaction; earlier segments
   * of the video are replaced. Exemplars keep their times and are tied to the new segments. Killed at any moment, it
   * leaves the video as it was (at most with poster files that the next try overwrites).
   */
  saveIndexed(videoId: string, indexed: IndexedVideo): Segment[]
  /**
   * The same for the beginning of a video, or for more of it: its segments can be searched from now on, while the video
   * stays as it is until `saveIndexed` brings the rest.
   */
  savePart(videoId: string, indexed: IndexedVideo): void
  get(id: string): Segment | undefined
  ofVideo(videoId: string): Segment[]
  /** Segments of indexed videos. */
  all(): SegmentWithPath[]
  count(): number
  /** Changes whenever a segment is added or removed: what was built over all segments is then out of date. */
  fingerprint(): string
  /** The segment of a video that shares most time with [startSeconds, endSeconds). */
  bestOverlap(videoId: string, startSeconds: number, endSeconds: number): Segment | undefined
  /** Absolute path of the poster file. */
  posterFile(segment: Segment): string | null
}

type Row = {
  id: string
  video_id: string
  position: number
  start_seconds: number
  end_seconds: number
  poster_path: string | null
  frame_count: number
}

const columns = 's.id, s.video_id, s.position, s.start_seconds, s.end_seconds, s.poster_path, s.frame_count'

function fromRow(row: Row): Segment {
  return {
    id: row.id,
    videoId: row.video_id,
    position: row.position,
    startSeconds: row.start_seconds,
    endSeconds: row.end_seconds,
    posterPath: row.poster_path,
    frameCount: row.frame_count,
  }
}

export function createSegmentStore(
  connection: Connection,
  {
    dir,
    now,
    newId,
    features,
  }: {
    readonly dir: string
    readonly now: () => number
    readonly newId: () => string
    readonly features: Pick<FeatureStore, 'saveFrames'>
  },
): SegmentStore {
  const get = (id: string): Segment | undefined => {
    const row = connection.get<Row>(`SELECT ${columns} FROM segments s WHERE s.id = ?`, id)
    return row === undefined ? undefined : fromRow(row)
  }
  const ofVideo = (videoId: string): Segment[] =>
    connection
      .all<Row>(`SELECT ${columns} FROM segments s WHERE s.video_id = ? ORDER BY s.position`, videoId)
      .map(fromRow)

  /** Named after the content, so that a second try overwrites what a killed one left. */
  const savePoster = (contentHash: string, position: number, jpeg: Uint8Array): string => {
    const name = createHash('sha256').update(contentHash).digest('hex').slice(0, 32)
    const relative = `thumbnails/${name.slice(0, 2)}/${name}-${position}.jpg`
    mkdirSync(dirname(join(dir, relative)), { recursive: true })
    writeFileSync(join(dir, relative), jpeg)
    return relative
  }

  const tieExemplars = (videoId: string): void => {
    const moments = connection.all<{ id: string; startSeconds: number; endSeconds: number }>(
      `SELECT id, start_seconds AS startSeconds, end_seconds AS endSeconds FROM exemplars WHERE video_id = ?`,
      videoId,
    )
    for (const { id, startSeconds, endSeconds } of moments) {
      const segmentId = bestOverlapId(connection, videoId, startSeconds, endSeconds)
      connection.run('UPDATE exemplars SET segment_id = ? WHERE id = ?', segmentId, id)
    }
  }

  /** In the transaction of the caller. */
  const insert = (videoId: string, { encoderId, segments, isContinued = false }: IndexedVideo): void => {
    const video = connection.get<{ content_hash: string }>('SELECT content_hash FROM videos WHERE id = ?', videoId)
    const contentHash = defined(video, `video ${videoId}`).content_hash
    if (!isContinued) connection.run('DELETE FROM segments WHERE video_id = ?', videoId)
    const first = ofVideo(videoId).length
    assert(first + segments.length > 0, 'an indexed video has at least one segment')
    for (const [index, segment] of segments.entries()) {
      const id = newId()
      const position = first + index
      connection.run(
        `INSERT INTO segments (id, video_id, position, start_seconds, end_seconds, poster_path, frame_count)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        id,
        videoId,
        position,
        segment.startSeconds,
        segment.endSeconds,
        segment.poster === null ? null : savePoster(contentHash, position, segment.poster),
        segment.frameCount,
      )
      features.saveFrames(id, encoderId, segment.features, segment.frameCount, segment.frameSeconds)
    }
    tieExemplars(videoId)
  }

  return {
    saveIndexed(videoId, indexed) {
      return connection.write(() => {
        insert(videoId, indexed)
        connection.run(
          `UPDATE videos SET status = 'indexed', failure_code = NULL, failure_sentence = NULL, probe = ?,
           duration_seconds = ?, indexed_at_ms = ? WHERE id = ?`,
          jsonText(indexed.probe),
          indexed.durationSeconds,
          now(),
          videoId,
        )
        return ofVideo(videoId)
      })
    },
    savePart(videoId, indexed) {
      connection.write(() => {
        insert(videoId, indexed)
        connection.run(
          'UPDATE videos SET probe = ?, duration_seconds = ? WHERE id = ?',
          jsonText(indexed.probe),
          indexed.durationSeconds,
          videoId,
        )
      })
    },
    get,
    ofVideo,
    all: () =>
      connection
        .all<Row & { path: string }>(
          `SELECT ${columns}, v.path FROM segments s JOIN videos v ON v.id = s.video_id
           ORDER BY v.path, s.start_seconds, s.position`,
        )
        .map((row) => ({ ...fromRow(row), path: row.path })),
    count: () => connection.get<{ n: number }>('SELECT count(*) AS n FROM segments')?.n ?? 0,
    fingerprint() {
      // A new row gets the highest number, so an addition shows in the last row and a removal in the count.
      const last = connection.get<{ id: string }>('SELECT id FROM segments ORDER BY row_id DESC LIMIT 1')
      return `${connection.get<{ n: number }>('SELECT count(*) AS n FROM segments')?.n ?? 0} ${last?.id ?? ''}`
    },
    bestOverlap(videoId, startSeconds, endSeconds) {
      const id = bestOverlapId(connection, videoId, startSeconds, endSeconds)
      return id === null ? undefined : get(id)
    },
    posterFile: (segment) => (segment.posterPath === null ? null : join(dir, segment.posterPath)),
  }
}

/** Which segment a moment belongs to. Runs in the engine. */
import type { Connection } from './connection.ts'

/** The id of the segment of a video that shares most time with a moment, or lies nearest; null without segments. */
export function bestOverlapId(
  connection: Connection,
  videoId: string,
  startSeconds: number,
  endSeconds: number,
): string | null {
  const row = connection.get<{ id: string }>(
    `SELECT id FROM segments WHERE video_id = ?
     ORDER BY min(end_seconds, ?) - max(start_seconds, ?) DESC, position LIMIT 1`,
    videoId,
    endSeconds,
    startSeconds,
  )
  return row?.id ?? null
}

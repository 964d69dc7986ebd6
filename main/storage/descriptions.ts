/** Descriptions of videos and where each came from. Runs in the engine. */
import { defined } from '../base/index.ts'
import type { Connection } from './connection.ts'
import { refreshKeywords } from './keyword-index.ts'

/** Sources from most to least trusted; the first that a video has is its best description. */
export const descriptionSources = ['user', 'csv', 'sidecar', 'generated', 'filename'] as const

export type DescriptionSource = (typeof descriptionSources)[number]

export type Description = {
  readonly id: string
  readonly videoId: string
  readonly text: string
  readonly source: DescriptionSource
  readonly createdAtMs: number
  /** Of what a model has written, else null. */
  readonly generated: Generated | null
}

/** Of a text that a model has written: the stretch of the video that it was shown, and how it came about. */
export type Generated = {
  /** Half-open [startSeconds, endSeconds). */
  readonly startSeconds: number
  readonly endSeconds: number
  readonly model: string
  readonly prompt: string
}

export type DescriptionStore = {
  /**
   * Makes these the video's descriptions from this source, in one transaction; equal texts keep their row, so that
   * importing the same file twice changes nothing. Empty texts are left out; an empty list clears the source.
   */
  replace(videoId: string, source: Exclude<DescriptionSource, 'generated'>, texts: readonly string[]): Description[]
  /** Keeps what a model has written of a stretch, in place of what one wrote of the same stretch before. */
  addGenerated(videoId: string, text: string, generated: Generated): Description
  /** Removes all that models have written. @returns how many there were */
  removeGenerated(): number
  countGenerated(): number
  /** By trust, then in the order given. */
  ofVideo(videoId: string): Description[]
  /** Ordered by path, then as `ofVideo`. */
  all(): Description[]
  /** As `all`, but where the user has written texts of a video, only those: they correct what was imported. */
  inEffect(): Description[]
  /** The first of `ofVideo` for every video that has one, ordered by path. */
  best(): Description[]
}

type Row = {
  id: string
  video_id: string
  text: string
  source: DescriptionSource
  created_at_ms: number
  start_seconds: number | null
  end_seconds: number | null
  model: string | null
  prompt: string | null
}

function fromRow(row: Row): Description {
  return {
    ...{ id: row.id, videoId: row.video_id, text: row.text, source: row.source, createdAtMs: row.created_at_ms },
    generated:
      row.start_seconds === null || row.end_seconds === null
        ? null
        : {
            ...{ startSeconds: row.start_seconds, endSeconds: row.end_seconds },
            ...{ model: row.model ?? '', prompt: row.prompt ?? '' },
          },
  }
}

const columns = 'd.id, d.video_id, d.text, d.source, d.created_at_ms, d.start_seconds, d.end_seconds, d.model, d.prompt'
/** ORDER BY for rows of `descriptions d`: the most trusted first. */
export const trustOrderSql = `CASE d.source ${descriptionSources.map((source, rank) => `WHEN '${source}' THEN ${rank}`).join(' ')} END, d.position`

export function createDescriptionStore(
  connection: Connection,
  { now, newId }: { readonly now: () => number; readonly newId: () => string },
): DescriptionStore {
  const ofVideo = (videoId: string): Description[] =>
    connection
      .all<Row>(`SELECT ${columns} FROM descriptions d WHERE d.video_id = ? ORDER BY ${trustOrderSql}`, videoId)
      .map(fromRow)
  const all = (): Description[] =>
    connection
      .all<Row>(
        `SELECT ${columns} FROM descriptions d JOIN videos v ON v.id = d.video_id ORDER BY v.path, ${trustOrderSql}`,
      )
      .map(fromRow)

  const countGenerated = (): number =>
    connection.get<{ n: number }>("SELECT count(*) AS n FROM descriptions WHERE source = 'generated'")?.n ?? 0

  return {
    replace(videoId, source, texts) {
      const wanted = [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))]
      return connection.write(() => {
        const present = ofVideo(videoId).filter((description) => description.source === source)
        for (const { id, text } of present) {
          if (!wanted.includes(text)) connection.run('DELETE FROM descriptions WHERE id = ?', id)
        }
        for (const [position, text] of wanted.entries()) {
          const same = present.find((description) => description.text === text)
          if (same !== undefined) {
            connection.run('UPDATE descriptions SET position = ? WHERE id = ?', position, same.id)
            continue
          }
          connection.run(
            'INSERT INTO descriptions (id, video_id, source, position, text, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
            newId(),
            videoId,
            source,
            position,
            text,
            now(),
          )
        }
        refreshKeywords(connection, videoId)
        return ofVideo(videoId).filter((description) => description.source === source)
      })
    },
    addGenerated(videoId, text, { startSeconds, endSeconds, model, prompt }) {
      const id = newId()
      return connection.write(() => {
        connection.run(
          "DELETE FROM descriptions WHERE video_id = ? AND source = 'generated' AND start_seconds = ? AND end_seconds = ?",
          ...[videoId, startSeconds, endSeconds],
        )
        // By time: shots are described in any order.
        connection.run(
          `INSERT INTO descriptions
           (id, video_id, source, position, text, created_at_ms, start_seconds, end_seconds, model, prompt)
           VALUES (?, ?, 'generated', ?, ?, ?, ?, ?, ?, ?)`,
          ...[id, videoId, Math.round(startSeconds * 1000), text.trim(), now()],
          ...[startSeconds, endSeconds, model, prompt],
        )
        refreshKeywords(connection, videoId)
        return defined(
          ofVideo(videoId).find((description) => description.id === id),
          'the description just kept',
        )
      })
    },
    removeGenerated() {
      return connection.write(() => {
        const videos = connection.all<{ id: string }>(
          "SELECT DISTINCT video_id AS id FROM descriptions WHERE source = 'generated'",
        )
        const removed = countGenerated()
        connection.run("DELETE FROM descriptions WHERE source = 'generated'")
        for (const { id } of videos) refreshKeywords(connection, id)
        return removed
      })
    },
    countGenerated,
    ofVideo,
    all,
    inEffect() {
      const descriptions = all()
      const corrected = new Set(descriptions.filter(({ source }) => source === 'user').map(({ videoId }) => videoId))
      return descriptions.filter(({ videoId, source }) => source === 'user' || !corrected.has(videoId))
    },
    best() {
      const first = new Map<string, Description>()
      for (const description of all()) {
        if (!first.has(description.videoId)) first.set(description.videoId, description)
      }
      return [...first.values()]
    },
  }
}

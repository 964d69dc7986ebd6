/** Descriptions of videos and where each came from. Runs in the engine. */
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
}

export type DescriptionStore = {
  /**
   * Makes these the video's descriptions from this source, in one transaction; equal texts keep their row, so that
   * importing the same file twice changes nothing. Empty texts are left out; an empty list clears the source.
   */
  replace(videoId: string, source: DescriptionSource, texts: readonly string[]): Description[]
  /** By trust, then in the order given. */
  ofVideo(videoId: string): Description[]
  /** Ordered by path, then as `ofVideo`. */
  all(): Description[]
  /** As `all`, but where the user has written texts of a video, only those: they correct what was imported. */
  inEffect(): Description[]
  /** The first of `ofVideo` for every video that has one, ordered by path. */
  best(): Description[]
}

type Row = { id: string; video_id: string; text: string; source: DescriptionSource; created_at_ms: number }

function fromRow(row: Row): Description {
  return { id: row.id, videoId: row.video_id, text: row.text, source: row.source, createdAtMs: row.created_at_ms }
}

const columns = 'd.id, d.video_id, d.text, d.source, d.created_at_ms'
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

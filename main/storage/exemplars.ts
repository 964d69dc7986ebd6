/** Exemplars: trusted pairs of a moment and a text that the user labelled. Runs in the engine. */
import { assert, defined } from '../base/index.ts'
import { bestOverlapId } from './best-overlap.ts'
import type { Connection } from './connection.ts'

export const exemplarGrades = ['exact', 'partial', 'wrong'] as const

export type ExemplarGrade = (typeof exemplarGrades)[number]

export type Exemplar = {
  readonly id: string
  readonly videoId: string
  readonly path: string
  /** The segment that shares most time with the moment; null while the video is not indexed. */
  readonly segmentId: string | null
  /** Half-open [startSeconds, endSeconds). */
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
  readonly grade: ExemplarGrade
  readonly conceptId: string | null
  readonly createdAtMs: number
}

export type NewExemplar = {
  readonly videoId: string
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
  readonly grade: ExemplarGrade
  readonly conceptId?: string | null
}

export type ExemplarStore = {
  /** Adds one, or returns the one with the same moment and text, with the new grade and concept. */
  save(exemplar: NewExemplar): Exemplar
  /** All in one transaction. */
  saveAll(exemplars: readonly NewExemplar[]): Exemplar[]
  get(id: string): Exemplar | undefined
  remove(id: string): void
  /** Ordered by path, start, end and text: the order does not depend on ids or on when they were added. */
  all(grade?: ExemplarGrade): Exemplar[]
  /** By start. */
  ofVideo(videoId: string): Exemplar[]
  /** Newest first. */
  page(options: { readonly grade?: ExemplarGrade | undefined; readonly offset: number; readonly limit: number }): {
    readonly total: number
    readonly exemplars: Exemplar[]
  }
  count(): number
}

type Row = {
  id: string
  video_id: string
  path: string
  segment_id: string | null
  start_seconds: number
  end_seconds: number
  text: string
  grade: ExemplarGrade
  concept_id: string | null
  created_at_ms: number
}

const selectSql = `SELECT e.id, e.video_id, v.path, e.segment_id, e.start_seconds, e.end_seconds, e.text, e.grade,
  e.concept_id, e.created_at_ms FROM exemplars e JOIN videos v ON v.id = e.video_id`

function fromRow(row: Row): Exemplar {
  return {
    id: row.id,
    videoId: row.video_id,
    path: row.path,
    segmentId: row.segment_id,
    startSeconds: row.start_seconds,
    endSeconds: row.end_seconds,
    text: row.text,
    grade: row.grade,
    conceptId: row.concept_id,
    createdAtMs: row.created_at_ms,
  }
}

export function createExemplarStore(
  connection: Connection,
  { now, newId }: { readonly now: () => number; readonly newId: () => string },
): ExemplarStore {
  const first = (condition: string, ...values: (string | number)[]): Exemplar | undefined => {
    const row = connection.get<Row>(`${selectSql} WHERE ${condition}`, ...values)
    return row === undefined ? undefined : fromRow(row)
  }

  const save = (exemplar: NewExemplar): Exemplar => {
    const { videoId, startSeconds, endSeconds, grade } = exemplar
    const text = exemplar.text.trim()
    assert(text !== '' && endSeconds >= startSeconds, 'an exemplar has a text and does not end before it starts')
    return connection.write(() => {
      connection.run(
        `INSERT INTO exemplars (id, video_id, segment_id, start_seconds, end_seconds, text, grade, concept_id, created_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (video_id, start_seconds, end_seconds, text) DO UPDATE SET grade = excluded.grade,
         concept_id = coalesce(excluded.concept_id, concept_id)`,
        newId(),
        videoId,
        bestOverlapId(connection, videoId, startSeconds, endSeconds),
        startSeconds,
        endSeconds,
        text,
        grade,
        exemplar.conceptId ?? null,
        now(),
      )
      const saved = first(
        'e.video_id = ? AND e.start_seconds = ? AND e.end_seconds = ? AND e.text = ?',
        videoId,
        startSeconds,
        endSeconds,
        text,
      )
      return defined(saved, 'the exemplar just saved')
    })
  }

  return {
    save,
    saveAll: (exemplars) => connection.write(() => exemplars.map(save)),
    get: (id) => first('e.id = ?', id),
    remove(id) {
      connection.write(() => connection.run('DELETE FROM exemplars WHERE id = ?', id))
    },
    all(grade) {
      const order = 'ORDER BY v.path, e.start_seconds, e.end_seconds, e.text'
      const rows =
        grade === undefined
          ? connection.all<Row>(`${selectSql} ${order}`)
          : connection.all<Row>(`${selectSql} WHERE e.grade = ? ${order}`, grade)
      return rows.map(fromRow)
    },
    ofVideo: (videoId) =>
      connection
        .all<Row>(`${selectSql} WHERE e.video_id = ? ORDER BY e.start_seconds, e.end_seconds, e.text`, videoId)
        .map(fromRow),
    page({ grade, offset, limit }) {
      const where = 'WHERE (? IS NULL OR e.grade = ?)'
      const wanted = grade ?? null
      const total = connection.get<{ n: number }>(`SELECT count(*) AS n FROM exemplars e ${where}`, wanted, wanted)?.n
      const rows = connection.all<Row>(
        `${selectSql} ${where} ORDER BY e.created_at_ms DESC, e.row_id DESC LIMIT ? OFFSET ?`,
        ...[wanted, wanted, limit, offset],
      )
      return { total: total ?? 0, exemplars: rows.map(fromRow) }
    },
    count: () => connection.get<{ n: number }>('SELECT count(*) AS n FROM exemplars')?.n ?? 0,
  }
}

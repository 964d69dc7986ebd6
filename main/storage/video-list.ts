/** Pages of the catalogue for a grid: filtered, sorted, with what a cell shows. Made for 10,000 videos. Runs in the engine. */
import { basename } from 'node:path'
import type { Connection, SqlValue } from './connection.ts'
import { trustOrderSql } from './descriptions.ts'
import type { VideoFailure, VideoStatus } from './video.ts'

export type ListedVideo = {
  readonly id: string
  readonly path: string
  readonly fileName: string
  readonly status: VideoStatus
  readonly failure: VideoFailure | null
  readonly durationSeconds: number | null
  readonly title: string | null
  readonly sku: string | null
  readonly category: string | null
  /** The most trusted text; none that a model has written. */
  readonly description: string | null
  /** Segments with a picture, in order of time: at most `maxPosters`, evenly chosen, the first always among them. */
  readonly posterSegmentIds: readonly string[]
  readonly segmentCount: number
  readonly exemplarCount: number
  readonly addedAtMs: number
}

/** A field left out does not filter. */
export type CatalogueFilter = {
  readonly statuses?: readonly VideoStatus[] | undefined
  /** '' stands for videos without a category. */
  readonly categories?: readonly string[] | undefined
  readonly minSeconds?: number | undefined
  readonly maxSeconds?: number | undefined
  /** Has a description or a title. */
  readonly described?: boolean | undefined
  /** Has an exemplar. */
  readonly labelled?: boolean | undefined
  /** Part of a file name, title, SKU or category. */
  readonly text?: string | undefined
}

export type CatalogueSort = 'name' | 'added' | 'duration' | 'status'

export type VideoList = {
  page(options: {
    readonly filter: CatalogueFilter
    readonly sort: CatalogueSort
    readonly descending: boolean
    readonly offset: number
    readonly limit: number
  }): { readonly total: number; readonly videos: ListedVideo[] }
  row(id: string): ListedVideo | undefined
  /** Ids of the videos that pass a filter. */
  matching(filter: CatalogueFilter): Set<string>
  /** How many wait to be indexed. */
  pending(): number
  /** Indexed videos with what says their kind, ordered by path. */
  kinds(): {
    readonly id: string
    readonly path: string
    readonly title: string | null
    readonly category: string | null
  }[]
  /** Segments of the videos that have this category. */
  clipsOfCategory(name: string): number
  /** By name; videos without a category are not counted. */
  categories(): { readonly name: string; readonly videos: number }[]
  /** Seconds of indexed footage, and of the longest video. */
  footage(): { readonly totalSeconds: number; readonly longestSeconds: number }
}

export const maxPosters = 12

const columnsSql = `v.id, v.path, v.status, v.failure_code, v.failure_sentence, v.duration_seconds, v.title, v.sku,
  v.category, v.added_at_ms,
  (SELECT d.text FROM descriptions d WHERE d.video_id = v.id AND d.source <> 'generated' ORDER BY ${trustOrderSql} LIMIT 1) AS description,
  (SELECT count(*) FROM segments s WHERE s.video_id = v.id) AS segment_count,
  (SELECT count(*) FROM exemplars e WHERE e.video_id = v.id) AS exemplar_count`

/** The name of the file; a video whose file was replaced by another has no row among the paths. */
const fromSql = 'FROM videos v LEFT JOIN video_paths p ON p.path = v.path'
const nameSql = 'coalesce(p.file_name, v.path) COLLATE NOCASE'

const orderSql: Record<CatalogueSort, string> = {
  name: nameSql,
  added: 'v.added_at_ms',
  duration: 'coalesce(v.duration_seconds, -1)',
  status: `CASE v.status WHEN 'failed' THEN 0 WHEN 'pending' THEN 1 ELSE 2 END`,
}

type Row = {
  id: string
  path: string
  status: VideoStatus
  failure_code: string | null
  failure_sentence: string | null
  duration_seconds: number | null
  title: string | null
  sku: string | null
  category: string | null
  added_at_ms: number
  description: string | null
  segment_count: number
  exemplar_count: number
}

export function createVideoList(connection: Connection): VideoList {
  const postersOf = (ids: readonly string[]): Map<string, string[]> => {
    const posters = new Map<string, string[]>()
    const rows = connection.all<{ id: string; video_id: string }>(
      `SELECT id, video_id FROM segments WHERE poster_path IS NOT NULL AND video_id IN (SELECT value FROM json_each(?))
       ORDER BY video_id, position`,
      JSON.stringify(ids),
    )
    for (const { id, video_id: videoId } of rows) posters.set(videoId, [...(posters.get(videoId) ?? []), id])
    return posters
  }
  const listed = (rows: readonly Row[]): ListedVideo[] => {
    const posters = postersOf(rows.map(({ id }) => id))
    return rows.map((row) => ({
      id: row.id,
      path: row.path,
      fileName: basename(row.path),
      status: row.status,
      failure: row.failure_code === null ? null : { code: row.failure_code, sentence: row.failure_sentence ?? '' },
      durationSeconds: row.duration_seconds,
      title: row.title,
      sku: row.sku,
      category: row.category,
      description: row.description,
      posterSegmentIds: evenly(posters.get(row.id) ?? [], maxPosters),
      segmentCount: row.segment_count,
      exemplarCount: row.exemplar_count,
      addedAtMs: row.added_at_ms,
    }))
  }

  return {
    page({ filter, sort, descending, offset, limit }) {
      const { where, values } = conditionsOf(filter)
      const total = connection.get<{ n: number }>(`SELECT count(*) AS n ${fromSql} ${where}`, ...values)?.n ?? 0
      const direction = descending ? 'DESC' : 'ASC'
      const order = `ORDER BY ${orderSql[sort]} ${direction}, ${nameSql} ${direction}, v.path ${direction}`
      // The page is found first: what a cell shows is then looked up for its rows only.
      const rows = connection.all<Row>(
        `SELECT ${columnsSql} ${fromSql} WHERE v.row_id IN
         (SELECT v.row_id ${fromSql} ${where} ${order} LIMIT ? OFFSET ?) ${order}`,
        ...values,
        limit,
        offset,
      )
      return { total, videos: listed(rows) }
    },
    row: (id) => listed(connection.all<Row>(`SELECT ${columnsSql} ${fromSql} WHERE v.id = ?`, id))[0],
    matching(filter) {
      const { where, values } = conditionsOf(filter)
      return new Set(connection.all<{ id: string }>(`SELECT v.id ${fromSql} ${where}`, ...values).map(({ id }) => id))
    },
    pending: () => connection.get<{ n: number }>("SELECT count(*) AS n FROM videos WHERE status = 'pending'")?.n ?? 0,
    kinds: () => connection.all(`SELECT id, path, title, category FROM videos WHERE status = 'indexed' ORDER BY path`),
    clipsOfCategory: (name) =>
      connection.get<{ n: number }>(
        'SELECT count(*) AS n FROM segments s JOIN videos v ON v.id = s.video_id WHERE v.category = ?',
        name,
      )?.n ?? 0,
    categories: () =>
      connection.all<{ name: string; videos: number }>(
        `SELECT category AS name, count(*) AS videos FROM videos WHERE category IS NOT NULL AND category <> ''
         GROUP BY category ORDER BY category COLLATE NOCASE`,
      ),
    footage() {
      const row = connection.get<{ total: number | null; longest: number | null }>(
        `SELECT sum(duration_seconds) AS total, max(duration_seconds) AS longest FROM videos WHERE status = 'indexed'`,
      )
      return { totalSeconds: row?.total ?? 0, longestSeconds: row?.longest ?? 0 }
    },
  }
}

function conditionsOf(filter: CatalogueFilter): { where: string; values: SqlValue[] } {
  const conditions: string[] = []
  const values: SqlValue[] = []
  const add = (condition: string, ...bound: SqlValue[]): void => {
    conditions.push(condition)
    values.push(...bound)
  }
  const { statuses, categories, minSeconds, maxSeconds, described, labelled, text } = filter
  if (statuses !== undefined) add('v.status IN (SELECT value FROM json_each(?))', JSON.stringify(statuses))
  if (categories !== undefined) {
    add(`coalesce(v.category, '') IN (SELECT value FROM json_each(?))`, JSON.stringify(categories))
  }
  if (minSeconds !== undefined) add('v.duration_seconds >= ?', minSeconds)
  if (maxSeconds !== undefined) add('v.duration_seconds <= ?', maxSeconds)
  const hasText = `(coalesce(v.title, '') <> '' OR EXISTS
    (SELECT 1 FROM descriptions d WHERE d.video_id = v.id AND d.source NOT IN ('filename', 'generated')))`
  if (described !== undefined) add(described ? hasText : `NOT ${hasText}`)
  const hasExemplar = 'EXISTS (SELECT 1 FROM exemplars e WHERE e.video_id = v.id)'
  if (labelled !== undefined) add(labelled ? hasExemplar : `NOT ${hasExemplar}`)
  if (text !== undefined && text.trim() !== '') {
    const pattern = `%${text.trim().replace(/[\\%_]/g, '\\$&')}%`
    const like = (column: string): string => `${column} LIKE ? ESCAPE '\\'`
    const columns = ['coalesce(p.file_name, v.path)', 'v.title', 'v.sku', 'v.category']
    add(`(${columns.map(like).join(' OR ')})`, ...columns.map(() => pattern))
  }
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values }
}

/** At most `count` of the values at even distances, the first always among them. */
function evenly<T>(values: readonly T[], count: number): T[] {
  if (values.length <= count) return [...values]
  return Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)]!)
}

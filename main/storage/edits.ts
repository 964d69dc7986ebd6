/**
 * Edits of labels and texts that can be undone: each is one transaction that keeps the state before and after of every
 * thing it touched. Undo and redo put such a state in place again; any number of steps, also after a restart.
 */
import { assert } from '../base/index.ts'
import { bestOverlapId } from './best-overlap.ts'
import type { Connection } from './connection.ts'
import type { DescriptionStore } from './descriptions.ts'
import type { ExemplarGrade } from './exemplars.ts'
import { refreshKeywords } from './keyword-index.ts'

export type ExemplarState = {
  readonly videoId: string
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
  readonly grade: ExemplarGrade
  readonly conceptId: string | null
  readonly createdAtMs: number
}

/** States by id. Whatever it does not name stays as it is. */
export type Patch = {
  /** null: there is none. */
  readonly exemplars?: Readonly<Record<string, ExemplarState | null>>
  /** The user's own descriptions by video. */
  readonly userTexts?: Readonly<Record<string, readonly string[]>>
  /** Titles by video. */
  readonly titles?: Readonly<Record<string, string | null>>
  /** By segment: not to be proposed for labelling. */
  readonly skipped?: Readonly<Record<string, boolean>>
}

export type EditKind = 'label' | 'unlabel' | 'skip' | 'describe'

export type Edit = {
  readonly id: string
  readonly kind: EditKind
  /** What it was about, to show it again. */
  readonly videoId: string | null
  readonly segmentId: string | null
  readonly before: Patch
  readonly after: Patch
  readonly atMs: number
}

export type EditStore = {
  /** Makes `after` the state and remembers what was before. Edits that were undone are forgotten. */
  perform(edit: Pick<Edit, 'kind' | 'videoId' | 'segmentId' | 'after'>): Edit
  /** The edit that was taken back, or undefined when there is none. What left the library meanwhile is passed over. */
  undo(): Edit | undefined
  redo(): Edit | undefined
  canUndo(): boolean
  canRedo(): boolean
  skipped(): Set<string>
}

type Row = {
  row_id: number
  id: string
  kind: EditKind
  video_id: string | null
  segment_id: string | null
  before: string
  after: string
  at_ms: number
}

type ExemplarRow = {
  video_id: string
  start_seconds: number
  end_seconds: number
  text: string
  grade: ExemplarGrade
  concept_id: string | null
  created_at_ms: number
}

export function createEditStore(
  connection: Connection,
  {
    now,
    newId,
    descriptions,
  }: { readonly now: () => number; readonly newId: () => string; readonly descriptions: DescriptionStore },
): EditStore {
  const exists = (table: 'videos' | 'segments' | 'concepts', id: string): boolean =>
    connection.get(`SELECT 1 FROM ${table} WHERE id = ?`, id) !== undefined

  const exemplarState = (id: string): ExemplarState | null => {
    const row = connection.get<ExemplarRow>(
      `SELECT video_id, start_seconds, end_seconds, text, grade, concept_id, created_at_ms FROM exemplars WHERE id = ?`,
      id,
    )
    if (row === undefined) return null
    return {
      videoId: row.video_id,
      startSeconds: row.start_seconds,
      endSeconds: row.end_seconds,
      text: row.text,
      grade: row.grade,
      conceptId: row.concept_id,
      createdAtMs: row.created_at_ms,
    }
  }

  /** The present state of everything that `patch` names. */
  const stateOf = (patch: Patch): Patch => ({
    exemplars: mapValues(patch.exemplars, (_, id) => exemplarState(id)),
    userTexts: mapValues(patch.userTexts, (_, id) =>
      descriptions
        .ofVideo(id)
        .filter(({ source }) => source === 'user')
        .map(({ text }) => text),
    ),
    titles: mapValues(
      patch.titles,
      (_, id) => connection.get<{ title: string | null }>('SELECT title FROM videos WHERE id = ?', id)?.title ?? null,
    ),
    skipped: mapValues(
      patch.skipped,
      (_, id) => connection.get('SELECT 1 FROM skipped_segments WHERE segment_id = ?', id) !== undefined,
    ),
  })

  const apply = ({ exemplars = {}, userTexts = {}, titles = {}, skipped = {} }: Patch): void => {
    // All go first: one of them may take the place that another leaves.
    for (const id of Object.keys(exemplars)) connection.run('DELETE FROM exemplars WHERE id = ?', id)
    for (const [id, state] of Object.entries(exemplars)) {
      if (state === null || !exists('videos', state.videoId)) continue
      const { videoId, startSeconds, endSeconds, text, grade, conceptId, createdAtMs } = state
      // A table imported meanwhile may have brought the same pair under another id.
      connection.run(
        'DELETE FROM exemplars WHERE video_id = ? AND start_seconds = ? AND end_seconds = ? AND text = ?',
        videoId,
        startSeconds,
        endSeconds,
        text,
      )
      connection.run(
        `INSERT INTO exemplars (id, video_id, segment_id, start_seconds, end_seconds, text, grade, concept_id, created_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        videoId,
        bestOverlapId(connection, videoId, startSeconds, endSeconds),
        startSeconds,
        endSeconds,
        text,
        grade,
        conceptId !== null && exists('concepts', conceptId) ? conceptId : null,
        createdAtMs,
      )
    }
    for (const [videoId, texts] of Object.entries(userTexts)) {
      if (exists('videos', videoId)) descriptions.replace(videoId, 'user', texts)
    }
    for (const [videoId, title] of Object.entries(titles)) {
      connection.run('UPDATE videos SET title = ? WHERE id = ?', title, videoId)
      refreshKeywords(connection, videoId)
    }
    for (const [segmentId, isSkipped] of Object.entries(skipped)) {
      if (!isSkipped) connection.run('DELETE FROM skipped_segments WHERE segment_id = ?', segmentId)
      else if (exists('segments', segmentId)) {
        connection.run('INSERT OR IGNORE INTO skipped_segments (segment_id) VALUES (?)', segmentId)
      }
    }
  }

  const newestDone = 'WHERE undone = 0 ORDER BY row_id DESC LIMIT 1'
  const oldestUndone = 'WHERE undone = 1 ORDER BY row_id LIMIT 1'
  const step = (which: string, undone: 0 | 1): Edit | undefined =>
    connection.write(() => {
      const row = connection.get<Row>(`SELECT * FROM edits ${which}`)
      if (row === undefined) return undefined
      const edit = fromRow(row)
      apply(undone === 1 ? edit.before : edit.after)
      connection.run('UPDATE edits SET undone = ? WHERE row_id = ?', undone, row.row_id)
      return edit
    })

  return {
    perform({ kind, videoId, segmentId, after }) {
      assert(Object.keys(after).length > 0, 'an edit changes something')
      return connection.write(() => {
        const edit: Edit = { id: newId(), kind, videoId, segmentId, before: stateOf(after), after, atMs: now() }
        apply(after)
        connection.run('DELETE FROM edits WHERE undone = 1')
        connection.run(
          'INSERT INTO edits (id, kind, video_id, segment_id, before, after, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
          edit.id,
          kind,
          videoId,
          segmentId,
          JSON.stringify(edit.before),
          JSON.stringify(after),
          edit.atMs,
        )
        return edit
      })
    },
    undo: () => step(newestDone, 1),
    redo: () => step(oldestUndone, 0),
    canUndo: () => connection.get(`SELECT 1 FROM edits ${newestDone}`) !== undefined,
    canRedo: () => connection.get(`SELECT 1 FROM edits ${oldestUndone}`) !== undefined,
    skipped: () =>
      new Set(connection.all<{ id: string }>('SELECT segment_id AS id FROM skipped_segments').map(({ id }) => id)),
  }
}

function fromRow(row: Row): Edit {
  return {
    id: row.id,
    kind: row.kind,
    videoId: row.video_id,
    segmentId: row.segment_id,
    before: JSON.parse(row.before) as Patch,
    after: JSON.parse(row.after) as Patch,
    atMs: row.at_ms,
  }
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>> | undefined,
  map: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, map(value, key)]))
}

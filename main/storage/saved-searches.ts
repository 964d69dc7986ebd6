/** Searches that the user wants to keep. The filter is opaque here: whoever reads it checks its form. Runs in the engine. */
import type { Connection } from './connection.ts'
import { jsonText, parseJson } from './json.ts'

export type StoredSearch = {
  readonly id: string
  readonly name: string
  readonly text: string
  readonly filter: unknown
  readonly atMs: number
}

export type SavedSearchStore = {
  /** A search of the same name is replaced. */
  save(search: Pick<StoredSearch, 'name' | 'text' | 'filter'>): void
  remove(id: string): void
  /** By name. */
  all(): StoredSearch[]
}

type Row = { id: string; name: string; text: string; filter: string; at_ms: number }

export function createSavedSearches(
  connection: Connection,
  { now, newId }: { readonly now: () => number; readonly newId: () => string },
): SavedSearchStore {
  return {
    save({ name, text, filter }) {
      connection.write(() => {
        connection.run('DELETE FROM saved_searches WHERE name = ?', name)
        connection.run(
          'INSERT INTO saved_searches (id, name, text, filter, at_ms) VALUES (?, ?, ?, ?, ?)',
          newId(),
          name,
          text,
          jsonText(filter),
          now(),
        )
      })
    },
    remove(id) {
      connection.write(() => connection.run('DELETE FROM saved_searches WHERE id = ?', id))
    },
    all: () =>
      connection
        .all<Row>('SELECT id, name, text, filter, at_ms FROM saved_searches ORDER BY name COLLATE NOCASE, row_id')
        .map(({ id, name, text, filter, at_ms: atMs }) => ({ id, name, text, filter: parseJson(filter), atMs })),
  }
}

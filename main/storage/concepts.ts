/** Concepts: the kinds of product that the user sorts exemplars by. Runs in the engine. */
import { assert, defined } from '../base/index.ts'
import type { Connection } from './connection.ts'

export type Concept = { readonly id: string; readonly name: string; readonly exemplarCount: number }

export type ConceptStore = {
  /** The concept of this name (letter case and outer spaces do not matter), added when it is new. */
  ensure(name: string): Concept
  get(id: string): Concept | undefined
  /** By name. */
  all(): Concept[]
  remove(id: string): void
}

const selectSql = `SELECT c.id, c.name, (SELECT count(*) FROM exemplars e WHERE e.concept_id = c.id) AS exemplarCount
  FROM concepts c`

export function createConceptStore(connection: Connection, { newId }: { readonly newId: () => string }): ConceptStore {
  const get = (id: string) => connection.get<Concept>(`${selectSql} WHERE c.id = ?`, id)
  return {
    ensure(name) {
      const trimmed = name.trim()
      assert(trimmed !== '', 'a concept has a name')
      const folded = trimmed.normalize('NFKC').toLowerCase()
      return connection.write(() => {
        connection.run(
          'INSERT INTO concepts (id, name, folded_name) VALUES (?, ?, ?) ON CONFLICT (folded_name) DO NOTHING',
          newId(),
          trimmed,
          folded,
        )
        return defined(connection.get<Concept>(`${selectSql} WHERE c.folded_name = ?`, folded), 'the concept')
      })
    },
    get,
    all: () => connection.all<Concept>(`${selectSql} ORDER BY c.folded_name`),
    remove(id) {
      connection.write(() => connection.run('DELETE FROM concepts WHERE id = ?', id))
    },
  }
}

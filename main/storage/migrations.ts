/**
 * Brings a database up to date: numbered SQL files, in order, each in a transaction, with the applied list recorded.
 * Shipped files are never edited. Runs in the engine.
 */
import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { assert } from '../base/index.ts'
import { AppError } from '../contract/index.ts'
import type { Connection } from './connection.ts'

/** `name` is the file name without `.sql`: four digits from 0001, a dash, words. */
export type Migration = { readonly name: string; readonly sql: string }

/** The migrations that this version ships. */
export function shippedMigrations(): Migration[] {
  const folder = fileURLToPath(new URL('./migrations/', import.meta.url))
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.sql'.length), sql: readFileSync(`${folder}/${file}`, 'utf8') }))
}

/**
 * Which migrations are still to run. Pure.
 * @throws AppError library.newer when the library has more than we know, library.damaged when the two lists differ
 */
export function planMigrations(applied: readonly string[], shipped: readonly Migration[]): readonly Migration[] {
  shipped.forEach(({ name }, index) => {
    const number = String(index + 1).padStart(4, '0')
    assert(name.startsWith(`${number}-`), `migration ${name} should have the number ${number}`)
  })
  for (const [index, name] of applied.entries()) {
    const known = shipped[index]
    if (known === undefined) {
      throw new AppError(
        'library.newer',
        `The library was written by a newer version of the app (it has ${name}). Update the app to open it.`,
        { name },
      )
    }
    if (known.name !== name) {
      throw new AppError(
        'library.damaged',
        `The library has the change ${name} where this version of the app has ${known.name}. Restore a backup.`,
        { name, expected: known.name },
      )
    }
  }
  return shipped.slice(applied.length)
}

/** Names recorded in the database, in order; empty for a new file. */
export function appliedMigrations(connection: Connection): string[] {
  const table = connection.get("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'")
  if (table === undefined) return []
  return connection.all<{ name: string }>('SELECT name FROM migrations ORDER BY number').map(({ name }) => name)
}

/**
 * Applies what is missing. A database that already has a catalogue is copied aside first.
 * @returns the path of that copy, or null
 */
export function migrate(
  connection: Connection,
  options: { readonly now: () => number; readonly migrations?: readonly Migration[] },
): string | null {
  const applied = appliedMigrations(connection)
  const pending = planMigrations(applied, options.migrations ?? shippedMigrations())
  const first = pending[0]
  if (first === undefined) return null
  const copy = applied.length === 0 ? null : copyAside(connection, first.name.slice(0, 4))
  connection.write(() =>
    connection.exec(
      'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, applied_at_ms INTEGER NOT NULL)',
    ),
  )
  for (const [index, migration] of pending.entries()) {
    connection.write(() => {
      connection.exec(migration.sql)
      connection.run(
        'INSERT INTO migrations (number, name, applied_at_ms) VALUES (?, ?, ?)',
        applied.length + index + 1,
        migration.name,
        options.now(),
      )
    })
  }
  return copy
}

/** A consistent copy, write-ahead log included, that appears under its name only when it is whole. */
function copyAside(connection: Connection, number: string): string {
  const copy = connection.file.replace(/\.db$/, '') + `.before-${number}.db`
  const partial = `${copy}.partial`
  if (existsSync(partial)) rmSync(partial)
  connection.run('VACUUM INTO ?', partial)
  renameSync(partial, copy)
  return copy
}

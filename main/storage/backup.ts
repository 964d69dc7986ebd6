/** Checking a library, copying its database out and putting a copy back in place. Runs in the engine. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AppError } from '../contract/index.ts'
import { explainSqlError, openConnection, type Connection } from './connection.ts'
import { appliedMigrations, planMigrations, shippedMigrations } from './migrations.ts'
import { takeWriterLock } from './writer-lock.ts'

/** Problems as SQLite words them: damage of the file, and rows whose counterpart is missing. Empty when all is sound. */
export function findProblems(connection: Connection): string[] {
  const damage = (connection.pragma('integrity_check') as { integrity_check: string }[])
    .map(({ integrity_check: line }) => line)
    .filter((line) => line !== 'ok')
  const orphans = (connection.pragma('foreign_key_check') as { table: string; rowid: number; parent: string }[]).map(
    ({ table, rowid, parent }) => `row ${rowid} of ${table} has no counterpart in ${parent}`,
  )
  return [...damage, ...orphans]
}

/** Appears under its name only when it is whole. The library stays usable meanwhile. */
export async function backupTo(connection: Connection, file: string): Promise<void> {
  const target = resolve(file)
  if (target === connection.file) {
    throw new AppError('usage', `The backup cannot be the library itself (${target}). Choose another file.`, { file })
  }
  const partial = `${target}.partial`
  rmSync(partial, { force: true })
  try {
    await connection.backup(partial)
    renameSync(partial, target)
  } catch (cause) {
    rmSync(partial, { force: true })
    throw explainSqlError(cause, target)
  }
}

/**
 * Replaces the database of the library in `dir` by a backup. The backup is checked first; the present database is kept
 * beside it under the returned name. Thumbnails are left as they are; ones that are missing can be made again.
 * @throws AppError library.locked, library.damaged, library.newer, input.missing
 */
export function restoreLibrary(
  file: string,
  dir: string,
  options: { readonly now: () => number; readonly nativeBinding?: string },
): { keptAside: string | null } {
  if (!existsSync(file)) throw new AppError('input.missing', `There is no backup at ${file}.`, { file })
  mkdirSync(join(dir, 'thumbnails'), { recursive: true })
  const lock = takeWriterLock(dir, options)
  const database = join(dir, 'catalogue.db')
  const incoming = `${database}.restoring`
  try {
    // Checked as a copy: opening the backup itself could leave files beside it.
    copyFileSync(file, incoming)
    checkBackup(incoming, file, options)
    const keptAside = existsSync(database) ? keepAside(database, options) : null
    // From here to the end a kill leaves either database whole: the old one has no log any more.
    renameSync(incoming, database)
    return { keptAside }
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${incoming}${suffix}`, { force: true })
    lock.release()
  }
}

function checkBackup(copy: string, file: string, options: { readonly nativeBinding?: string }): void {
  const connection = openConnection(copy, options)
  try {
    const applied = appliedMigrations(connection)
    planMigrations(applied, shippedMigrations())
    const problem = applied.length === 0 ? 'it holds no catalogue' : findProblems(connection)[0]
    if (problem === undefined) return
    throw new AppError('library.damaged', `${file} cannot be restored: ${problem}. Choose another backup.`, { file })
  } finally {
    connection.close()
  }
}

/** Folds the log into the database, so that one file holds all, and copies that file. */
function keepAside(database: string, options: { readonly now: () => number; readonly nativeBinding?: string }): string {
  const kept = database.replace(/\.db$/, '') + `.before-restore-${options.now()}.db`
  try {
    const connection = openConnection(database, options)
    try {
      connection.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      connection.close()
    }
  } catch {
    // A database too damaged to open is why people restore: its files are kept as they are.
  }
  copyFileSync(database, kept)
  if (existsSync(`${database}-wal`)) {
    copyFileSync(`${database}-wal`, `${kept}-wal`)
    rmSync(`${database}-wal`)
  }
  rmSync(`${database}-shm`, { force: true })
  return kept
}

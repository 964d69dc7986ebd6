/**
 * One SQLite connection with the pragmas of a library, cached statements and one way to write. The only importer of
 * better-sqlite3 beside the writer's lock. Runs in the engine.
 */
import Database from 'better-sqlite3'
import { AppError } from '../contract/index.ts'

/** What SQLite can bind. */
export type SqlValue = string | number | bigint | Uint8Array | null

export type Connection = {
  readonly file: string
  all<Row>(sql: string, ...values: SqlValue[]): Row[]
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined
  /** Rows as arrays, one at a time; do not write while iterating. */
  iterateRaw<Row extends readonly unknown[]>(sql: string, ...values: SqlValue[]): IterableIterator<Row>
  /** Runs one statement; returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number
  /** Runs a script of several statements. */
  exec(script: string): void
  pragma(text: string): unknown
  /**
   * All or nothing. Nested calls are parts of the outer one. A full disk becomes `disk.full`.
   * `work` must not be async.
   */
  write<T>(work: () => T): T
  backup(file: string): Promise<void>
  close(): void
}

export type ConnectionOptions = { readonly readOnly?: boolean; readonly nativeBinding?: string }

/** Milliseconds to wait for another connection's transaction. */
const busyTimeoutMs = 10_000
/** Large enough that an embedding of about 2000 numbers lies whole in a page of its table. */
const pageSizeBytes = 16_384

/** @throws AppError library.damaged when the file is not a database */
export function openConnection(file: string, options: ConnectionOptions = {}): Connection {
  const db = new Database(file, {
    readonly: options.readOnly ?? false,
    fileMustExist: options.readOnly ?? false,
    timeout: busyTimeoutMs,
    ...(options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }),
  })
  try {
    if (!options.readOnly) {
      db.pragma(`page_size = ${pageSizeBytes}`)
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = NORMAL')
    }
    db.pragma('foreign_keys = ON')
    db.prepare('SELECT count(*) FROM sqlite_master').get()
  } catch (error) {
    db.close()
    throw explainSqlError(error, file)
  }
  return wrap(db, file)
}

function wrap(db: Database.Database, file: string): Connection {
  const statements = new Map<string, Database.Statement<SqlValue[]>>()
  const statement = (sql: string): Database.Statement<SqlValue[]> => {
    let found = statements.get(sql)
    if (found === undefined) {
      found = db.prepare<SqlValue[]>(sql)
      statements.set(sql, found)
    }
    return found
  }
  const inTransaction = db.transaction((work: () => unknown) => work())
  return {
    file,
    all: <Row>(sql: string, ...values: SqlValue[]) => statement(sql).all(...values) as Row[],
    get: <Row>(sql: string, ...values: SqlValue[]) => statement(sql).get(...values) as Row | undefined,
    // Not cached: raw mode belongs to the statement, and an unfinished iteration would block its next use.
    iterateRaw: <Row extends readonly unknown[]>(sql: string, ...values: SqlValue[]) =>
      db
        .prepare<SqlValue[]>(sql)
        .raw()
        .iterate(...values) as IterableIterator<Row>,
    run: (sql, ...values) => statement(sql).run(...values).changes,
    exec: (script) => void db.exec(script),
    pragma: (text) => db.pragma(text),
    write<T>(work: () => T): T {
      try {
        return inTransaction.immediate(work) as T
      } catch (error) {
        throw explainSqlError(error, file)
      }
    },
    async backup(target) {
      await db.backup(target)
    },
    close() {
      if (db.open) db.close()
    },
  }
}

/** Turns what a user can act on into an AppError; everything else stays as it is. */
export function explainSqlError(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // ENOSPC comes from files beside the database: posters and checkpoints.
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return new AppError(
      'disk.full',
      `The disk of ${file} is full. Make room and try again.`,
      { file },
      { cause: error },
    )
  }
  if (typeof code === 'string' && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')) {
    return new AppError(
      'library.damaged',
      `The library file ${file} is damaged. Restore a backup.`,
      { file },
      { cause: error },
    )
  }
  return error
}

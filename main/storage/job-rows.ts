/** Rows of the job queue. What a state means is decided in main/jobs; this file only keeps it. Runs in the engine. */
import { assert } from '../base/index.ts'
import type { Connection } from './connection.ts'

export type JobRowState = 'pending' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled'

export type JobRow = {
  readonly id: string
  readonly kind: string
  /** Jobs with an equal key are the same work; null for none. */
  readonly key: string | null
  readonly input: unknown
  readonly state: JobRowState
  readonly attempts: number
  readonly maxAttempts: number
  readonly progress: {
    readonly stage: string
    readonly fraction: number | null
    readonly done?: number
    readonly total?: number
    readonly unit?: string
    readonly ratePerSecond?: number | null
    readonly remainingSeconds?: number | null
  } | null
  readonly result: unknown
  readonly error: { readonly code: string | null; readonly message: string } | null
  readonly owner: string | null
  readonly leaseUntilMs: number | null
  readonly notBeforeMs: number
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

export type JobRows = {
  insert(job: JobRow): void
  get(id: string): JobRow | undefined
  /** The newest job with this key. */
  findByKey(key: string): JobRow | undefined
  /** Oldest first. */
  list(filter?: { readonly states?: readonly JobRowState[] }): JobRow[]
  update(job: JobRow): void
  remove(id: string): void
  /** Runs `work` in one write transaction: what it reads does not change before it writes. */
  atomically<T>(work: () => T): T
}

/** The columns that are searched stand beside the whole job as JSON. */
export function createJobRows(connection: Connection): JobRows {
  const parse = ({ body }: { body: string }): JobRow => JSON.parse(body) as JobRow
  const first = (rest: string, ...values: string[]): JobRow | undefined => {
    const row = connection.get<{ body: string }>(`SELECT body FROM jobs ${rest}`, ...values)
    return row === undefined ? undefined : parse(row)
  }
  return {
    insert(job) {
      connection.write(() =>
        connection.run(
          'INSERT INTO jobs (id, kind, key, state, body) VALUES (?, ?, ?, ?, ?)',
          job.id,
          job.kind,
          job.key,
          job.state,
          JSON.stringify(job),
        ),
      )
    },
    get: (id) => first('WHERE id = ?', id),
    findByKey: (key) => first('WHERE key = ? ORDER BY row_id DESC LIMIT 1', key),
    list({ states } = {}) {
      const condition = states === undefined ? '' : `WHERE state IN (${states.map(() => '?').join(', ')})`
      return connection
        .all<{ body: string }>(`SELECT body FROM jobs ${condition} ORDER BY row_id`, ...(states ?? []))
        .map(parse)
    },
    update(job) {
      const changed = connection.write(() =>
        connection.run('UPDATE jobs SET state = ?, body = ? WHERE id = ?', job.state, JSON.stringify(job), job.id),
      )
      assert(changed === 1, `job ${job.id} does not exist`)
    },
    remove(id) {
      connection.write(() => connection.run('DELETE FROM jobs WHERE id = ?', id))
    },
    atomically: (work) => connection.write(work),
  }
}

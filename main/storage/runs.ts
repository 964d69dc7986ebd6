/** Training runs: config, curves, state and checkpoint. Runs in the engine. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defined } from '../base/index.ts'
import { writeFileAtomically } from './atomic-file.ts'
import type { Connection } from './connection.ts'
import { jsonText, parseJson } from './json.ts'

export type RunState = 'running' | 'paused' | 'finished' | 'cancelled' | 'failed'

export type Run = {
  readonly id: string
  readonly state: RunState
  readonly config: unknown
  readonly seed: number
  /** Names the data the run saw; equal hash, config and seed give an equal run. */
  readonly dataHash: string
  /** The version that came out, if any. */
  readonly modelId: string | null
  /** One plain sentence when the state is failed. */
  readonly failure: string | null
  readonly hasCheckpoint: boolean
  readonly startedAtMs: number
  readonly endedAtMs: number | null
}

/** What one epoch recorded, as the trainer wrote it. */
export type RunEpoch = { readonly epoch: number; readonly values: unknown }

export type RunStore = {
  /** Starts a run in the state `running`. */
  create(run: { readonly config: unknown; readonly seed: number; readonly dataHash: string }): Run
  get(id: string): Run | undefined
  /** Newest first. */
  all(): Run[]
  setState(id: string, state: RunState, failure?: string): void
  /** Replaces the record of this epoch: a resumed run may write one again. */
  saveEpoch(id: string, epoch: number, values: unknown): void
  curves(id: string): RunEpoch[]
  /**
   * Written beside and renamed, so that a kill leaves the earlier checkpoint whole. The one before is kept too, for when
   * the newest turns out to be damaged.
   */
  saveCheckpoint(id: string, bytes: Uint8Array): void
  /** The newest first, then the one before; what is not there is left out. */
  loadCheckpoints(id: string): Uint8Array[]
  removeCheckpoint(id: string): void
}

type Row = {
  id: string
  state: RunState
  config: string
  seed: number
  data_hash: string
  model_id: string | null
  failure: string | null
  checkpoint_path: string | null
  started_at_ms: number
  ended_at_ms: number | null
}

const selectSql = `SELECT r.id, r.state, r.config, r.seed, r.data_hash, r.failure, r.checkpoint_path, r.started_at_ms,
  r.ended_at_ms, (SELECT m.id FROM models m WHERE m.run_id = r.id ORDER BY m.row_id DESC LIMIT 1) AS model_id FROM runs r`

function fromRow(row: Row): Run {
  return {
    id: row.id,
    state: row.state,
    config: parseJson(row.config),
    seed: row.seed,
    dataHash: row.data_hash,
    modelId: row.model_id,
    failure: row.failure,
    hasCheckpoint: row.checkpoint_path !== null,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
  }
}

/** Where the checkpoint lies that was the newest before. */
const beforeThat = (path: string): string => `${path}.before`

export function createRunStore(
  connection: Connection,
  { dir, now, newId }: { readonly dir: string; readonly now: () => number; readonly newId: () => string },
): RunStore {
  const get = (id: string): Run | undefined => {
    const row = connection.get<Row>(`${selectSql} WHERE r.id = ?`, id)
    return row === undefined ? undefined : fromRow(row)
  }
  const checkpointPath = (id: string): string | null =>
    connection.get<Row>(`${selectSql} WHERE r.id = ?`, id)?.checkpoint_path ?? null

  return {
    create({ config, seed, dataHash }) {
      const id = newId()
      connection.write(() =>
        connection.run(
          "INSERT INTO runs (id, state, config, seed, data_hash, started_at_ms) VALUES (?, 'running', ?, ?, ?, ?)",
          id,
          jsonText(config),
          seed,
          dataHash,
          now(),
        ),
      )
      return defined(get(id), 'the run just created')
    },
    get,
    all: () => connection.all<Row>(`${selectSql} ORDER BY r.row_id DESC`).map(fromRow),
    setState(id, state, failure) {
      const ended = state === 'finished' || state === 'cancelled' || state === 'failed'
      connection.write(() =>
        connection.run(
          'UPDATE runs SET state = ?, failure = ?, ended_at_ms = ? WHERE id = ?',
          state,
          failure ?? null,
          ended ? now() : null,
          id,
        ),
      )
    },
    saveEpoch(id, epoch, values) {
      connection.write(() =>
        connection.run(
          'INSERT OR REPLACE INTO run_epochs (run_id, epoch, record) VALUES (?, ?, ?)',
          id,
          epoch,
          jsonText(values),
        ),
      )
    },
    curves: (id) =>
      connection
        .all<{ epoch: number; record: string }>(
          'SELECT epoch, record FROM run_epochs WHERE run_id = ? ORDER BY epoch',
          id,
        )
        .map(({ epoch, record }) => ({ epoch, values: parseJson(record) })),
    saveCheckpoint(id, bytes) {
      const relative = `checkpoints/${id}.checkpoint`
      mkdirSync(dirname(join(dir, relative)), { recursive: true })
      connection.write(() => {
        const path = join(dir, relative)
        if (existsSync(path)) renameSync(path, beforeThat(path))
        writeFileAtomically(path, bytes)
        connection.run('UPDATE runs SET checkpoint_path = ? WHERE id = ?', relative, id)
      })
    },
    loadCheckpoints(id) {
      const relative = checkpointPath(id)
      if (relative === null) return []
      const newest = join(dir, relative)
      // A restored library has no checkpoints: the run then begins anew.
      return [newest, beforeThat(newest)].filter((path) => existsSync(path)).map((path) => readFileSync(path))
    },
    removeCheckpoint(id) {
      const relative = checkpointPath(id)
      if (relative === null) return
      connection.write(() => connection.run('UPDATE runs SET checkpoint_path = NULL WHERE id = ?', id))
      for (const path of [join(dir, relative), beforeThat(join(dir, relative))]) rmSync(path, { force: true })
    },
  }
}

/**
 * Model versions: trained towers over an encoder, which one is active, and the way back. Each encoder has an active version
 * and a history of its own, so that changing the encoder and going back finds everything as it was. Runs in the engine.
 */
import { assert, defined } from '../base/index.ts'
import { AppError } from '../contract/index.ts'
import type { Connection } from './connection.ts'
import { jsonText, parseJson } from './json.ts'

/** kept = trained, never active; promoted = is or was active; discarded = rejected by the user. */
export type ModelStatus = 'kept' | 'promoted' | 'discarded'

export type ModelVersion = {
  readonly id: string
  /** The version that training started from; null for the untrained one. */
  readonly parentId: string | null
  readonly encoderId: string
  readonly runId: string | null
  readonly name: string
  readonly status: ModelStatus
  readonly active: boolean
  /** False for the zero-shot version, which is the encoder alone. */
  readonly hasWeights: boolean
  /** How the tower is built, as the trainer wrote it. */
  readonly config: unknown
  readonly metrics: unknown
  readonly createdAtMs: number
}

export type NewModel = {
  readonly encoderId: string
  readonly name: string
  readonly parentId?: string | null
  readonly runId?: string | null
  readonly weights?: Uint8Array | null
  readonly config?: unknown
  readonly metrics?: unknown
}

export type ModelStore = {
  /** Adds a version with the status `kept`. */
  add(model: NewModel): ModelVersion
  /** The version without weights of an encoder, added when it is missing. */
  ensureZeroShot(encoderId: string): ModelVersion
  get(id: string): ModelVersion | undefined
  /** Newest first. */
  all(): ModelVersion[]
  /** null for the zero-shot version. @throws AppError model.missing */
  weights(id: string): Uint8Array | null
  setMetrics(id: string, metrics: unknown): void
  active(encoderId: string): ModelVersion | undefined
  /** Makes a version the active one of its encoder and remembers the one before. @throws AppError model.missing */
  promote(id: string): ModelVersion
  /** Makes the version before the active one active again; undefined (and no change) when there is none. */
  rollback(encoderId: string): ModelVersion | undefined
  /** Rejects a version that is not active, and drops its embeddings. */
  discard(id: string): void
}

type Row = {
  id: string
  parent_id: string | null
  encoder_id: string
  run_id: string | null
  name: string
  status: ModelStatus
  active: 0 | 1
  has_weights: 0 | 1
  config: string
  metrics: string
  created_at_ms: number
}

/** Activations of versions of one encoder. */
const activationsSql = 'model_activations a JOIN models b ON b.id = a.model_id WHERE b.encoder_id'
const activeIdSql = `(SELECT a.model_id FROM ${activationsSql} = m.encoder_id ORDER BY a.row_id DESC LIMIT 1)`
const selectSql = `SELECT m.id, m.parent_id, m.encoder_id, m.run_id, m.name, m.status, m.id IS ${activeIdSql} AS active,
  m.weights IS NOT NULL AS has_weights, m.config, m.metrics, m.created_at_ms FROM models m`

function fromRow(row: Row): ModelVersion {
  return {
    id: row.id,
    parentId: row.parent_id,
    encoderId: row.encoder_id,
    runId: row.run_id,
    name: row.name,
    status: row.status,
    active: row.active === 1,
    hasWeights: row.has_weights === 1,
    config: parseJson(row.config),
    metrics: parseJson(row.metrics),
    createdAtMs: row.created_at_ms,
  }
}

export function createModelStore(
  connection: Connection,
  { now, newId }: { readonly now: () => number; readonly newId: () => string },
): ModelStore {
  const first = (condition: string, ...values: string[]): ModelVersion | undefined => {
    const row = connection.get<Row>(`${selectSql} WHERE ${condition}`, ...values)
    return row === undefined ? undefined : fromRow(row)
  }
  const get = (id: string) => first('m.id = ?', id)
  const active = (encoderId: string) => first(`m.encoder_id = ? AND m.id = ${activeIdSql}`, encoderId)
  const existing = (id: string): ModelVersion => {
    const model = get(id)
    if (model === undefined) throw new AppError('model.missing', `There is no model version ${id}.`, { id })
    return model
  }

  const add = (model: NewModel): ModelVersion => {
    const id = newId()
    connection.write(() =>
      connection.run(
        `INSERT INTO models (id, parent_id, encoder_id, run_id, name, status, weights, config, metrics, created_at_ms)
         VALUES (?, ?, ?, ?, ?, 'kept', ?, ?, ?, ?)`,
        id,
        model.parentId ?? null,
        model.encoderId,
        model.runId ?? null,
        model.name,
        model.weights ?? null,
        jsonText(model.config),
        jsonText(model.metrics),
        now(),
      ),
    )
    return defined(get(id), 'the model just added')
  }

  return {
    add,
    ensureZeroShot: (encoderId) =>
      connection.write(
        () => first('m.encoder_id = ? AND m.weights IS NULL', encoderId) ?? add({ encoderId, name: 'zero-shot' }),
      ),
    get,
    all: () => connection.all<Row>(`${selectSql} ORDER BY m.row_id DESC`).map(fromRow),
    weights(id) {
      existing(id)
      return (
        connection.get<{ weights: Uint8Array | null }>('SELECT weights FROM models WHERE id = ?', id)?.weights ?? null
      )
    },
    setMetrics(id, metrics) {
      connection.write(() => connection.run('UPDATE models SET metrics = ? WHERE id = ?', jsonText(metrics), id))
    },
    active,
    promote(id) {
      return connection.write(() => {
        if (!existing(id).active) {
          connection.run('INSERT INTO model_activations (model_id, at_ms) VALUES (?, ?)', id, now())
          connection.run("UPDATE models SET status = 'promoted' WHERE id = ?", id)
        }
        return existing(id)
      })
    },
    rollback(encoderId) {
      return connection.write(() => {
        const history = connection.all<{ row: number }>(
          `SELECT a.row_id AS row FROM ${activationsSql} = ? ORDER BY a.row_id DESC LIMIT 2`,
          encoderId,
        )
        if (history.length < 2) return undefined
        connection.run('DELETE FROM model_activations WHERE row_id = ?', history[0]!.row)
        return active(encoderId)
      })
    },
    discard(id) {
      connection.write(() => {
        assert(!existing(id).active, 'the active model version cannot be discarded')
        connection.run("UPDATE models SET status = 'discarded' WHERE id = ?", id)
        connection.run('DELETE FROM model_activations WHERE model_id = ?', id)
        connection.run('DELETE FROM embeddings WHERE model_id = ?', id)
      })
    },
  }
}

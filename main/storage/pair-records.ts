/** Loss and weight of every training pair by epoch, and how likely it is wrong, for the audit. Runs in the engine. */
import { assert } from '../base/index.ts'
import type { Connection } from './connection.ts'

/** A pair as it was when the run began; later edits of the catalogue do not change it. */
export type RunPair = {
  /** The caller's own name for the pair, unique within the run. */
  readonly pairId: string
  readonly segmentId: string | null
  readonly text: string
}

export type EpochRecord = {
  readonly epoch: number
  /** Per pair, in the order of `setPairs`, length N; NaN where the epoch did not see the pair. */
  readonly loss: Float32Array
  readonly weight: Float32Array
}

export type PairRecordStore = {
  /** Names the pairs of a run, once, in the order that every record uses. */
  setPairs(runId: string, pairs: readonly RunPair[]): void
  pairs(runId: string): RunPair[]
  /** How many pairs the run has. */
  count(runId: string): number
  /** Writes or replaces one epoch, in one transaction. */
  save(runId: string, record: EpochRecord): void
  /** Epochs recorded, ascending. */
  epochs(runId: string): number[]
  read(runId: string, epoch: number): EpochRecord | undefined
  /** Drops the records of later epochs, before a run resumes from a checkpoint. */
  dropAfter(runId: string, epoch: number): void
  /** Keeps how likely each pair is wrong, [N] in the order of `setPairs`, 0..1. */
  saveDoubts(runId: string, doubts: Float32Array): void
  /** Undefined for a run that has not come to its end, or is from before they were kept. */
  doubts(runId: string): Float32Array | undefined
}

export function createPairRecordStore(connection: Connection): PairRecordStore {
  const pairCount = (runId: string): number =>
    connection.get<{ n: number }>('SELECT count(*) AS n FROM run_pairs WHERE run_id = ?', runId)?.n ?? 0

  return {
    setPairs(runId, pairs) {
      connection.write(() => {
        connection.run('DELETE FROM run_pairs WHERE run_id = ?', runId)
        for (const [position, pair] of pairs.entries()) {
          connection.run(
            'INSERT INTO run_pairs (run_id, position, pair_id, segment_id, text) VALUES (?, ?, ?, ?, ?)',
            runId,
            position,
            pair.pairId,
            pair.segmentId,
            pair.text,
          )
        }
      })
    },
    pairs: (runId) =>
      connection.all<RunPair>(
        'SELECT pair_id AS pairId, segment_id AS segmentId, text FROM run_pairs WHERE run_id = ? ORDER BY position',
        runId,
      ),
    count: pairCount,
    save(runId, { epoch, loss, weight }) {
      const count = pairCount(runId)
      assert(
        loss.length === count && weight.length === count,
        `${loss.length} losses and ${weight.length} weights for ${count} pairs`,
      )
      connection.write(() =>
        connection.run(
          'INSERT OR REPLACE INTO pair_records (run_id, epoch, loss, weight) VALUES (?, ?, ?, ?)',
          runId,
          epoch,
          bytesOf(loss),
          bytesOf(weight),
        ),
      )
    },
    epochs: (runId) =>
      connection
        .all<{ epoch: number }>('SELECT epoch FROM pair_records WHERE run_id = ? ORDER BY epoch', runId)
        .map(({ epoch }) => epoch),
    read(runId, epoch) {
      const row = connection.get<{ loss: Uint8Array; weight: Uint8Array }>(
        'SELECT loss, weight FROM pair_records WHERE run_id = ? AND epoch = ?',
        runId,
        epoch,
      )
      return row === undefined ? undefined : { epoch, loss: floatsOf(row.loss), weight: floatsOf(row.weight) }
    },
    dropAfter(runId, epoch) {
      connection.write(() => connection.run('DELETE FROM pair_records WHERE run_id = ? AND epoch > ?', runId, epoch))
    },
    saveDoubts(runId, doubts) {
      const count = pairCount(runId)
      assert(doubts.length === count, `${doubts.length} doubts for ${count} pairs`)
      connection.write(() => connection.run('UPDATE runs SET pair_doubts = ? WHERE id = ?', bytesOf(doubts), runId))
    },
    doubts(runId) {
      const row = connection.get<{ doubts: Uint8Array | null }>(
        'SELECT pair_doubts AS doubts FROM runs WHERE id = ?',
        runId,
      )
      return row?.doubts ? floatsOf(row.doubts) : undefined
    },
  }
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/** Copies, because the bytes of a row may lie at any address. */
function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer)
}

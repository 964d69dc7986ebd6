/**
 * What the frames of training pairs are below the trained blocks: one file a shot, half precision, in a folder of the
 * library. Working files of a run: they are written once, survive a stop, and go when a run is finished.
 */
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { assert, decodeHalvesInto, encodeHalves } from '../base/index.ts'
import { thinFrames, writeFileAtomically } from '../storage/index.ts'
import { refuseBeyondHalves } from './half-precision.ts'
import { activationsDirOf } from './library-folders.ts'

export type ActivationStore = {
  /** Numbers of one frame. */
  readonly dim: number
  has(segmentId: string): boolean
  /** `rows` is [count, dim]. @throws AppError `encoder.invalid` for numbers that half precision cannot hold */
  save(segmentId: string, rows: Float32Array, count: number): void
  /** [N, T]: 1 where there is a frame. Shots are thinned and padded as features are. */
  mask(segmentIds: readonly string[], frameCount: number): Float32Array
  /** [N, T, dim]; 0 where there is no frame. */
  load(segmentIds: readonly string[], frameCount: number): Float32Array
}

/** @param cutId of the encoder below the cut; what other cuts left behind is removed */
export function openActivations(libraryDir: string, cutId: string, dim: number): ActivationStore {
  const name = createHash('sha256').update(cutId).digest('hex').slice(0, 16)
  const folder = join(activationsDirOf(libraryDir), name)
  mkdirSync(folder, { recursive: true })
  for (const other of readdirSync(activationsDirOf(libraryDir))) {
    if (other !== name) rmSync(join(activationsDirOf(libraryDir), other), { recursive: true, force: true })
  }
  const rowBytes = 2 * dim
  const fileOf = (segmentId: string): string => join(folder, `${segmentId}.f16`)
  const rowsIn = (segmentId: string): number => {
    const bytes = statSync(fileOf(segmentId), { throwIfNoEntry: false })?.size ?? 0
    return bytes % rowBytes === 0 ? bytes / rowBytes : 0
  }
  return {
    dim,
    has: (segmentId) => rowsIn(segmentId) > 0,
    save(segmentId, rows, count) {
      assert(rows.length === count * dim, `${rows.length} numbers for ${count} frames`)
      refuseBeyondHalves(rows)
      writeFileAtomically(fileOf(segmentId), encodeHalves(rows))
    },
    mask(segmentIds, frameCount) {
      const mask = new Float32Array(segmentIds.length * frameCount)
      segmentIds.forEach((id, row) =>
        mask.fill(1, row * frameCount, row * frameCount + Math.min(rowsIn(id), frameCount)),
      )
      return mask
    },
    load(segmentIds, frameCount) {
      const frames = new Float32Array(segmentIds.length * frameCount * dim)
      const row = new Uint8Array(rowBytes)
      for (const [index, id] of segmentIds.entries()) {
        const file = openSync(fileOf(id), 'r')
        try {
          for (const [place, frame] of thinFrames(rowsIn(id), frameCount).entries()) {
            const read = readSync(file, row, 0, rowBytes, frame * rowBytes)
            assert(read === rowBytes, `the activations of shot ${id} are cut short`)
            decodeHalvesInto(row, frames, (index * frameCount + place) * dim)
          }
        } finally {
          closeSync(file)
        }
      }
      return frames
    },
  }
}

/** For when a run is finished. */
export function removeActivations(libraryDir: string): void {
  rmSync(activationsDirOf(libraryDir), { recursive: true, force: true })
}

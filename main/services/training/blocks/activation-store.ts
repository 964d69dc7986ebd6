/**
 * What the frames of training pairs are below the trained blocks: one file a shot, half precision, in a folder of the
 * library. Working files of a run: they are written once, survive a stop, and go when a run is finished.
 */
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { assert, decodeHalvesInto, encodeHalves } from '../../../base/index.ts'
import { thinFrames, writeFileAtomically } from '../../../storage/index.ts'
import { refuseBeyondHalves } from './half-precision.ts'
import { activationsDirOf } from '../../shared/library-folders.ts'

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

/** Bytes of one frame. */
export function activationBytes(dim: number): number {
  return 2 * dim
}

function nameOf(cutId: string): string {
  return createHash('sha256').update(cutId).digest('hex').slice(0, 16)
}

/** What is kept already; nothing is made or removed. */
export function keptActivations(libraryDir: string, cutId: string, dim: number): Pick<ActivationStore, 'has' | 'dim'> {
  const folder = join(activationsDirOf(libraryDir), nameOf(cutId))
  return { dim, has: (segmentId) => rowsIn(folder, segmentId, dim) > 0 }
}

const fileIn = (folder: string, segmentId: string): string => join(folder, `${segmentId}.f16`)

function rowsIn(folder: string, segmentId: string, dim: number): number {
  const bytes = statSync(fileIn(folder, segmentId), { throwIfNoEntry: false })?.size ?? 0
  return bytes % activationBytes(dim) === 0 ? bytes / activationBytes(dim) : 0
}

/** @param cutId of the encoder below the cut; what other cuts left behind is removed */
export function openActivations(libraryDir: string, cutId: string, dim: number): ActivationStore {
  const name = nameOf(cutId)
  const folder = join(activationsDirOf(libraryDir), name)
  mkdirSync(folder, { recursive: true })
  for (const other of readdirSync(activationsDirOf(libraryDir))) {
    if (other !== name) rmSync(join(activationsDirOf(libraryDir), other), { recursive: true, force: true })
  }
  const rowBytes = activationBytes(dim)
  const rowsOf = (segmentId: string): number => rowsIn(folder, segmentId, dim)
  return {
    dim,
    has: (segmentId) => rowsOf(segmentId) > 0,
    save(segmentId, rows, count) {
      assert(rows.length === count * dim, `${rows.length} numbers for ${count} frames`)
      refuseBeyondHalves(rows)
      writeFileAtomically(fileIn(folder, segmentId), encodeHalves(rows))
    },
    mask(segmentIds, frameCount) {
      const mask = new Float32Array(segmentIds.length * frameCount)
      segmentIds.forEach((id, row) =>
        mask.fill(1, row * frameCount, row * frameCount + Math.min(rowsOf(id), frameCount)),
      )
      return mask
    },
    load(segmentIds, frameCount) {
      const frames = new Float32Array(segmentIds.length * frameCount * dim)
      const row = new Uint8Array(rowBytes)
      for (const [index, id] of segmentIds.entries()) {
        const file = openSync(fileIn(folder, id), 'r')
        try {
          for (const [place, frame] of thinFrames(rowsOf(id), frameCount).entries()) {
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

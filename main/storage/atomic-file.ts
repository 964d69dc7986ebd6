/** Writes a file so that a kill or a power cut leaves either the old content or the new. Runs in the engine. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'

/** The bytes go to a file beside it first, reach the disk, and take the name by renaming. */
export function writeFileAtomically(path: string, bytes: Uint8Array): void {
  const partial = `${path}.partial`
  const handle = openSync(partial, 'w')
  try {
    let written = 0
    while (written < bytes.length) written += writeSync(handle, bytes, written)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(partial, path)
}

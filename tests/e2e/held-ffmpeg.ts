/**
 * An ffmpeg that waits for as long as a test holds it, so that work is still under way when something is done to it, however
 * the speeds of engine and hands compare.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type HeldFfmpeg = {
  /** For `MAMA_FFMPEG`. */
  readonly path: string
  /** What is started from now on waits. */
  hold(): void
  release(): void
}

/** @param folder an empty one */
export function createHeldFfmpeg(folder: string): HeldFfmpeg {
  const path = join(folder, 'ffmpeg')
  const flag = join(folder, 'held')
  const script = `#!/bin/sh\nwhile [ -e '${flag}' ]; do sleep 0.05; done\nexec ffmpeg "$@"\n`
  writeFileSync(path, script, { mode: 0o755 })
  return {
    path,
    hold: () => writeFileSync(flag, ''),
    release: () => rmSync(flag, { force: true }),
  }
}

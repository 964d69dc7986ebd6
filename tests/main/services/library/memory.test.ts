/** How much memory indexing takes does not depend on how long a video is. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClipFolder } from '../../media/clips.ts'

type Indexed = { indexed: number; segments: number; parts: number; engineBytes: number; mediaBytes: number }

/** The frames that are looked at for a large encoder: four a second, 224 x 224 pixels. */
const sampleBytes = (seconds: number): number => seconds * 4 * 224 * 224 * 3
const isLinux = existsSync('/proc/self/status')
if (!isLinux)
  console.log('tests/main/services/library/memory.test.ts skipped: this system has no /proc to read memory from')

test.skipIf(!isLinux)(
  'a video three times as long takes no more of it, and is saved in parts',
  () => {
    const clips = createClipFolder()
    const index = (seconds: number): Indexed => {
      const source = ['-f', 'lavfi', '-i', `testsrc=s=64x48:r=4:d=${seconds}`]
      const path = clips.make(`${seconds}.mp4`, ...source, '-c:v', 'mpeg4', '-g', '40')
      const child = join(import.meta.dirname, 'memory-child.ts')
      const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', child, path], { encoding: 'utf8' })
      return JSON.parse(stdout || `"${stderr}"`) as Indexed
    }
    try {
      const short = index(240)
      const long = index(720)
      expect(short).toMatchObject({ indexed: 1, segments: 12 })
      expect(long).toMatchObject({ indexed: 1, segments: 36 })
      expect(long.parts).toBeGreaterThan(short.parts)
      // Held as a whole, the longer one would take 289 MB more; what differs is when garbage is collected.
      const more = sampleBytes(720) - sampleBytes(240)
      expect(more).toBeGreaterThan(288e6)
      expect(long.mediaBytes - short.mediaBytes).toBeLessThan(more / 3)
      expect(long.engineBytes - short.engineBytes).toBeLessThan(more / 3)
    } finally {
      clips.remove()
    }
  },
  120_000,
)

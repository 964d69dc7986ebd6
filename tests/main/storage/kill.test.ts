import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tempFolder, tempLibrary } from './temp-library.ts'

const script = fileURLToPath(new URL('./kill-writer.ts', import.meta.url))

/** Starts a writer, waits until it writes, kills it after a while. */
async function writeAndKill(dir: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), ended])
  await wait(afterMs)
  child.kill('SIGKILL')
  expect((await ended)[1]).toBe('SIGKILL')
}

describe('a writer that is killed', () => {
  it('leaves a sound library whose lock is free and whose videos are each whole or untouched', async () => {
    const dir = tempFolder()
    let before = 0
    for (const afterMs of [40, 97, 151]) {
      await writeAndKill(dir, afterMs)
      const library = tempLibrary(dir)
      expect(library.integrityCheck()).toEqual([])
      const counts = library.counts()
      expect(counts.eligible).toBe(counts.indexed + counts.failed + counts.pending)
      expect(counts.eligible).toBeGreaterThan(before)
      before = counts.eligible
      // Whole: every indexed video has all its ten segments with features, every other one none.
      expect(counts.segments).toBe(10 * counts.indexed)
      expect(library.features.segmentsWithout('encoder')).toEqual([])
      for (const { id } of library.videos.list({ status: 'pending' })) {
        expect(library.segments.ofVideo(id)).toEqual([])
      }
      const { id: modelId } = library.models.ensureZeroShot('encoder')
      const missing = library.embeddings.segmentsWithout(modelId)
      expect(library.embeddings.matrix(modelId).segmentIds).toHaveLength(counts.segments - missing.length)
      library.close()
    }
  }, 60_000)

  it('holds the lock as long as it lives', async () => {
    const dir = tempFolder()
    const child = spawn(process.execPath, ['--import', 'tsx', script, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    expect(() => tempLibrary(dir)).toThrow(
      expect.objectContaining({ code: 'library.locked', params: { dir, pid: child.pid } }),
    )
    const reader = tempLibrary(dir, { readOnly: true })
    expect(reader.counts().eligible).toBeGreaterThanOrEqual(0)
    child.kill('SIGKILL')
    await ended
    tempLibrary(dir).close()
  }, 60_000)
})

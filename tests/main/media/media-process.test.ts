import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMedia, createMediaProcess, type Media, type Probe } from '../../../main/media/index.ts'
import { createClipFolder, h264, source, type ClipFolder } from './clips.ts'

const media = createMediaProcess()
let clips: ClipFolder
let clip: string
beforeAll(() => {
  clips = createClipFolder()
  clip = clips.make('clip.mp4', ...source(3), ...h264)
})
afterAll(() => {
  media.close()
  clips.remove()
})

async function everything(of: Media): Promise<unknown[]> {
  const probe = (await of.probe(clip)) as Probe
  const shots: unknown[] = []
  for await (const shot of of.analyse(clip, probe, { size: 16, maxShotSeconds: 0.5 })) shots.push(shot)
  return [probe, shots, await of.probe(clips.path('missing.mp4')), await of.thumbnail(clip, 1), await of.versions()]
}

/** Processes that this one has started and that run the media host. */
function hostIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((id) => {
      try {
        const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${id}/stat`, 'utf8'))?.[1])
        return parent === process.pid && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('media-host')
      } catch {
        return false // it has ended in the meantime
      }
    })
}

test('gives what the service gives in this process, with more items than are read ahead', async () => {
  const answers = await everything(media)
  expect(answers).toEqual(await everything(createMedia()))
  expect((answers[1] as unknown[]).length).toBeGreaterThan(4)
})

test('calls at the same time do not mix', async () => {
  const other = clips.make('other.mp4', ...source(1, '96x64'), ...h264)
  const probes = await Promise.all([clip, other, clip, other].map((path) => media.probe(path)))
  expect(probes.map((probe) => (probe as Probe).width)).toEqual([160, 96, 160, 96])
})

test('an expected failure keeps its code', async () => {
  const without = createMediaProcess({ ffprobePath: 'no-such-ffprobe' })
  await expect(without.probe(clip)).rejects.toMatchObject({ name: 'AppError', code: 'media.toolMissing' })
  without.close()
})

test('an abort ends a call and a stream with its reason, and the process goes on', async () => {
  const stop = new AbortController()
  const probe = (await media.probe(clip)) as Probe
  const reading = (async () => {
    for await (const _ of media.analyse(clip, probe, { size: 16, maxShotSeconds: 0.2, signal: stop.signal }))
      stop.abort()
  })()
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  await expect(media.probe(clip, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' })
  expect(await media.probe(clip)).toEqual(probe)
})

test('leaving a stream early leaves nothing behind', async () => {
  const probe = (await media.probe(clip)) as Probe
  for await (const _ of media.analyse(clip, probe, { size: 16, maxShotSeconds: 0.2 })) break
  expect(await media.probe(clip)).toEqual(probe)
})

test.skipIf(process.platform !== 'linux')(
  'a process that was killed fails its calls and is started again',
  async () => {
    const probe = await media.probe(clip)
    const [host] = hostIds()
    const calls = Promise.allSettled([media.probe(clip), media.versions()])
    process.kill(host!, 'SIGKILL')
    for (const result of await calls) {
      if (result.status === 'rejected') expect(String(result.reason)).toContain('media process ended (SIGKILL)')
    }
    expect(await media.probe(clip)).toEqual(probe)
  },
)

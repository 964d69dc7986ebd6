import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hashContent } from '../../../main/storage/index.ts'
import { hashedRanges } from '../../../main/storage/content-hash.ts'
import { addVideo, indexVideo, tempFolder, tempLibrary } from './temp-library.ts'

const file = (path: string, contentHash: string) => ({ path, contentHash, sizeBytes: 10, modifiedMs: 1 })
const here = () => true
const gone = () => false

describe('videos', () => {
  it('are known by content: the same file twice is one video', () => {
    const { videos } = tempLibrary()
    expect(videos.register(file('/a.mp4', 'A'), here).outcome).toBe('added')
    expect(videos.register(file('/a.mp4', 'A'), here).outcome).toBe('known')
    expect(videos.list()).toHaveLength(1)
  })

  it('are found again after a move, with everything that was indexed', () => {
    const library = tempLibrary()
    const before = addVideo(library, '/old/a.mp4', 'A')
    indexVideo(library, before)
    const { video, outcome } = library.videos.register(file('/new/b.mp4', 'A'), gone)
    expect(outcome).toBe('moved')
    expect(video).toMatchObject({ id: before.id, path: '/new/b.mp4', fileName: 'b.mp4', status: 'indexed' })
    expect(library.videos.byPath('/old/a.mp4')).toBeUndefined()
    expect(library.segments.ofVideo(video.id)).toHaveLength(2)
  })

  it('with equal content are copies of one video, reachable by either path', () => {
    const { videos } = tempLibrary()
    const { id } = videos.register(file('/a.mp4', 'A'), here).video
    expect(videos.register(file('/b.mp4', 'A'), here).outcome).toBe('copy')
    expect(videos.byPath('/b.mp4')?.id).toBe(id)
    expect(videos.paths(id)).toEqual(['/a.mp4', '/b.mp4'])
  })

  it('are pending again when their content changes, and keep their exemplars', () => {
    const library = tempLibrary()
    const { id } = addVideo(library, '/a.mp4', 'A')
    indexVideo(library, library.videos.get(id)!)
    library.exemplars.save({ videoId: id, startSeconds: 0, endSeconds: 1, text: 'red shoe', grade: 'exact' })
    const { video, outcome } = library.videos.register(file('/a.mp4', 'B'), here)
    expect([outcome, video.id, video.status]).toEqual(['changed', id, 'pending'])
    expect(library.segments.ofVideo(id)).toEqual([])
    expect(library.exemplars.all()).toMatchObject([{ segmentId: null, text: 'red shoe' }])
    const [segment] = indexVideo(library, video)
    expect(library.exemplars.all()).toMatchObject([{ segmentId: segment?.id }])
  })

  it('whose files swap names keep their identity', () => {
    const library = tempLibrary()
    const a = addVideo(library, '/a.mp4', 'A')
    const b = addVideo(library, '/b.mp4', 'B')
    library.videos.register(file('/a.mp4', 'B'), here)
    library.videos.register(file('/b.mp4', 'A'), here)
    expect(library.videos.get(a.id)).toMatchObject({ path: '/b.mp4', status: 'pending' })
    expect(library.videos.byPath('/a.mp4')?.id).toBe(b.id)
    expect(library.videos.byPath('/b.mp4')?.id).toBe(a.id)
    expect(library.counts()).toMatchObject({ eligible: 2, failed: 0 })
  })

  it('that failed carry a reason and can be tried again', () => {
    const library = tempLibrary()
    const { id } = addVideo(library, '/a.mp4')
    library.videos.markFailed(id, { code: 'truncated', sentence: 'The file ends too early.' }, { codec: null })
    expect(library.videos.list({ status: 'failed' })).toMatchObject([
      { id, failure: { code: 'truncated', sentence: 'The file ends too early.' }, probe: { codec: null } },
    ])
    expect(library.videos.retry(['other'])).toBe(0)
    expect(library.videos.retry()).toBe(1)
    expect(library.videos.get(id)).toMatchObject({ status: 'pending', failure: null })
  })

  it('are found by name, by the end of their path and by SKU, quotes and wildcards included', () => {
    const library = tempLibrary()
    addVideo(library, `/shop/videos/it's 100%_"new"\n.mp4`)
    const plain = addVideo(library, '/shop/videos/v1.mp4')
    addVideo(library, '/shop/other/v1.mp4')
    library.videos.setMetadata(plain.id, { sku: 'SKU-1' })
    expect(library.videos.byFileName(`it's 100%_"new"\n.mp4`)).toHaveLength(1)
    expect(library.videos.byFileName('v1.mp4')).toHaveLength(2)
    expect(library.videos.byPathEnd('./videos/v1.mp4')).toMatchObject([{ id: plain.id, sku: 'SKU-1' }])
    expect(library.videos.byPathEnd('ideos/v1.mp4')).toEqual([])
    expect(library.videos.bySku('SKU-1')).toMatchObject([{ id: plain.id }])
  })

  it('that were not touched need no second hashing', async () => {
    const path = join(tempFolder(), 'a.bin')
    writeFileSync(path, 'abc')
    const { videos } = tempLibrary()
    const found = await hashContent(path)
    videos.register({ path, ...found }, here)
    expect(videos.findUntouched(path, found.sizeBytes, found.modifiedMs)?.path).toBe(path)
    expect(videos.findUntouched(path, found.sizeBytes, found.modifiedMs + 1)).toBeUndefined()
  })
})

describe('the content hash', () => {
  it('covers small files whole, and head, middle and tail of large ones', async () => {
    const MiB = 1024 * 1024
    expect(hashedRanges(4 * MiB)).toEqual([{ start: 0, end: 4 * MiB }])
    expect(hashedRanges(9 * MiB).map(({ start }) => start / MiB)).toEqual([0, 4, 8])
    const path = join(tempFolder(), 'large.bin')
    const bytes = Buffer.alloc(5 * MiB)
    const hashes = new Set<string>()
    for (const position of [0, 2.5 * MiB, 5 * MiB - 1]) {
      bytes[position] = 1
      writeFileSync(path, bytes)
      hashes.add((await hashContent(path)).contentHash)
    }
    expect(hashes.size).toBe(3)
  })

  it('does not depend on the name, except for empty files', async () => {
    const folder = tempFolder()
    const [a, b] = [join(folder, 'a'), join(folder, 'b')]
    for (const [content, same] of [
      ['abc', true],
      ['', false],
    ] as const) {
      writeFileSync(a, content)
      const before = await hashContent(a)
      renameSync(a, b)
      expect((await hashContent(b)).contentHash === before.contentHash).toBe(same)
    }
    await expect(hashContent(join(folder, 'none'))).rejects.toMatchObject({ code: 'input.missing' })
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { thinFrames } from '../../../main/storage/features.ts'
import { addVideo, indexVideo, tempLibrary } from './temp-library.ts'

describe('an indexed video', () => {
  it('has segments with posters and the features of their frames', () => {
    const library = tempLibrary()
    const video = addVideo(library, '/a.mp4')
    const segments = indexVideo(library, video, 2, 4)
    expect(segments).toMatchObject([
      { position: 0, startSeconds: 0, endSeconds: 2, frameCount: 3 },
      { position: 1, startSeconds: 2, endSeconds: 4, frameCount: 3 },
    ])
    expect([...readFileSync(library.segments.posterFile(segments[1]!)!)]).toEqual([0xff, 0xd8, 1])
    const frames = library.features.framesOf(segments[1]!.id, 'encoder')
    expect([...frames!.features.slice(0, 3)]).toEqual([1, 1.125, 1.25])
    expect(frames!.frameSeconds).toEqual([2, 2.5, 3])
    expect(library.videos.get(video.id)).toMatchObject({
      status: 'indexed',
      durationSeconds: 4,
      probe: { codec: 'h264' },
    })
  })

  it('is replaced as a whole when it is indexed again', () => {
    const library = tempLibrary()
    const video = addVideo(library, '/a.mp4')
    indexVideo(library, video, 3)
    indexVideo(library, video, 1)
    expect(library.segments.all()).toMatchObject([{ path: '/a.mp4', position: 0 }])
    expect(library.integrityCheck()).toEqual([])
  })

  it('stays as it was when writing it fails half way', () => {
    const library = tempLibrary()
    const video = addVideo(library, '/a.mp4')
    const segment = { startSeconds: 0, endSeconds: 1, poster: null, frameSeconds: [0], frameCount: 1 }
    expect(() =>
      library.segments.saveIndexed(video.id, {
        encoderId: 'encoder',
        probe: null,
        durationSeconds: 1,
        segments: [
          { ...segment, features: new Float32Array(4) },
          { ...segment, features: new Float32Array(4), frameCount: 3 },
        ],
      }),
    ).toThrow('4 values for 3 frames')
    expect(library.segments.count()).toBe(0)
    expect(library.videos.get(video.id)?.status).toBe('pending')
  })
})

describe('features', () => {
  it('are thinned evenly or padded to the number of frames that is wanted', () => {
    expect(thinFrames(3, 8)).toEqual([0, 1, 2])
    expect(thinFrames(10, 4)).toEqual([0, 3, 6, 9])
    expect(thinFrames(5, 1)).toEqual([2])
    const library = tempLibrary()
    const [a, b] = indexVideo(library, addVideo(library, '/a.mp4'), 2, 4)
    const padded = library.features.loadFrames('encoder', [b!.id, a!.id], 4)
    expect(padded.shape).toEqual([2, 4, 4])
    expect([...padded.mask]).toEqual([1, 1, 1, 0, 1, 1, 1, 0])
    expect([padded.frames[0], padded.frames[12], padded.frames[16]]).toEqual([1, 0, 0])
    const thinned = library.features.loadFrames('encoder', [a!.id], 2)
    expect([...thinned.frames]).toEqual([0, 0.125, 0.25, 0.375, 1, 1.125, 1.25, 1.375])
    expect(() => library.features.loadFrames('encoder', ['none'], 2)).toThrow('segment none')
  })

  it('of texts are found by text and encoder', () => {
    const { features } = tempLibrary()
    features.saveTexts('encoder', ['red', 'blue'], Float32Array.of(1, 2, 3, 4))
    const loaded = features.loadTexts('encoder', ['blue', 'green', 'red'])
    expect([...loaded.features]).toEqual([3, 4, 0, 0, 1, 2])
    expect(loaded.missing).toEqual([1])
    expect(features.loadTexts('other', ['red'])).toMatchObject({ dim: 0, missing: [0] })
  })

  it('tell which segments another encoder has still to see', () => {
    const library = tempLibrary()
    const [a, b] = indexVideo(library, addVideo(library, '/a.mp4'))
    library.features.saveFrames(b!.id, 'other', Float32Array.of(1, 2), 1)
    expect(library.features.segmentsWithout('encoder')).toEqual([])
    expect(library.features.segmentsWithout('other')).toEqual([a!.id])
    library.features.removeEncoder('encoder')
    expect(library.features.segmentsWithout('encoder')).toEqual([a!.id, b!.id])
  })
})

describe('descriptions', () => {
  it('are replaced by source, and the most trusted one is best', () => {
    const library = tempLibrary()
    const { id } = addVideo(library, '/a.mp4')
    const [first] = library.descriptions.replace(id, 'csv', ['red shoe', ' ', 'shoe '])
    const again = library.descriptions.replace(id, 'csv', ['red shoe', 'shoe'])
    expect(again[0]?.id).toBe(first?.id)
    library.descriptions.replace(id, 'filename', ['a'])
    library.descriptions.replace(id, 'user', ['crimson trainer'])
    expect(library.descriptions.ofVideo(id).map(({ text }) => text)).toEqual([
      'crimson trainer',
      'red shoe',
      'shoe',
      'a',
    ])
    expect(library.descriptions.best()).toMatchObject([{ text: 'crimson trainer', source: 'user' }])
    library.descriptions.replace(id, 'user', [])
    expect(library.descriptions.best()).toMatchObject([{ text: 'red shoe' }])
  })
})

describe('exemplars', () => {
  it('belong to the segment that shares most time with them and are listed in an order of their own', () => {
    const library = tempLibrary()
    const [b, a] = [addVideo(library, '/b.mp4'), addVideo(library, '/a.mp4')]
    const [first, second] = indexVideo(library, b)
    const concept = library.concepts.ensure(' Shoes ')
    library.exemplars.saveAll([
      { videoId: b.id, startSeconds: 1.5, endSeconds: 3.9, text: 'blue shoe', grade: 'exact', conceptId: concept.id },
      { videoId: b.id, startSeconds: 0, endSeconds: 2.2, text: 'red shoe', grade: 'partial' },
      { videoId: a.id, startSeconds: 0, endSeconds: 1, text: 'not indexed', grade: 'wrong' },
    ])
    expect(library.exemplars.all()).toMatchObject([
      { path: '/a.mp4', segmentId: null },
      { text: 'red shoe', segmentId: first?.id },
      { text: 'blue shoe', segmentId: second?.id },
    ])
    expect(library.concepts.ensure('shoes')).toEqual({ id: concept.id, name: 'Shoes', exemplarCount: 1 })
    expect(library.exemplars.all('partial')).toHaveLength(1)
  })

  it('saved twice are one, with the newer grade', () => {
    const library = tempLibrary()
    const { id: videoId } = addVideo(library, '/a.mp4')
    const exemplar = { videoId, startSeconds: 0, endSeconds: 1, text: 'red shoe' }
    const first = library.exemplars.save({ ...exemplar, grade: 'partial' })
    const second = library.exemplars.save({ ...exemplar, grade: 'exact' })
    expect([second.id, second.grade, library.exemplars.count()]).toEqual([first.id, 'exact', 1])
  })
})

describe('settings and the search log', () => {
  it('keep what they are given', () => {
    const { settings, searchLog } = tempLibrary()
    settings.set('keymap', { next: 'n' })
    expect([settings.get('keymap'), settings.get('none')]).toEqual([{ next: 'n' }, undefined])
    settings.set('keymap', undefined)
    expect(settings.all()).toEqual({})
    searchLog.add({ query: 'a', modelId: null, hitCount: 0, tookMs: 1 })
    searchLog.add({ query: 'b', modelId: null, hitCount: 2, tookMs: 1.5 })
    expect(searchLog.recent(1)).toMatchObject([{ query: 'b', hitCount: 2, atMs: 1_700_000_000_000 }])
  })
})

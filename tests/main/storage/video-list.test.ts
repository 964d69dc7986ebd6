/** Pages of videos for a grid, and where a query's words stand in a text. */
import { expect, test } from 'vitest'
import { highlight, type CatalogueFilter, type Library } from '../../../main/storage/index.ts'
import { addVideo, indexVideo, tempLibrary } from './temp-library.ts'

function filled(): Library {
  const library = tempLibrary()
  for (const [i, name] of ['d', 'B', 'a', 'c'].entries()) {
    const video = addVideo(library, `/shop/${i}/${name}.mp4`)
    if (name === 'c') library.videos.markFailed(video.id, { code: 'empty', sentence: 'c.mp4 is empty.' })
    else if (name !== 'd') indexVideo(library, video, i + 1)
  }
  const b = library.videos.byFileName('B.mp4')[0]!
  library.videos.setMetadata(b.id, { category: 'Shoes', title: 'Boot 100%' })
  library.descriptions.replace(b.id, 'csv', ['from csv'])
  library.descriptions.replace(b.id, 'user', ['from user'])
  library.exemplars.save({ videoId: b.id, startSeconds: 0, endSeconds: 1, text: 't', grade: 'exact' })
  return library
}

const all = { filter: {}, sort: 'name', descending: false, offset: 0, limit: 100 } as const

test('a page has what a cell shows', () => {
  const { total, videos } = filled().videoList.page(all)
  expect(total).toBe(4)
  expect(videos.map(({ fileName }) => fileName)).toEqual(['a.mp4', 'B.mp4', 'c.mp4', 'd.mp4'])
  expect(videos[1]).toMatchObject({
    ...{ status: 'indexed', description: 'from user', category: 'Shoes', segmentCount: 2, exemplarCount: 1 },
    durationSeconds: 4,
  })
  expect(videos[1]!.posterSegmentIds).toHaveLength(2)
  expect(videos[2]!.failure).toEqual({ code: 'empty', sentence: 'c.mp4 is empty.' })
})

test('pages follow each other in the order asked for', () => {
  const library = filled()
  const names = (options: Partial<Parameters<Library['videoList']['page']>[0]>): string[] =>
    library.videoList.page({ ...all, ...options }).videos.map(({ fileName }) => fileName[0]!)
  expect([...names({ limit: 3 }), ...names({ limit: 3, offset: 3 })]).toEqual(['a', 'B', 'c', 'd'])
  expect(names({ descending: true })).toEqual(['d', 'c', 'B', 'a'])
  expect(names({ sort: 'duration', descending: true }).slice(0, 2)).toEqual(['a', 'B'])
  expect(names({ sort: 'status' })).toEqual(['c', 'd', 'a', 'B'])
})

test.each<[CatalogueFilter, string[]]>([
  [{ statuses: ['failed', 'pending'] }, ['c', 'd']],
  [{ categories: ['Shoes'] }, ['B']],
  [{ categories: [''] }, ['a', 'c', 'd']],
  [{ minSeconds: 5 }, ['a']],
  [{ maxSeconds: 5 }, ['B']],
  [{ described: false, statuses: ['indexed'] }, ['a']],
  [{ labelled: true }, ['B']],
  [{ text: '100%' }, ['B']],
  [{ text: '_' }, []],
  [{ text: 'D.MP4' }, ['d']],
])('the filter %j lets %j pass', (filter, expected) => {
  const library = filled()
  const { videos, total } = library.videoList.page({ ...all, filter })
  expect(videos.map(({ fileName }) => fileName[0])).toEqual(expected)
  expect(total).toBe(expected.length)
  expect(library.videoList.matching(filter).size).toBe(expected.length)
})

test('categories and footage are summed up', () => {
  const { videoList } = filled()
  expect(videoList.categories()).toEqual([{ name: 'Shoes', videos: 1 }])
  expect(videoList.footage()).toEqual({ totalSeconds: 10, longestSeconds: 6 })
})

test('the fingerprint of the segments changes with every addition and removal', () => {
  const library = filled()
  const seen = new Set([library.segments.fingerprint()])
  const a = library.videos.byFileName('a.mp4')[0]!
  indexVideo(library, a, 3)
  seen.add(library.segments.fingerprint())
  library.videos.remove(library.videos.byFileName('B.mp4')[0]!.id)
  seen.add(library.segments.fingerprint())
  expect(seen.size).toBe(3)
})

test.each<[string, string, string[]]>([
  ['A red shoe, redder than infrared', 'the red', ['red', 'red']],
  ['Café crème', 'cafe', ['Café']],
  ['waterproof', 'proof', ['proof']],
  ['赤いランニングシューズの動画', '赤いシューズ', ['赤い', 'シューズ']],
  ['ﬁne Straße', 'fine', ['ﬁne']],
  ['nothing here', 'shoe', []],
])('in %j the words of %j are %j', (text, query, expected) => {
  expect(highlight(text, query).map(([start, end]) => text.slice(start, end))).toEqual(expected)
})

test('an SKU is compared without its separators', () => {
  expect(highlight('AB-12 3', 'ab123', true)).toEqual([[0, 7]])
})

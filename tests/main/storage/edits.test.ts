/** Edits are saved transactions that can be taken back, any number of steps, also after the library was closed. */
import { expect, test } from 'vitest'
import type { ExemplarState } from '../../../main/storage/index.ts'
import { addVideo, indexVideo, tempFolder, tempLibrary } from './temp-library.ts'

const state = (videoId: string, changes: Partial<ExemplarState> = {}): ExemplarState => ({
  ...{ videoId, startSeconds: 0, endSeconds: 2, text: 'a red shoe', grade: 'exact', conceptId: null, createdAtMs: 5 },
  ...changes,
})

test('an exemplar comes, changes and goes with undo and redo', () => {
  const library = tempLibrary()
  const video = addVideo(library, '/v/a.mp4')
  indexVideo(library, video)
  const about = { kind: 'label', videoId: video.id, segmentId: null } as const
  library.edits.perform({ ...about, after: { exemplars: { e1: state(video.id) } } })
  library.edits.perform({
    ...about,
    after: { exemplars: { e1: state(video.id, { grade: 'wrong', endSeconds: 3.9 }) } },
  })
  const grades = (): string[] => library.exemplars.all().map(({ grade }) => grade)
  expect(grades()).toEqual(['wrong'])
  expect(library.edits.undo()?.videoId).toBe(video.id)
  expect(library.exemplars.all()).toMatchObject([{ id: 'e1', grade: 'exact', endSeconds: 2, createdAtMs: 5 }])
  library.edits.undo()
  expect(grades()).toEqual([])
  expect(library.edits.undo()).toBeUndefined()
  library.edits.redo()
  library.edits.redo()
  expect(grades()).toEqual(['wrong'])
  expect(library.edits.redo()).toBeUndefined()
  expect([library.edits.canUndo(), library.edits.canRedo()]).toEqual([true, false])
})

test('a new edit forgets the ones that were undone', () => {
  const library = tempLibrary()
  const { id } = addVideo(library, '/v/a.mp4')
  const about = { kind: 'describe', videoId: id, segmentId: null } as const
  const texts = (): string[] => library.descriptions.ofVideo(id).map(({ text }) => text)
  library.edits.perform({ ...about, after: { userTexts: { [id]: ['one'] } } })
  library.edits.undo()
  library.edits.perform({ ...about, after: { userTexts: { [id]: ['two'] }, titles: { [id]: 'Two' } } })
  expect(library.edits.canRedo()).toBe(false)
  expect(texts()).toEqual(['two'])
  expect(library.keywords.search('two')).toEqual([]) // not indexed yet, so not found
  library.edits.undo()
  expect(texts()).toEqual([])
  expect(library.videos.get(id)?.title).toBeNull()
  expect(library.edits.undo()).toBeUndefined()
})

test('edits survive closing, and a video that has left is passed over', () => {
  const dir = tempFolder()
  const first = tempLibrary(dir)
  const video = addVideo(first, '/v/a.mp4')
  const segment = indexVideo(first, video)[0]!
  const about = { videoId: video.id, segmentId: segment.id }
  first.edits.perform({ ...about, kind: 'skip', after: { skipped: { [segment.id]: true } } })
  first.edits.perform({ ...about, kind: 'label', after: { exemplars: { e1: state(video.id) } } })
  first.close()
  const second = tempLibrary(dir)
  expect([...second.edits.skipped()]).toEqual([segment.id])
  expect(second.edits.undo()?.kind).toBe('label')
  second.videos.remove(video.id)
  expect(second.edits.redo()?.kind).toBe('label')
  expect(second.exemplars.count()).toBe(0)
  second.edits.undo()
  expect(second.edits.undo()?.kind).toBe('skip')
  expect(second.integrityCheck()).toEqual([])
})

test('an exemplar can take the place of another one', () => {
  const library = tempLibrary()
  const video = addVideo(library, '/v/a.mp4')
  const about = { kind: 'label', videoId: video.id, segmentId: null } as const
  library.edits.perform({ ...about, after: { exemplars: { e1: state(video.id) } } })
  library.edits.perform({ ...about, after: { exemplars: { e2: state(video.id, { text: 'other' }) } } })
  library.edits.perform({ ...about, after: { exemplars: { e1: null, e2: state(video.id) } } })
  expect(library.exemplars.all().map(({ id }) => id)).toEqual(['e2'])
  library.edits.undo()
  expect(
    library.exemplars
      .all()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['e1', 'e2'])
})

test("the user's own texts correct the imported ones", () => {
  const library = tempLibrary()
  const video = addVideo(library, '/v/a.mp4')
  indexVideo(library, video)
  library.descriptions.replace(video.id, 'csv', ['a green hat'])
  expect(library.keywords.search('hat')).toHaveLength(1)
  library.edits.perform({
    ...{ kind: 'describe', videoId: video.id, segmentId: null },
    after: { userTexts: { [video.id]: ['a red shoe'] } },
  })
  expect(library.descriptions.inEffect().map(({ text }) => text)).toEqual(['a red shoe'])
  expect(library.keywords.search('hat')).toEqual([])
  library.edits.undo()
  expect(library.descriptions.inEffect().map(({ text }) => text)).toEqual(['a green hat'])
  expect(library.keywords.search('hat')).toHaveLength(1)
})

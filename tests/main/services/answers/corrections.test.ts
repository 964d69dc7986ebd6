/** What people say of answers is kept as a trusted question, can be taken back, and is remembered for the next question. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWorld, type World } from '../colour-world.ts'
import { fill, videoFile } from '../shop.ts'

let world: World
beforeEach(async () => {
  world = createWorld()
  await fill(world)
})
afterEach(() => world.close())

const question = 'What colour is it?'
const choices = ['red', 'green', 'blue']
const kept = () => {
  const library = world.parts.openLibrary({ readOnly: true, create: false })
  const all = library.questions.all()
  library.close()
  return all.map(({ answer, trusted, origin }) => ({ answer, trusted, origin }))
}

test('a right answer, or the right one instead, is a trusted question; undone, it was never there', async () => {
  const given = await world.client.ask({ question, video: videoFile(0), choices })
  expect(given.about).toMatchObject({ start: 0, end: 4 })
  const right = await world.client.correctAnswer({ question, answer: 'Red', choices, about: given.about! })
  expect(right).toMatchObject({ trusted: 1, replaced: null })
  expect(kept()).toEqual([{ answer: 'red', trusted: true, origin: 'user' }])
  const other = await world.client.correctAnswer({ question, answer: 'mauve', choices, about: given.about! })
  expect(other).toMatchObject({ id: right.id, trusted: 1, replaced: { answer: 'red', origin: 'user' } })
  await world.client.undoCorrection({ id: other.id, replaced: other.replaced })
  expect(kept()).toEqual([{ answer: 'red', trusted: true, origin: 'user' }])
  expect(await world.client.undoCorrection({ id: right.id, replaced: right.replaced })).toEqual({ trusted: 0 })
  expect(kept()).toEqual([])
  await expect(world.client.undoCorrection({ id: right.id, replaced: null })).rejects.toMatchObject({
    code: 'input.missing',
  })
})

test('an imported answer that was corrected comes back untrusted', async () => {
  const source = {
    name: 'questions.csv',
    base64: Buffer.from(`file,question,answer\nvideos/v0.mp4,${question},blue\n`).toString('base64'),
  }
  expect(await world.client.importQuestions({ source })).toMatchObject({ imported: 1, trusted: 0, problems: [] })
  const { about } = await world.client.ask({ question, video: videoFile(0) })
  const { id, replaced } = await world.client.correctAnswer({ question, answer: 'red', about: about! })
  expect(kept()).toEqual([{ answer: 'red', trusted: true, origin: 'user' }])
  await world.client.undoCorrection({ id, replaced })
  expect(kept()).toEqual([{ answer: 'blue', trusted: false, origin: 'imported' }])
})

test('what is no stretch of a video cannot be answered about, and what spans videos has none', async () => {
  const { about } = await world.client.ask({ question, video: videoFile(0) })
  for (const place of [
    { start: 3, end: 3 },
    { start: -1, end: 2 },
    { start: 0, end: 400 },
  ]) {
    const asked = world.client.correctAnswer({ question, answer: 'red', about: { ...about!, ...place } })
    await expect(asked).rejects.toMatchObject({ code: 'usage' })
  }
  expect((await world.client.ask({ question: 'Which videos show a red thing?' })).about).toBeNull()
  expect((await world.client.ask({ question: 'Do we have a red thing?' })).about).toBeNull()
})

test('the last questions are remembered once each, the latest first', async () => {
  const ask = (text: string) => world.client.ask({ question: text, video: videoFile(0) })
  for (const text of ['Is it red?', question, 'Is it red?']) await ask(text)
  expect(await world.client.answers({})).toMatchObject({
    ...{ questions: 0, trusted: 0, head: null, endpoint: null },
    recent: ['Is it red?', question],
  })
})

test('answers that were confirmed without choices calibrate as soon as there are enough of them, and not before', async () => {
  const own = 'What colour is the thing?'
  for (const i of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    for (const asked of [question, own]) {
      const { answer, about, calibratedOn } = await world.client.ask({ question: asked, video: videoFile(i) })
      expect(calibratedOn === 0).toBe(2 * i + Number(asked === own) < 12)
      await world.client.correctAnswer({ question: asked, answer: answer!, about: about! })
    }
  }
})

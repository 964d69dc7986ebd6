/** Questions imported, asked and measured, over the real storage and a tiny encoder that knows five colours. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRuntime } from '../../../../main/runtime/index.ts'
import { createWorld, type World } from '../colour-world.ts'
import { fill, videoFile } from '../shop.ts'

let world: World
beforeEach(async () => {
  world = createWorld()
  await fill(world)
})
afterEach(() => world.close())

const table = (...rows: string[]): string =>
  world.file('shop/questions.csv', ['file,start,end,question,answer,choices,trusted', ...rows].join('\n'))

describe('a table of questions', () => {
  test('is imported with its good rows, and says of each bad one what is wrong', async () => {
    const file = table(
      'videos/v0.mp4,0,2,What colour is it?,red,red;green;blue,yes',
      'videos/v0.mp4,,,Is there a red thing?,Yes,yes;no,no',
      'videos/v1.mp4,0:00,1.5,Who is it for?,men,,',
      'videos/v9.mp4,,,What colour is it?,mauve,red;green,no',
      'nowhere.mp4,,,What colour is it?,red,,',
      'videos/v1.mp4,3,2,What colour is it?,red,,',
      'videos/v1.mp4,300,302,What colour is it?,red,,',
      'videos/v1.mp4,,,,red,,',
      'videos/v1.mp4,,,What colour is it?,,,',
      'videos/v1.mp4,,,What colour is it?,red,,perhaps',
    )
    const result = await world.client.importQuestions({ source: { path: file } })
    expect(result).toMatchObject({ rows: 10, imported: 4, trusted: 1, videos: 3 })
    expect(result.problems.map(({ row, reason }) => [row, reason])).toEqual([
      [6, 'unknownFile'],
      [7, 'badTime'],
      [8, 'outsideVideo'],
      [9, 'emptyText'],
      [10, 'emptyText'],
      [11, 'badAnswer'],
    ])
    const library = world.parts.openLibrary({ readOnly: true, create: false })
    const kept = library.questions.all()
    library.close()
    expect(kept.map(({ type, answer, choices, trusted, origin }) => [type, answer, choices, trusted, origin])).toEqual([
      ['colour', 'red', ['red', 'green', 'blue'], true, 'imported'],
      ['present', 'yes', ['yes', 'no'], false, 'imported'],
      ['audience', 'men', [], false, 'imported'],
      // An answer that is none of its choices may be a mistake; training weighs it.
      ['colour', 'mauve', ['red', 'green', 'mauve'], false, 'imported'],
    ])
    expect(kept[1]).toMatchObject({ startSeconds: 0, endSeconds: 4 })
  })

  test('that comes again replaces the answers of the same questions', async () => {
    await world.client.importQuestions({ source: { path: table('videos/v0.mp4,,,What colour is it?,blue,,no') } })
    await world.client.importQuestions({ source: { path: table('videos/v0.mp4,,,What colour is it?,red,,yes') } })
    const library = world.parts.openLibrary({ readOnly: true, create: false })
    expect(library.questions.all().map(({ answer, trusted }) => [answer, trusted])).toEqual([['red', true]])
    expect(library.questions.all({ trusted: false })).toEqual([])
    library.close()
  })
})

describe('a question', () => {
  test('about a video is answered with the moments that show it', async () => {
    const choices = ['blue', 'red', 'white']
    const answer = await world.client.ask({ question: 'What colour is it?', video: videoFile(0), choices })
    // Video 0 is red, then green.
    expect(answer).toMatchObject({ type: 'colour', model: 'dual', answer: 'red', state: 'answered', calibratedOn: 0 })
    expect(answer.moments[0]).toMatchObject({ fileName: 'v0.mp4', start: 0, end: 2, shows: 'red' })
    expect(answer.options.map((option) => option.answer)).toEqual(expect.arrayContaining(choices))
    expect(answer.options.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6)
  })

  test('about what is there is answered by yes or no', async () => {
    const ask = (question: string) => world.client.ask({ question, video: videoFile(0) })
    expect(await ask('Is there a green thing in this video?')).toMatchObject({ type: 'present', answer: 'yes' })
    expect(await ask('Is there a black thing in this video?')).toMatchObject({ type: 'present', answer: 'no' })
  })

  test('about the order names what comes first, whichever is asked first', async () => {
    for (const question of ['What comes first, the red or the green?', 'What comes first, the green or the red?']) {
      const answer = await world.client.ask({ question, video: videoFile(0) })
      expect(answer).toMatchObject({ type: 'first', answer: 'red' })
      expect(answer.moments.map(({ start }) => start)).toEqual([0, 2])
    }
  })

  test('about how many counts what differs', async () => {
    const question = 'How many different products does the video show?'
    expect(await world.client.ask({ question, video: videoFile(0) })).toMatchObject({ type: 'count', answer: '2' })
  })

  test('about which videos gives one moment a video', async () => {
    const answer = await world.client.ask({ question: 'Which videos show a red thing?' })
    expect(answer.type).toBe('set')
    expect(answer.moments.map(({ fileName }) => fileName).sort()).toEqual(['v0.mp4', 'v4.mp4', 'v5.mp4', 'v9.mp4'])
    expect(answer.answer).toBe('4')
  })

  test('about the catalogue is answered by yes with moments, or by an honest no', async () => {
    expect(await world.client.ask({ question: 'Do we have a green thing?' })).toMatchObject({ answer: 'yes' })
    const unknown = await world.client.ask({ question: 'Do we have a qwzrtv?' })
    expect(unknown).toMatchObject({ type: 'catalogue', state: 'notSure' })
  })

  test('that footage cannot answer is said to be so', async () => {
    const ask = (question: string) => world.client.ask({ question, video: videoFile(0) })
    expect(await ask('Why is it red?')).toMatchObject({ state: 'unanswerable', reason: 'reason', answer: null })
    expect(await ask('What does it cost?')).toMatchObject({ state: 'unanswerable', reason: 'price' })
    expect(await ask('What is written on it?')).toMatchObject({ state: 'unanswerable', reason: 'label' })
  })

  test('without anything that it could be about, and of a model that is not there, is refused in a sentence', async () => {
    const refused = { code: 'usage' }
    await expect(world.client.ask({ question: 'What colour is it?' })).rejects.toMatchObject(refused)
    await expect(world.client.ask({ question: 'Is it red?', video: 'no.mp4' })).rejects.toMatchObject({
      code: 'input.missing',
    })
    await expect(world.client.ask({ question: 'Is it red?', video: 'a', query: 'b' })).rejects.toMatchObject(refused)
  })

  test('about the results of a search is asked of these', async () => {
    const answer = await world.client.ask({ question: 'What colour is it?', query: 'white', choices: ['red', 'white'] })
    expect(answer).toMatchObject({ answer: 'white' })
  })

  test('is answered by what trusted pairs say once there are enough', async () => {
    const rows = Array.from({ length: 24 }, (_, i) => {
      const asked = ['red', 'green', 'blue', 'black', 'white'][i % 5]!
      const there = [asked === ['red', 'green', 'blue', 'black', 'white'][(i >> 1) % 5]]
      return `videos/v${(i >> 1) % 10}.mp4,0,1,Is there a ${asked} thing?,${there[0] ? 'yes' : 'no'},yes;no,yes`
    })
    await world.client.importQuestions({ source: { path: table(...rows) } })
    const answer = await world.client.ask({ question: 'Is there a red thing?', video: videoFile(0) })
    expect(answer).toMatchObject({ answer: 'yes', state: 'answered' })
    expect(answer.calibratedOn).toBeGreaterThan(15)
  })
})

test('answers are measured by type, beside the majority, with what moments support', async () => {
  const lines = [
    { file: 'videos/v0.mp4', type: 'colour', question: 'What colour is it?', answer: 'red', choices: ['red', 'blue'] },
    {
      file: 'videos/v1.mp4',
      type: 'colour',
      question: 'What colour is it?',
      answer: 'green',
      choices: ['green', 'black'],
    },
    {
      file: 'videos/v0.mp4',
      type: 'present',
      question: 'Is there a white thing?',
      answer: 'yes',
      choices: ['yes', 'no'],
    },
  ].map((line) => JSON.stringify({ ...line, moments: [{ start: 0, end: 2 }] }))
  const questions = world.file('shop/known.jsonl', lines.join('\n'))
  const result = await world.client.evaluateQuestions({ questions })
  expect(result.overall).toMatchObject({ value: 2 / 3, count: 3 })
  expect(result.byType['colour']).toMatchObject({ value: 1, count: 2 })
  expect(result.byType['present']).toMatchObject({ value: 0, count: 1, low: null })
  expect(result.majority.overall.value).toBeCloseTo(2 / 3, 6)
  expect(result.supported).toMatchObject({ value: 1, count: 2 })
  expect(result.coverage.curve.at(-1)).toMatchObject({ coverage: 1 })
  await expect(
    world.client.evaluateQuestions({ questions: world.file('shop/bad.jsonl', '{"file": "a"}') }),
  ).rejects.toMatchObject({ code: 'input.invalid', params: { line: 1 } })
})

test('a head is trained on questions, judged on held-out trusted ones, and used only where it wins', async () => {
  const colours = ['red', 'green', 'blue', 'black', 'white']
  // A shop with words of its own, which no encoder knows: red is "krin", green "velm" and so on.
  const own = ['krin', 'velm', 'ossa', 'tamu', 'pree']
  const lines = Array.from({ length: 10 }, (_, i) =>
    [0, 1].flatMap((shot) => {
      const [start, end] = shot === 0 ? [0, 2] : [2, 4]
      const name = own[colours.indexOf(colours[(i + shot) % 5]!)]!
      return ['Which product is it?', 'What kind of product is this?', 'What is shown here?'].map(
        (question, q) =>
          `videos/v${i}.mp4,${start},${end},${question},${name},${own.join(';')},${q === 0 ? 'yes' : 'no'}`,
      )
    }),
  ).flat()
  const runtime = await createRuntime({ threads: 1 })
  await world.close()
  world = createWorld({ runtime: async () => runtime })
  await fill(world)
  try {
    await expect(world.client.trainAnswers({})).rejects.toMatchObject({ code: 'training.notEnough' })
    await world.client.importQuestions({ source: { path: table(...lines) } })
    const ask = () => world.client.ask({ question: 'What is shown here?', video: videoFile(1), choices: own })
    expect(await ask()).toMatchObject({ model: 'dual' })
    await expect(
      world.client.ask({ question: 'What is shown here?', video: videoFile(1), model: 'answers' }),
    ).rejects.toMatchObject({ code: 'usage' })
    const result = await world.client.trainAnswers({ epochs: 60 })
    expect(result).toMatchObject({ pairs: 40, promoted: true })
    expect(result.trusted + result.heldOut).toBe(20)
    expect(result.rightAfter).toBeGreaterThan(result.rightBefore)
    const answer = await ask()
    // Video 1 is green, then blue.
    expect(answer.model).toBe('answers')
    expect(['velm', 'ossa']).toContain(answer.answer)
    expect(answer.moments.length).toBeGreaterThan(0)
    // A correction calibrates anew beside questions that are being answered by the head.
    const about = { ...answer.about!, end: 2 }
    const [first, kept] = await Promise.all([
      ask(),
      world.client.correctAnswer({ question: 'What is shown here?', answer: 'velm', choices: own, about }),
      ask(),
    ])
    expect(first.model).toBe('answers')
    expect(kept.trusted).toBeGreaterThan(20)
    expect(await ask()).toMatchObject({ model: 'answers' })
    expect((await world.client.answers({})).head).not.toBeNull()
    // The head knows nothing of order and number.
    expect(await world.client.ask({ question: 'How many products are there?', video: videoFile(1) })).toMatchObject({
      model: 'dual',
    })
  } finally {
    await world.close()
    await runtime.dispose()
    world = createWorld()
  }
}, 60_000)

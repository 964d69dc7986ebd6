/** How questions and answers are said in the window, without a browser. */
import { describe, expect, it } from 'vitest'
import { AppError, type Answer, type AnswerMoment } from '../../main/contract/index.ts'
import { understand } from '../../main/services/answers/understand.ts'
import { tableOf } from '../../renderer/src/i18n/index.ts'
import { examples } from '../../renderer/src/screens/answers/examples.ts'
import {
  choicesIn,
  marksOf,
  problemOf,
  reasonOf,
  sentenceOfAnswer,
  sentenceOfScope,
  spoken,
} from '../../renderer/src/screens/answers/sentences.ts'

const { t, formats } = tableOf('en')
const { t: ja, formats: jaFormats } = tableOf('ja')

const given = (change: Partial<Answer>): Answer => ({
  ...{ question: 'What colour is it?', type: 'colour', thing: null, model: 'dual', state: 'answered', answer: 'red' },
  ...{ reason: null, sureness: 0.872, surenessNeeded: 0.5, options: [], moments: [], isProven: true, host: null },
  ...{ about: null, calibratedOn: 0, tookMs: 1 },
  ...change,
})
const say = (change: Partial<Answer>) => sentenceOfAnswer(given(change), t.answers, formats)
const sayInJapanese = (change: Partial<Answer>) => sentenceOfAnswer(given(change), ja.answers, jaFormats)

describe('an answer', () => {
  it('is one sentence with its sureness', () => {
    expect(say({})).toEqual({ says: 'Red.', sure: '87% sure' })
    expect(sayInJapanese({})).toEqual({ says: 'Red。', sure: '確かさ 87%' })
  })

  it('says yes and no in the language of the window, and only where they are asked for', () => {
    expect(say({ type: 'present', answer: 'yes' }).says).toBe('Yes.')
    expect(sayInJapanese({ type: 'catalogue', answer: 'no' }).says).toBe('いいえ。')
    expect(spoken('no', 'kind', ja.answers)).toBe('no')
  })

  it('of a set says how many videos show the thing', () => {
    const set = { type: 'set', thing: 'teapot' } as const
    expect(say({ ...set, answer: '1' }).says).toBe('1 video shows “teapot”.')
    expect(say({ ...set, answer: '1200' }).says).toBe('1,200 videos show “teapot”.')
    expect(say({ ...set, answer: '0' }).says).toBe('No video shows “teapot”.')
    expect(say({ ...set, answer: '2', state: 'notSure' }).says).toBe('Not sure. The best guess is 2 videos.')
  })

  it('that is not sure is a guess, without a percentage that sounds like more', () => {
    expect(say({ state: 'notSure', answer: 'Red' })).toEqual({ says: 'Not sure. The best guess is red.', sure: null })
    expect(say({ state: 'notSure', answer: 'NASA shirt' }).says).toBe('Not sure. The best guess is NASA shirt.')
  })

  it('of a vision model is its own sentence, which says nothing of how sure it is', () => {
    const own = { model: 'endpoint', sureness: null, host: 'http://localhost' } as const
    expect(say({ ...own, answer: 'It is red.' })).toEqual({ says: 'It is red.', sure: null })
    expect(say({ ...own, answer: null, state: 'notSure' })).toEqual({ says: t.answers.answer.notSureAtAll, sure: null })
  })

  it('that cannot be given says why', () => {
    const refused = { state: 'unanswerable', answer: null, sureness: 0 } as const
    expect(say({ ...refused, type: 'unanswerable', reason: 'price' })).toEqual({
      ...{ says: t.answers.cannot.title, sure: null },
    })
    expect(reasonOf(given({ ...refused, type: 'unanswerable', reason: 'price' }), t.answers)).toBe(
      t.answers.cannot.price,
    )
    expect(reasonOf(given({ ...refused, type: 'unanswerable', reason: 'other' }), t.answers)).toBe(
      t.answers.cannot.other,
    )
    expect(reasonOf(given({ ...refused, type: 'kind', reason: 'other' }), t.answers)).toBe(t.answers.cannot.noOptions)
    expect(reasonOf(given({}), t.answers)).toBeNull()
  })
})

describe('a question', () => {
  it('of the examples is understood as what it is an example of', () => {
    for (const { kind, question } of examples) expect(understand(question).type, question).toBe(kind)
    expect(examples.map(({ kind }) => kind).sort()).toEqual(Object.keys(t.answers.start.about).sort())
  })

  it('is about everything, a video, or a search', () => {
    expect(sentenceOfScope({ kind: 'all' }, t.answers)).toBe('all videos')
    expect(sentenceOfScope({ kind: 'video', video: 'v1', title: 'Red mug' }, t.answers)).toBe('Red mug')
    expect(sentenceOfScope({ kind: 'query', query: ' red mug ' }, t.answers)).toBe('what “red mug” finds')
  })

  it('has choices that are separated by semicolons of any width, each once', () => {
    expect(choicesIn('red; Green ；RED;; ', ['blue'])).toEqual(['blue', 'red', 'Green'])
    expect(choicesIn('  ')).toEqual([])
  })

  it('that failed says what to do, where the engine can only say what is wrong', () => {
    const error = (code: AppError['code'], params: Record<string, string>) => problemOf(new AppError(code, '', params))
    expect(error('usage', { field: 'video' })).toBe('scope')
    expect(error('usage', { field: 'model' })).toBeNull()
    expect(error('input.missing', { query: 'mug' })).toBe('nothingMatches')
    expect(error('input.missing', { path: '/a.mp4' })).toBe('notIndexed')
    expect(error('input.missing', { video: 'v1' })).toBe('noVideo')
    expect(error('input.missing', {})).toBe('nothing')
    expect(error('network.off', {})).toBe('network')
    expect(problemOf(new Error('x'))).toBeNull()
  })
})

describe('the line of a video', () => {
  const moment = (segment: string, video: string, start: number, end: number): AnswerMoment => ({
    ...{ segment, video, start, end, file: '/v.mp4', fileName: 'v.mp4', title: null, videoSeconds: 8, shows: '' },
  })

  it('has a mark for each moment of the same video, in order, inside of it', () => {
    const all = [moment('b', 'v', 4, 6), moment('a', 'v', 0, 2), moment('c', 'w', 1, 2), moment('d', 'v', 7, 9)]
    expect(marksOf(all[0]!, all)).toEqual([
      { left: 0, width: 25, isThis: false },
      { left: 50, width: 25, isThis: true },
      { left: 87.5, width: 12.5, isThis: false },
    ])
  })

  it('is left out where the length of the video is not known', () => {
    const one = { ...moment('a', 'v', 0, 2), videoSeconds: null }
    expect(marksOf(one, [one])).toEqual([])
  })
})

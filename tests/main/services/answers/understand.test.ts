/** What questions are understood to ask. */
import { describe, expect, test } from 'vitest'
import { statementOf, understand } from '../../../../main/services/answers/understand.ts'

describe('a question is understood', () => {
  test.each([
    ['Is this an undershirt?', { type: 'present', thing: 'undershirt' }],
    ['Is this jeans?', { type: 'present', thing: 'jeans' }],
    ['Does the clip show a brown cap mushroom?', { type: 'present', thing: 'brown cap mushroom' }],
    ['Is there a zucchini in this video?', { type: 'present', thing: 'zucchini' }],
    ['Are there sports sandals in the clip?', { type: 'present', thing: 'sports sandals' }],
    ['Is the shirt navy blue?', { type: 'present', thing: 'navy blue shirt' }],
    ['Can you see a hat?', { type: 'present', thing: 'hat' }],
    ['What kind of product is this?', { type: 'kind', thing: null }],
    ['Which product does the video show?', { type: 'kind', thing: null }],
    ['What is shown here?', { type: 'kind', thing: null }],
    ['What colour is the t-shirt?', { type: 'colour', thing: 't-shirt' }],
    ['Which color is it?', { type: 'colour', thing: null }],
    ['In which colour does the casual shoes come?', { type: 'colour', thing: 'casual shoes' }],
    ['Who is it for?', { type: 'audience', thing: null }],
    ['For whom is the kurta made?', { type: 'audience', thing: 'kurta' }],
    ['What pattern is it?', { type: 'pattern', thing: null }],
    ['Which pattern does the shirt have?', { type: 'pattern', thing: 'shirt' }],
    ['Which department sells it?', { type: 'department', thing: null }],
    ['Is it fruit, vegetables or a package?', { type: 'department', thing: null }],
    [
      'What comes first, the zucchini or the alpro fresh soy milk?',
      { type: 'first', things: ['zucchini', 'alpro fresh soy milk'] },
    ],
    ['How many different products does the video show?', { type: 'count' }],
    ['Which videos show red boots?', { type: 'set', thing: 'red boots' }],
    ['Show me all videos with a watch', { type: 'set', thing: 'watch' }],
    ['Do we have yellow umbrellas?', { type: 'catalogue', thing: 'yellow umbrellas' }],
    ['Is there a kimono in our catalogue?', { type: 'catalogue', thing: 'kimono' }],
    ['Why does she smile?', { type: 'unanswerable', reason: 'reason' }],
    ['What does the watch cost?', { type: 'unanswerable', reason: 'price' }],
    ['How much is the shirt?', { type: 'unanswerable', reason: 'price' }],
    ['Which brand is on the label?', { type: 'unanswerable', reason: 'label' }],
    ['Tell me a story', { type: 'unanswerable', reason: 'other' }],
  ])('%s', (question, expected) => {
    expect(understand(question)).toEqual(expected)
  })

  test('by its choices where its form is unknown', () => {
    expect(understand('Indoors or outdoors', true)).toEqual({ type: 'open' })
  })
})

test('an answer becomes the statement that a catalogue would make', () => {
  const statement = (question: string, answer: string): string => statementOf(understand(question), answer)
  expect(statement('What colour is the t-shirt?', 'Navy blue')).toBe('navy blue t-shirt')
  expect(statement('Which colour is it?', 'red')).toBe('red product')
  expect(statement('For whom is the kurta made?', 'women')).toBe('kurta for women')
  expect(statement('What is shown here?', 'socks')).toBe('socks')
  expect(statement('Is this a hat?', 'yes')).toBe('hat')
})

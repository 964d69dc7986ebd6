/** Questions that are made from the words of a catalogue. */
import { expect, test } from 'vitest'
import { questionsAbout } from '../../../../main/services/answers/templates.ts'

test('are about what the catalogue says, and about nothing that it leaves open', () => {
  const about = (category: string | null, ...texts: string[]) =>
    questionsAbout({ id: 'v', durationSeconds: 4, category, texts }).map(({ type, answer }) => [type, answer])
  expect(about('Shirts', 'Navy Blue striped shirt', 'made for men')).toEqual([
    ['kind', 'shirts'],
    ['colour', 'navy blue'],
    ['pattern', 'striped'],
    ['audience', 'men'],
  ])
  expect(about(null, 'a red and green hat')).toEqual([])
  expect(about(null, 'for men and women')).toEqual([['audience', 'men and women']])
})

test('are never trusted and say where they come from', () => {
  const [made] = questionsAbout({ id: 'v', durationSeconds: 4, category: 'Hats', texts: [] })
  expect(made).toMatchObject({ trusted: false, origin: 'template', startSeconds: 0, endSeconds: 4 })
})

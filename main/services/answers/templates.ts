/** Questions made from what the catalogue says of its videos, where nobody has asked any. They are marked, and never trusted. Pure. */
import type { NewQuestion } from '../../storage/index.ts'
import { normaliseText } from '../../base/index.ts'
import { audienceNames, colourNames, patternNames } from './vocabulary.ts'

export type DescribedVideo = {
  readonly id: string
  readonly durationSeconds: number
  readonly category: string | null
  /** Title and descriptions. */
  readonly texts: readonly string[]
}

/** What kind it is, by its category; its colour, pattern and who it is for, where its texts name exactly one. */
export function questionsAbout(video: DescribedVideo): NewQuestion[] {
  const words = ` ${video.texts.map(normaliseText).join(' ')} `
  const ask = (type: string, question: string, answer: string): NewQuestion => ({
    ...{ videoId: video.id, startSeconds: 0, endSeconds: video.durationSeconds, type, question, answer },
    ...{ choices: [], trusted: false, origin: 'template' },
  })
  const named = (names: readonly string[]): string | null => {
    const found = names.filter((name) => words.includes(` ${name} `))
    // "navy blue" holds "blue", and "men and women" both: the longest says it.
    const longest = found.filter((name) => !found.some((other) => other !== name && other.includes(name)))
    return longest.length === 1 ? longest[0]! : null
  }
  const made: NewQuestion[] = []
  const category = video.category?.trim() ?? ''
  if (category !== '') made.push(ask('kind', 'What kind of product is this?', category.toLowerCase()))
  const [colour, pattern, audience] = [named(colourNames), named(patternNames), named(audienceNames)]
  if (colour !== null) made.push(ask('colour', 'What colour is it?', colour))
  if (pattern !== null) made.push(ask('pattern', 'What pattern is it?', pattern))
  if (audience !== null) made.push(ask('audience', 'Who is it for?', audience))
  return made
}

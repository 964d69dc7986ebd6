/** A question of each kind that is understood, in the language in which it is. Pure data. */
import type { Messages } from '../../i18n/index.ts'

export type Example = {
  readonly kind: keyof Messages['answers']['start']['about']
  readonly question: string
  /** Whether it needs one video, or what a search finds. */
  readonly isAboutOne: boolean
}

export const examples: readonly Example[] = [
  { kind: 'kind', question: 'What kind of product is this?', isAboutOne: true },
  { kind: 'colour', question: 'What colour is it?', isAboutOne: true },
  { kind: 'pattern', question: 'What pattern is it?', isAboutOne: true },
  { kind: 'audience', question: 'Who is it for?', isAboutOne: true },
  { kind: 'first', question: 'What comes first, the mug or the teapot?', isAboutOne: true },
  { kind: 'count', question: 'How many different products are there?', isAboutOne: true },
  { kind: 'present', question: 'Is there a red mug?', isAboutOne: false },
  { kind: 'set', question: 'Which videos show a teapot?', isAboutOne: false },
  { kind: 'catalogue', question: 'Do we have teapots?', isAboutOne: false },
]

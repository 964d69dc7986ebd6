/**
 * What a question asks for, read from its words alone, and the statements that stand for its answers. Pure.
 *
 * A question of no known form is `open`: with choices it can still be answered, each choice being a statement of its own.
 */
import { colourNames, patternNames } from './vocabulary.ts'

export const answerableTypes = [
  ...['present', 'kind', 'colour', 'audience', 'pattern', 'department'],
  ...['first', 'count', 'set', 'catalogue', 'open'],
] as const

/** Why no model of ours can answer: they see what things look like, and read no words in pictures. */
export const refusals = ['reason', 'price', 'label', 'other'] as const

export type Refusal = (typeof refusals)[number]

export type Understood =
  | { readonly type: 'present' | 'set' | 'catalogue'; readonly thing: string }
  | {
      readonly type: 'kind' | 'colour' | 'audience' | 'pattern' | 'department'
      /** The thing that is spoken of; null where the question names none. */
      readonly thing: string | null
    }
  /** Which of two comes first. */
  | { readonly type: 'first'; readonly things: readonly [string, string] }
  | { readonly type: 'count' }
  | { readonly type: 'open' }
  | { readonly type: 'unanswerable'; readonly reason: Refusal }

const footage = '(?:videos?|clips?|films?|shots?|pictures?|photos?|footage|reels?)'

/** Lower case, one space between words, no sign at the end. */
function plainText(question: string): string {
  return question
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’]/g, "'")
    .replace(/\s+/g, ' ')
    .replace(/[\s?!.]+$/u, '')
    .trim()
}

/** A thing without its article and without where it is looked for. */
function thingOf(text: string): string {
  return text
    .replace(new RegExp(` (?:shown |seen )?(?:in|on|at|within) (?:this|the|that|these|our|any) .*${footage}.*$`), '')
    .replace(/ (?:in|on) (?:this|the|our) (?:catalogue|catalog|library|collection|range|shop|store|stock|it)$/, '')
    .replace(/ (?:here|there|anywhere|in it)$/, '')
    .replace(/^(?:an?|the|any|some|one|this|that|these|those|our) /, '')
    .trim()
}

type Rule = readonly [pattern: RegExp, read: (groups: readonly string[]) => Understood]

const named = (type: 'kind' | 'colour' | 'audience' | 'pattern' | 'department', text = ''): Understood => {
  const thing = thingOf(text)
  return { type, thing: thing === '' || /^(?:it|this|they|that|these|product)$/.test(thing) ? null : thing }
}

const refused = (reason: Refusal) => (): Understood => ({ type: 'unanswerable', reason })

/** The first that fits says what is asked: what cannot be answered first, then from the special to the general. */
const rules: readonly Rule[] = [
  [/^(?:why|how come|what for)\b|\breasons?\b/, refused('reason')],
  [/\b(?:prices?|priced|costs?|how much|expensive|cheap|cheaper|discount|euros?|dollars?|yen)\b/, refused('price')],
  [
    /\b(?:brands?|logos?|labels?|written|writing|reads?|text|barcode|expir\w*|ingredients|size is|which size|what size|name on|called|manufacturer)\b/,
    refused('label'),
  ],
  [
    /^how many (?:different |distinct |kinds of )*(?:products?|items?|articles?|things|goods)\b/,
    () => ({ type: 'count' }),
  ],
  [
    /^(?:what|which)(?: one| of them| product| thing)? (?:comes|is shown|is seen|appears|is|do we see|can be seen) first[,:;]? (.+?),? or (.+)$/,
    ([a, b]) => ({ type: 'first', things: [thingOf(a!), thingOf(b!)] }),
  ],
  [
    new RegExp(
      `^(?:which|what|in which|in what) (?:of the |of our )?${footage} (?:shows?|have|has|contains?|features?|are (?:of|about|with)|is there|can (?:i|we) see|with) (.+)$`,
    ),
    ([thing]) => ({ type: 'set', thing: thingOf(thing!) }),
  ],
  [
    new RegExp(
      `^(?:show(?: me)?|find|list)(?: me)? (?:all |the |every )*${footage} (?:of|with|that show|showing) (.+)$`,
    ),
    ([thing]) => ({ type: 'set', thing: thingOf(thing!) }),
  ],
  [
    /^(?:do (?:we|you)|have (?:we|you)|does (?:the|our) (?:shop|store|catalogue|catalog|library)) (?:have |got |sell |stock |carry |offer |hold |contain )?(.+)$/,
    ([thing]) =>
      /^see /.test(thing!)
        ? { type: 'present', thing: thingOf(thing!.replace(/^see /, '')) }
        : { type: 'catalogue', thing: thingOf(thing!) },
  ],
  [
    /^(?:is|are) there (.+) in (?:the|our) (?:whole )?(?:catalogue|catalog|library|collection|range|shop|store|stock)$/,
    ([thing]) => ({ type: 'catalogue', thing: thingOf(thing!) }),
  ],
  [
    /^(?:what|which) colou?rs? (?:is|are|has|have|does|do) (.+?)(?: have| come in| come)?$/,
    ([thing]) => named('colour', thing),
  ],
  [
    /^in (?:what|which) colou?rs? (?:is|are|does|do) (.+?)(?: made| come| sold| shown)?$/,
    ([thing]) => named('colour', thing),
  ],
  [/^(?:what|which) colou?rs?\b/, () => named('colour')],
  [
    /^(?:for whom|who) (?:is|are) (.+?)(?: made| meant| sold| intended)?(?: for)?$/,
    ([thing]) => named('audience', thing),
  ],
  [/^who (?:wears|can wear|would wear|should wear) (.+)$/, ([thing]) => named('audience', thing)],
  [/^(?:what|which) pattern (?:is|are|does|do|has|have) (.+?)(?: have| show)?$/, ([thing]) => named('pattern', thing)],
  [/^(?:what|which) pattern\b/, () => named('pattern')],
  [/^(?:which|what) department\b|^is it fruit, vegetables/, () => named('department')],
  [
    /^(?:what|which) (?:kind|sort|type)s? of (?:product|thing|article|item)s?\b|^(?:what|which) (?:product|article|item|thing)\b/,
    () => named('kind'),
  ],
  [
    /^what (?:is|are|do we see|can be seen|does)\b.*(?:this|these|it|that|shown|here|seen|show|video|clip|picture)$/,
    () => named('kind'),
  ],
  [/^(?:is|are) (?:the|this|these|those|that) (.+)$/, ([text]) => describedOrPresent(text!)],
  [
    /^(?:is|are) (?:there|it|they|this|these|that|those) ?(.*)$/,
    ([thing]) => ({ type: 'present', thing: thingOf(thing!) }),
  ],
  [
    new RegExp(`^(?:does|do) (?:the|this|these|it|any of the)?(?: ?${footage})? ?(?:show|contain|have|feature) (.+)$`),
    ([thing]) => ({ type: 'present', thing: thingOf(thing!) }),
  ],
  [/^can (?:you|we|i|one) see (.+)$/, ([thing]) => ({ type: 'present', thing: thingOf(thing!) })],
]

/** "Is the shirt green" asks for a green shirt; "is this a shirt" for a shirt. */
function describedOrPresent(text: string): Understood {
  const quality = [...colourNames, ...patternNames].find((name) => text.endsWith(` ${name}`))
  if (quality === undefined) return { type: 'present', thing: thingOf(text) }
  return { type: 'present', thing: `${quality} ${thingOf(text.slice(0, -quality.length - 1))}` }
}

/** @param hasChoices a question of unknown form can then be answered by its choices */
export function understand(question: string, hasChoices = false): Understood {
  const text = plainText(question)
  for (const [pattern, read] of rules) {
    const found = pattern.exec(text)
    if (found === null) continue
    const understood = read(found.slice(1).map((group) => group ?? ''))
    const isEmpty = 'thing' in understood && understood.thing === ''
    if (!isEmpty) return understood
  }
  return hasChoices ? { type: 'open' } : { type: 'unanswerable', reason: 'other' }
}

/** The statement that is true where `answer` is right, in the words of catalogues: they have no sentences. */
export function statementOf(understood: Understood, answer: string): string {
  const option = plainText(answer)
  switch (understood.type) {
    case 'colour':
    case 'pattern':
      return `${option} ${understood.thing ?? 'product'}`
    case 'audience':
      return `${understood.thing ?? 'product'} for ${option}`
    case 'present':
    case 'set':
    case 'catalogue':
      return understood.thing
    default:
      return option
  }
}

export type YesNo = 'yes' | 'no'

/** Whether choices only ask for yes or no, in whatever order and case. */
export function isYesNo(choices: readonly string[]): boolean {
  const plain = choices.map(plainText).sort()
  return plain.length === 2 && plain[0] === 'no' && plain[1] === 'yes'
}

/** Whether two answers say the same. */
export function sameAnswer(a: string, b: string): boolean {
  return plainText(a) === plainText(b)
}

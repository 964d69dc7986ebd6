/** Numbers and plurals inside English sentences. */

const numbers = new Intl.NumberFormat('en')
const rules = new Intl.PluralRules('en')

export const n = (value: number): string => numbers.format(value)
export const count = (value: number, one: string, other: string): string =>
  `${n(value)} ${rules.select(value) === 'one' ? one : other}`

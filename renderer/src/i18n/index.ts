/** The window's language: the table and the formats that belong to it. */
import { en, type Messages } from './en.ts'
import { createFormats, type Formats } from './format.ts'
import { ja } from './ja.ts'

export type { Formats, Messages }

const tables = { en, ja } satisfies Record<string, Messages>
export type Language = keyof typeof tables
export const languages = Object.keys(tables) as Language[]

/** @param wanted the user's choice; `system` follows the languages of the system, best first */
export function languageFor(wanted: Language | 'system', system: readonly string[]): Language {
  if (wanted !== 'system') return wanted
  const known = system.map((tag) => tag.toLowerCase().split('-')[0])
  return (
    languages.find((language) => language === known.find((tag) => (languages as string[]).includes(tag ?? ''))) ?? 'en'
  )
}

export function tableOf(language: Language): { t: Messages; formats: Formats } {
  return { t: tables[language], formats: createFormats(language) }
}

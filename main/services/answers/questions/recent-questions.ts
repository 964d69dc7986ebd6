/** The last questions that were asked, for a window to offer again. */
import type { Library } from '../../../storage/index.ts'

const settingName = 'askedQuestions'
const keptQuestions = 20

/** Latest first. */
export function recentQuestions(library: Library): string[] {
  const kept = library.settings.get(settingName)
  return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === 'string') : []
}

/** Does nothing in a library that cannot be written to. */
export function rememberQuestion(library: Library, question: string): void {
  if (library.readOnly) return
  const others = recentQuestions(library).filter((one) => one !== question)
  library.settings.set(settingName, [question, ...others].slice(0, keptQuestions))
}

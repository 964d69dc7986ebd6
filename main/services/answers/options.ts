/** What a free question may be answered with: the answers that the library knows for its type, and words for what all have. */
import type { Library } from '../../storage/index.ts'
import { understand, type Understood } from './understand.ts'
import { audienceNames, colourNames, departmentNames, patternNames } from './vocabulary.ts'

/** As many as the trained head has. */
const mostOptions = 1000

const builtIn: Partial<Record<Understood['type'], readonly string[]>> = {
  colour: colourNames,
  pattern: patternNames,
  audience: audienceNames,
  department: departmentNames,
}

/** What a question is answered with: its own choices, or else what the library knows; none where an answer needs none. */
export function choicesFor(library: Library, understood: Understood, choices: readonly string[]): readonly string[] {
  const isFree = choices.length === 0 && !['present', 'first', 'count'].includes(understood.type)
  return isFree ? optionsFor(library, understood) : choices
}

/** The commonest first; those of the library's own questions before all others. */
export function optionsFor(library: Library, understood: Understood): string[] {
  const counts = new Map<string, number>()
  for (const { question, answer, choices } of library.questions.all()) {
    if (understand(question, choices.length > 0).type !== understood.type) continue
    counts.set(answer, (counts.get(answer) ?? 0) + 1)
    for (const choice of choices) counts.set(choice, counts.get(choice) ?? 0)
  }
  const known = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([answer]) => answer)
  const others = understood.type === 'kind' ? kindsOf(library) : (builtIn[understood.type] ?? [])
  const seen = new Set<string>()
  return [...known, ...others]
    .filter((option) => {
      const plain = option.trim().toLowerCase()
      if (plain === '' || seen.has(plain)) return false
      seen.add(plain)
      return true
    })
    .slice(0, mostOptions)
}

/** Kinds of products as the catalogue names them: its categories, else its titles. */
function kindsOf(library: Library): string[] {
  const categories = library.videoList.categories().map(({ name }) => name)
  if (categories.length > 1) return categories
  return library.videos.list().flatMap(({ title }) => title ?? [])
}

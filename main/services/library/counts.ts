/** The counts that the user sees. */
import type { Counts } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'

export function countsOf(library: Library): Counts {
  const { eligible, indexed, failed, pending, segments, descriptions, exemplars } = library.counts()
  const models = library.models.all().filter((model) => model.hasWeights).length
  return { eligible, indexed, failed, pending, segments, descriptions, exemplars, models }
}

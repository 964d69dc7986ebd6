/** Model versions as a tree: each below the one it was trained from, older before younger. Pure. */
import type { ModelVersion } from '../../../../main/contract/index.ts'

export type LineageLine = { readonly model: ModelVersion; readonly depth: number }

export function lineageOf(models: readonly ModelVersion[]): LineageLine[] {
  const known = new Set(models.map(({ id }) => id))
  const byAge = [...models].sort((a, b) => ((a.createdAt ?? '') < (b.createdAt ?? '') ? -1 : 1))
  const below = (parent: string | null, depth: number): LineageLine[] =>
    byAge
      // A version whose parent is gone stands at the root.
      .filter((model) => (model.parent !== null && known.has(model.parent) ? model.parent : null) === parent)
      .flatMap((model) => [{ model, depth }, ...below(model.id, depth + 1)])
  return below(null, 0)
}

/** Recent and saved searches. */
import { z } from 'zod'
import type { ProcedureInput, ProcedureOutput, SavedSearch } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { nameOf } from '../models/index.ts'

export function listSearches(library: Library, { limit }: ProcedureInput<'searches'>): ProcedureOutput<'searches'> {
  const names = new Map(library.models.all().map((model) => [model.id, nameOf(model)]))
  return {
    recent: library.searchLog.recentTexts(limit).map(({ query, modelId, hitCount, atMs }) => ({
      text: query,
      model: (modelId === null ? undefined : names.get(modelId)) ?? '',
      hits: hitCount,
      at: new Date(atMs).toISOString(),
    })),
    saved: saved(library),
  }
}

export function editSearches(library: Library, input: ProcedureInput<'editSearches'>): ProcedureOutput<'editSearches'> {
  if (input.action === 'save') {
    const { name, text, filter } = input
    library.savedSearches.save({ name, text, filter })
  } else if (input.action === 'remove') library.savedSearches.remove(input.id)
  else library.searchLog.clear()
  return { saved: saved(library) }
}

/** As the contract wrote it; what an older version wrote otherwise is left out. */
const filterSchema = z.object({
  categories: z.array(z.string()).min(1).optional().catch(undefined),
  minSeconds: z.number().optional().catch(undefined),
  maxSeconds: z.number().optional().catch(undefined),
  described: z.boolean().optional().catch(undefined),
  labelled: z.boolean().optional().catch(undefined),
})

function saved(library: Library): SavedSearch[] {
  return library.savedSearches.all().map(({ id, name, text, filter, atMs }) => {
    return { id, name, text, filter: filterSchema.catch({}).parse(filter), savedAt: new Date(atMs).toISOString() }
  })
}

/** Imports exemplars: moments that the customer vouches for. Importing the same table twice changes nothing. */
import type { CallContext, ProcedureInput, ProcedureOutput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { exemplarColumns, planExemplars, readTable, saveExemplars } from '../library/index.ts'

export async function labelMoments(
  library: Library,
  { file, encoding, ignoreFolders }: ProcedureInput<'label'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<ProcedureOutput<'label'>> {
  const table = await readTable(file, exemplarColumns, { encoding })
  signal.throwIfAborted()
  return library.transaction(() => {
    const planned = planExemplars(library, table, file, { ignoreFolders })
    const { exemplars, shortened, problems, rows } = planned
    saveExemplars(library, planned)
    return { rows, exemplars: exemplars.length, concepts: library.concepts.all().length, shortened, problems }
  })
}

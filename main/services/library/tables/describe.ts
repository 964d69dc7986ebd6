/** Imports the customer's descriptions. The last import wins for the videos that it names; others keep theirs. */
import type { CallContext, ProcedureInput, ProcedureOutput } from '../../../contract/index.ts'
import type { Library } from '../../../storage/index.ts'
import { createVideoFinder } from './find-video.ts'
import { readTable } from './table-file.ts'

/** One transaction: a table is imported whole or, when stopped, not at all. */
export async function describeVideos(
  library: Library,
  { file, encoding, ignoreFolders }: ProcedureInput<'describe'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<ProcedureOutput<'describe'>> {
  const { rows, problems } = await readTable(file, ['file', 'description'], { encoding })
  signal.throwIfAborted()
  const texts = new Map<string, string[]>()
  let described = 0
  const find = createVideoFinder(library, file, { ignoreFolders })
  library.transaction(() => {
    for (const { row, cells } of rows) {
      const found = find(cells['file'] ?? '', row)
      if ('problem' in found) {
        problems.push(found.problem)
        continue
      }
      const { id } = found.video
      const description = cells['description'] ?? ''
      const title = cells['title'] ?? ''
      if (description === '' && title === '') {
        const message = `${cells['file']} has neither a title nor a description.`
        problems.push({ row, file: cells['file'] ?? '', reason: 'emptyText', message })
        continue
      }
      described += 1
      texts.set(id, [...(texts.get(id) ?? []), ...(description === '' ? [] : [description])])
      library.videos.setMetadata(id, {
        ...(title === '' ? {} : { title }),
        ...given('sku', cells['sku']),
        ...given('category', cells['category']),
      })
    }
    for (const [id, descriptions] of texts) library.descriptions.replace(id, 'csv', descriptions)
  })
  problems.sort((a, b) => a.row - b.row)
  const withDescription = new Set(
    library.descriptions
      .best()
      .filter(({ source }) => source !== 'generated')
      .map(({ videoId }) => videoId),
  )
  const withoutDescription = library.videos
    .list()
    .filter(({ id, title, status }) => status !== 'failed' && !withDescription.has(id) && title === null).length
  return {
    rows: rows.length + countOf(problems, 'wrongColumns'),
    described,
    videos: texts.size,
    withoutDescription,
    problems,
  }
}

function given<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return (value === undefined || value === '' ? {} : { [key]: value }) as Partial<Record<K, string>>
}

function countOf(problems: readonly { reason: string }[], reason: string): number {
  return problems.filter((problem) => problem.reason === reason).length
}

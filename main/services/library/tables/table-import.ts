/**
 * Imports the customer's table of descriptions with a mapping of its columns, after showing what would become of it. A table
 * of exemplars is known by its columns and imported as such.
 */
import {
  AppError,
  type ColumnMapping,
  type ProcedureInput,
  type ProcedureOutput,
  type RowProblem,
} from '../../../contract/index.ts'
import type { Library, Video } from '../../../storage/index.ts'
import { createVideoFinder, type NameRules } from './find-video.ts'
import { isExemplarTable, planExemplars, saveExemplars, type PlannedExemplars } from './exemplar-table.ts'
import { readSource, tableOf, type TableRecords } from './table-file.ts'

/** Names that customers give their columns, by what we call them. Compared without case, spaces and signs. */
const usualNames: Record<keyof ColumnMapping, readonly string[]> = {
  file: ['file', 'filename', 'video', 'videofile', 'path', 'clip', 'asset', 'ファイル', 'ファイル名', '動画'],
  sku: ['sku', 'articlenumber', 'article', 'itemnumber', 'productid', 'id', 'itemid', '品番', '商品コード'],
  title: ['title', 'name', 'productname', 'headline', 'タイトル', '商品名', '名前'],
  description: ['description', 'text', 'caption', 'details', 'productdescription', 'alt', '説明', '説明文', '商品説明'],
  category: ['category', 'type', 'producttype', 'group', 'department', 'class', 'カテゴリ', 'カテゴリー', '分類'],
}

const sampleRows = 20

type Planned = {
  readonly rows: number
  /** Of each row that can be used. */
  readonly usable: readonly { readonly video: Video; readonly cells: Readonly<Record<keyof ColumnMapping, string>> }[]
  readonly problems: RowProblem[]
  readonly videoOfRow: ReadonlyMap<number, string>
}

export async function previewTable(
  library: Library,
  { source, mapping: given, ...rules }: ProcedureInput<'previewTable'>,
): Promise<ProcedureOutput<'previewTable'>> {
  const table = await readSource(source)
  const mapping = given ?? guessMapping(table.columns)
  // Without a column for the files nothing can be said of the rows yet; the window asks for it.
  const isMapped = mapping.file !== '' && (mapping.title !== '' || mapping.description !== '')
  const isExemplars = isExemplarTable(table.columns)
  const exemplars = isExemplars ? planExemplars(library, tableOf(table), table.path, rules) : null
  const planned = isMapped && exemplars === null ? plan(library, table, mapping, rules) : null
  return {
    columns: [...table.columns],
    mapping,
    sample: table.rows.slice(0, sampleRows).map(({ row, cells }) => ({
      row,
      cells: table.columns.map((_, column) => cells[column] ?? ''),
      fileName: (exemplars ?? planned)?.videoOfRow.get(row) ?? null,
    })),
    ...(exemplars !== null
      ? exemplarOutcome(exemplars)
      : planned === null
        ? { rows: table.rows.length + table.problems.length, usable: 0, videos: 0, problems: table.problems }
        : outcome(planned)),
  }
}

/** One transaction: the rows that can be used are imported together. The last import wins for the videos that it names. */
export async function importTable(
  library: Library,
  { source, mapping, ...rules }: ProcedureInput<'importTable'>,
): Promise<ProcedureOutput<'importTable'>> {
  const table = await readSource(source)
  if (isExemplarTable(table.columns)) {
    return library.transaction(() => {
      const planned = planExemplars(library, tableOf(table), table.path, rules)
      saveExemplars(library, planned)
      return exemplarOutcome(planned)
    })
  }
  return library.transaction(() => {
    const planned = plan(library, table, mapping, rules)
    const texts = new Map<string, string[]>()
    for (const { video, cells } of planned.usable) {
      const { title, sku, category, description } = cells
      texts.set(video.id, [...(texts.get(video.id) ?? []), ...(description === '' ? [] : [description])])
      library.videos.setMetadata(video.id, {
        ...(title === '' ? {} : { title }),
        ...(sku === '' ? {} : { sku }),
        ...(category === '' ? {} : { category }),
      })
    }
    for (const [id, descriptions] of texts) library.descriptions.replace(id, 'csv', descriptions)
    return outcome(planned)
  })
}

/** The column whose name is usual for each field; each column fills one field at most. Pure. */
export function guessMapping(columns: readonly string[]): ColumnMapping {
  const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
  const taken = new Set<string>()
  const find = (names: readonly string[]): string => {
    for (const name of names) {
      const column = columns.find((each) => plain(each) === name && !taken.has(each))
      if (column === undefined) continue
      taken.add(column)
      return column
    }
    return ''
  }
  return {
    file: find(usualNames.file),
    description: find(usualNames.description),
    title: find(usualNames.title),
    sku: find(usualNames.sku),
    category: find(usualNames.category),
  }
}

function plan(library: Library, table: TableRecords, mapping: ColumnMapping, rules: NameRules): Planned {
  const columnOf = (field: keyof ColumnMapping): number => {
    if (mapping[field] === '') return -1
    const column = table.columns.indexOf(mapping[field])
    if (column >= 0) return column
    throw new AppError('usage', `The table has no column "${mapping[field]}". Choose one of its columns.`, { field })
  }
  const columns = {
    file: columnOf('file'),
    sku: columnOf('sku'),
    title: columnOf('title'),
    description: columnOf('description'),
    category: columnOf('category'),
  }
  if (columns.file < 0) {
    throw new AppError('usage', 'Choose the column that names the video files.', { field: 'file' })
  }
  const problems = [...table.problems]
  const videoOfRow = new Map<number, string>()
  const find = createVideoFinder(library, table.path, rules)
  const usable = table.rows.flatMap(({ row, cells: raw }) => {
    const cell = (column: number): string => (column < 0 ? '' : (raw[column] ?? '')).trim()
    const cells = {
      file: cell(columns.file),
      sku: cell(columns.sku),
      title: cell(columns.title),
      description: cell(columns.description),
      category: cell(columns.category),
    }
    const found = find(cells.file, row)
    if ('problem' in found) {
      problems.push(found.problem)
      return []
    }
    videoOfRow.set(row, found.video.fileName)
    if (cells.title !== '' || cells.description !== '') return [{ video: found.video, cells }]
    const message = `${cells.file} has neither a title nor a description.`
    problems.push({ row, file: cells.file, reason: 'emptyText', message })
    return []
  })
  problems.sort((a, b) => a.row - b.row)
  return { rows: table.rows.length + table.problems.length, usable, problems, videoOfRow }
}

function outcome({ rows, usable, problems }: Planned): ProcedureOutput<'importTable'> {
  return { rows, usable: usable.length, videos: new Set(usable.map(({ video }) => video.id)).size, problems }
}

function exemplarOutcome({ rows, exemplars, problems }: PlannedExemplars): ProcedureOutput<'importTable'> {
  return { rows, usable: exemplars.length, videos: new Set(exemplars.map(({ videoId }) => videoId)).size, problems }
}

/** Reads the customer's CSV tables: UTF-8 with or without a BOM, header required, one bad row never spoils the rest. */
import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { AppError, type RowProblem } from '../../../contract/index.ts'

export type TableRow = {
  /** Position in the file, counted from 1 with the header. */
  readonly row: number
  /** By lower-case column name, trimmed. Columns that the row lacks are ''. */
  readonly cells: Readonly<Record<string, string>>
}

export type Table = { readonly rows: TableRow[]; readonly problems: RowProblem[] }

const maxTableBytes = 256 * 1024 * 1024

/** Reads a table file. @throws AppError `input.missing`, `input.invalid` */
export async function readTable(path: string, requiredColumns: readonly string[]): Promise<Table> {
  return parseTable(await readTextFile(path), requiredColumns, path)
}

/** @throws AppError `input.missing`, `input.invalid` for text that is not UTF-8 or far too long */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new AppError('input.missing', `${path} cannot be read. Check that the file exists.`, { path }, { cause })
  })
  if (bytes.length > maxTableBytes) {
    throw new AppError('input.invalid', `${path} is larger than 256 MB. Split it.`, { path })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes) // drops a BOM
  } catch (cause) {
    throw new AppError(
      'input.invalid',
      `${path} is not UTF-8 text. Save it as UTF-8 and try again.`,
      { path },
      { cause },
    )
  }
}

export type TableRecords = {
  /** The first line. */
  readonly columns: readonly string[]
  /** Cells in the order of the columns; a short row lacks the last ones. */
  readonly rows: readonly { readonly row: number; readonly cells: readonly string[] }[]
  readonly problems: RowProblem[]
  /** For messages, and for file names that are relative to the table. */
  readonly path: string
}

/** Parses table text whatever its columns are called. @throws AppError `input.invalid` for text that is no table */
export function parseRecords(text: string, path: string): TableRecords {
  let records: { record: string[] }[]
  try {
    records = parse(text, {
      bom: true,
      info: true,
      relaxColumnCount: true,
      skipEmptyLines: true,
      relaxQuotes: true,
      trim: true,
    }) as unknown as typeof records
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : ''
    throw new AppError('input.invalid', `${path} is not a CSV table: ${detail}.`, { path }, { cause })
  }
  const columns = records[0]?.record ?? []
  const problems: RowProblem[] = []
  const rows = records.slice(1).flatMap(({ record }, i) => {
    const row = i + 2
    if (record.length <= columns.length) return [{ row, cells: record }]
    const message = `The row has ${record.length} columns, the header has ${columns.length}. Put texts with commas in double quotes.`
    problems.push({ row, reason: 'wrongColumns', message })
    return []
  })
  return { columns, rows, problems, path }
}

/** Parses table text; `path` is for messages. @throws AppError `input.invalid` when the header is missing a column */
export function parseTable(text: string, requiredColumns: readonly string[], path: string): Table {
  const { columns, rows, problems } = parseRecords(text, path)
  const header = columns.map((name) => name.toLowerCase())
  const missing = requiredColumns.filter((name) => !header.includes(name))
  if (missing.length > 0) {
    const sentence = `${path} needs a first line with the columns ${requiredColumns.join(',')}; ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`
    throw new AppError('input.invalid', sentence, { path, missing: missing.join(',') })
  }
  return {
    rows: rows.map(({ row, cells }) => ({
      row,
      cells: Object.fromEntries(header.map((name, column) => [name, cells[column] ?? ''])),
    })),
    problems,
  }
}

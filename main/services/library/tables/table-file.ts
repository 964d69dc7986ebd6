/** Reads the customer's CSV tables, however a spreadsheet saved them: header required, one bad row never spoils the rest. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parse } from 'csv-parse/sync'
import { AppError, textEncodings, type RowProblem, type TableSource } from '../../../contract/index.ts'
import { decodeText } from '../../../storage/index.ts'

export type TableRow = {
  /** As a spreadsheet counts: from 1 with the header, empty rows too, a text of several lines once. */
  readonly row: number
  /** By lower-case column name, trimmed. Columns that the row lacks are ''. */
  readonly cells: Readonly<Record<string, string>>
}

export type Table = { readonly rows: TableRow[]; readonly problems: RowProblem[] }

const maxTableBytes = 256 * 1024 * 1024

/** Reads a table file. @throws AppError `input.missing`, `input.invalid` */
export async function readTable(
  path: string,
  requiredColumns: readonly string[],
  options: { readonly encoding?: string | undefined } = {},
): Promise<Table> {
  return parseTable(await readTextFile(path, options), requiredColumns, path)
}

/**
 * @param encoding default: found out, see `decodeText`
 * @throws AppError `input.missing`, `input.invalid` for text of another encoding than was asked for, or far too long
 */
export async function readTextFile(
  path: string,
  { encoding }: { encoding?: string | undefined } = {},
): Promise<string> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new AppError('input.missing', `${path} cannot be read. Check that the file exists.`, { path }, { cause })
  })
  if (bytes.length > maxTableBytes) {
    throw new AppError('input.invalid', `${path} is larger than 256 MB. Split it.`, { path })
  }
  return decodeTable(bytes, path, encoding)
}

/** @param path for messages @throws AppError `input.invalid` for text of another encoding than was asked for, or of none */
export function decodeTable(bytes: Uint8Array, path: string, encoding: string | undefined): string {
  try {
    return decodeText(bytes, encoding)
  } catch (cause) {
    const message = `${path} is not ${encoding ?? 'UTF-8'} text. Save it as UTF-8, or name its encoding (${textEncodings.join(', ')}).`
    throw new AppError('input.invalid', message, { path }, { cause })
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
  const { delimiter, body } = findDelimiter(text)
  let records: { record: string[] }[]
  try {
    records = parse(body, {
      delimiter,
      bom: true,
      info: true,
      relaxColumnCount: true,
      relaxQuotes: true,
      trim: true,
    }) as unknown as typeof records
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : ''
    throw new AppError('input.invalid', `${path} is not a CSV table: ${detail}.`, { path }, { cause })
  }
  const filled = records
    .map(({ record }, i) => ({ row: i + 1, cells: record }))
    .filter(({ cells }) => cells.length > 1 || (cells[0] ?? '') !== '')
  const columns = filled[0]?.cells ?? []
  const problems: RowProblem[] = []
  const rows = filled.slice(1).flatMap(({ row, cells }) => {
    // Spreadsheets write as many cells as their widest row has.
    const width = Math.max(columns.length, cells.findLastIndex((cell) => cell !== '') + 1)
    if (width <= columns.length) return [{ row, cells: cells.slice(0, columns.length) }]
    const message = `The row has ${width} columns, the header has ${columns.length}. Put texts with commas in double quotes.`
    problems.push({ row, reason: 'wrongColumns', message })
    return []
  })
  return { columns, rows, problems, path }
}

/**
 * What separates cells: as a first line `sep=;` says, which spreadsheets write and do not show, else the sign that cuts the
 * header into most columns. Pure.
 */
export function findDelimiter(text: string): { delimiter: string; body: string } {
  const plain = text.replace(/^\ufeff/, '')
  const said = /^"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)/i.exec(plain)
  if (said) return { delimiter: said[1]!, body: plain.slice(said[0].length) }
  const header = /[^\r\n]+/.exec(plain)?.[0].replace(/"[^"]*"/g, '') ?? ''
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }))
  return { delimiter: counts.reduce((a, b) => (b.count > a.count ? b : a)).delimiter, body: plain }
}

/** Reads a file of this computer, or one whose bytes a page has sent. @throws AppError `input.missing`, `input.invalid` */
export async function readSource(source: TableSource): Promise<TableRecords> {
  if ('path' in source) return parseRecords(await readTextFile(source.path, source), source.path)
  const name = basename(source.name)
  return parseRecords(decodeTable(Buffer.from(source.base64, 'base64'), name, source.encoding), name)
}

/** Parses table text; `path` is for messages. @throws AppError `input.invalid` when the header is missing a column */
export function parseTable(text: string, requiredColumns: readonly string[], path: string): Table {
  return tableWith(parseRecords(text, path), requiredColumns)
}

/** A table that has certain columns. @throws AppError `input.invalid` when one is missing */
export function tableWith(records: TableRecords, requiredColumns: readonly string[]): Table {
  const { columns, path } = records
  const header = columns.map((name) => name.toLowerCase())
  const missing = requiredColumns.filter((name) => !header.includes(name))
  if (missing.length > 0) {
    const sentence = `${path} needs a first line with the columns ${requiredColumns.join(',')}; ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`
    throw new AppError('input.invalid', sentence, { path, missing: missing.join(',') })
  }
  return tableOf(records)
}

/** Cells by the names of their columns. */
export function tableOf({ columns, rows, problems }: TableRecords): Table {
  const header = columns.map((name) => name.toLowerCase())
  return {
    rows: rows.map(({ row, cells }) => ({
      row,
      cells: Object.fromEntries(header.map((name, column) => [name, cells[column] ?? ''])),
    })),
    problems,
  }
}

/** Tables of exemplars: which tables are some, and what becomes of each of their rows. */
import { z } from 'zod'
import { parseTimecode } from '../../../base/index.ts'
import type { RowProblem } from '../../../contract/index.ts'
import {
  exemplarGrades,
  type ExemplarGrade,
  type Library,
  type NewExemplar,
  type Video,
} from '../../../storage/index.ts'
import { createVideoFinder, type NameRules } from './find-video.ts'
import type { Table, TableRow } from './table-file.ts'

/** Times round differently in every tool; a range may end this much after the video without being worth a word. */
const roundingSeconds = 0.05

export const exemplarColumns: readonly string[] = ['file', 'start', 'end', 'description', 'grade']

/** Whether a table holds exemplars, by the names of its columns: nothing else has moments with a grade. */
export function isExemplarTable(names: readonly string[]): boolean {
  const found = names.map((name) => name.trim().toLowerCase())
  return exemplarColumns.every((name) => found.includes(name))
}

export type PlannedExemplars = {
  /** Rows below the header. */
  readonly rows: number
  readonly exemplars: readonly (Omit<NewExemplar, 'conceptId'> & { readonly concept: string })[]
  readonly shortened: number
  readonly problems: RowProblem[]
  readonly videoOfRow: ReadonlyMap<number, string>
}

/** In the transaction of the caller. */
export function saveExemplars(library: Library, { exemplars }: PlannedExemplars): void {
  library.exemplars.saveAll(
    exemplars.map(({ concept, ...exemplar }) => ({
      ...exemplar,
      conceptId: concept === '' ? null : library.concepts.ensure(concept).id,
    })),
  )
}

/** What would become of each row; writes nothing. */
export function planExemplars(
  library: Library,
  table: Table,
  tablePath: string,
  rules: NameRules = {},
): PlannedExemplars {
  const problems = [...table.problems]
  const exemplars: PlannedExemplars['exemplars'][number][] = []
  const videoOfRow = new Map<number, string>()
  let shortened = 0
  const find = createVideoFinder(library, tablePath, rules)
  for (const tableRow of table.rows) {
    const name = tableRow.cells['file'] ?? ''
    const found = find(name, tableRow.row)
    const checked = 'problem' in found ? found : readExemplar(tableRow, name, found.video)
    if ('problem' in checked) {
      problems.push(checked.problem)
      continue
    }
    if ('video' in found) videoOfRow.set(tableRow.row, found.video.fileName)
    exemplars.push({ ...checked.exemplar, concept: tableRow.cells['concept'] ?? '' })
    if (checked.shortened) shortened += 1
  }
  problems.sort((a, b) => a.row - b.row)
  return { rows: table.rows.length + table.problems.length, exemplars, shortened, problems, videoOfRow }
}

type Checked = { exemplar: Omit<NewExemplar, 'conceptId'>; shortened: boolean } | { problem: RowProblem }

/** Checks one row against its video. A range that ends past the video is shortened; one that begins there is refused. */
export function readExemplar({ row, cells }: TableRow, file: string, video: Video): Checked {
  const refuse = (reason: RowProblem['reason'], message: string): Checked => ({
    problem: { row, file, reason, message },
  })
  const text = cells['description'] ?? ''
  if (text === '') return refuse('emptyText', `${file}: the description is empty.`)
  const rate = rateOf(video)
  const startSeconds = momentOf(cells['start'] ?? '', rate)
  const endSeconds = momentOf(cells['end'] ?? '', rate)
  if (startSeconds === null || endSeconds === null || endSeconds <= startSeconds) {
    const range = `${cells['start']} to ${cells['end']}`
    return refuse('badTime', `${file}: "${range}" is not a range of seconds. Write for example 1.5 and 4.`)
  }
  const grade = (cells['grade'] ?? '').toLowerCase() || 'exact'
  if (!(exemplarGrades as readonly string[]).includes(grade)) {
    return refuse('badGrade', `${file}: the grade "${grade}" is unknown. Use ${exemplarGrades.join(', ')}.`)
  }
  const length = video.durationSeconds
  if (length !== null && startSeconds >= length) {
    return refuse(
      'outsideVideo',
      `${file}: the range begins at ${startSeconds} s, but the video ends at ${length.toFixed(2)} s.`,
    )
  }
  const end = length === null ? endSeconds : Math.min(endSeconds, length)
  return {
    exemplar: { videoId: video.id, startSeconds, endSeconds: end, text, grade: grade as ExemplarGrade },
    shortened: endSeconds - end > roundingSeconds,
  }
}

const rateSchema = z.object({ framesPerSecond: z.number().positive() })

/** Frames a second of a video; null before it was probed. */
export function rateOf({ probe }: Video): number | null {
  return rateSchema.safeParse(probe).data?.framesPerSecond ?? null
}

/**
 * A time as `secondsOf` reads it, with a decimal comma, or as the timecode `hh:mm:ss:ff`, whose frames are counted at the
 * video's rate from its first frame; null for anything else.
 */
export function momentOf(text: string, framesPerSecond: number | null): number | null {
  const plain = secondsOf(text.replace(/^([\d:]+),(\d+)$/, '$1.$2'))
  if (plain !== null || framesPerSecond === null) return plain
  const parts = /^(\d{1,2}):([0-5]?\d):([0-5]?\d)[:;](\d{2,3})$/.exec(text)?.slice(1).map(Number)
  const nominal = Math.round(framesPerSecond)
  if (parts === undefined || parts[3]! >= nominal) return null
  const timecode = parseTimecode(text.padStart(11, '0'), nominal)
  const frame = timecode?.frame ?? ((parts[0]! * 60 + parts[1]!) * 60 + parts[2]!) * nominal + parts[3]!
  return frame / framesPerSecond
}

/** `12.5`, `1:05.25` or `1:02:03`; null for anything else. */
export function secondsOf(text: string): number | null {
  if (!/^\d+(:\d{1,2}){0,2}(\.\d+)?$/.test(text)) return null
  return text.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0)
}

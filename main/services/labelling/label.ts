/** Imports exemplars: moments that the customer vouches for. Importing the same table twice changes nothing. */
import type { CallContext, ProcedureInput, ProcedureOutput, RowProblem } from '../../contract/index.ts'
import { exemplarGrades, type ExemplarGrade, type Library, type NewExemplar, type Video } from '../../storage/index.ts'
import { findVideo, readTable, type TableRow } from '../library/index.ts'

/** Times round differently in every tool; a range may end this much after the video without being worth a word. */
const roundingSeconds = 0.05

export async function labelMoments(
  library: Library,
  { file }: ProcedureInput<'label'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<ProcedureOutput<'label'>> {
  const { rows, problems } = await readTable(file, ['file', 'start', 'end', 'description', 'grade'])
  signal.throwIfAborted()
  const rowCount = rows.length + problems.length
  const exemplars: NewExemplar[] = []
  let shortened = 0
  library.transaction(() => {
    for (const tableRow of rows) {
      const name = tableRow.cells['file'] ?? ''
      const found = findVideo(library.videos, name, file, tableRow.row)
      const checked = 'problem' in found ? found : readExemplar(tableRow, name, found.video)
      if ('problem' in checked) {
        problems.push(checked.problem)
        continue
      }
      const concept = tableRow.cells['concept'] ?? ''
      const conceptId = concept === '' ? null : library.concepts.ensure(concept).id
      exemplars.push({ ...checked.exemplar, conceptId })
      if (checked.shortened) shortened += 1
    }
    library.exemplars.saveAll(exemplars)
  })
  problems.sort((a, b) => a.row - b.row)
  const concepts = library.concepts.all().length
  return { rows: rowCount, exemplars: exemplars.length, concepts, shortened, problems }
}

type Checked = { exemplar: NewExemplar; shortened: boolean } | { problem: RowProblem }

/** Checks one row against its video. A range that ends past the video is shortened; one that begins there is refused. */
export function readExemplar({ row, cells }: TableRow, file: string, video: Video): Checked {
  const refuse = (reason: RowProblem['reason'], message: string): Checked => ({
    problem: { row, file, reason, message },
  })
  const text = cells['description'] ?? ''
  if (text === '') return refuse('emptyText', `${file}: the description is empty.`)
  const startSeconds = secondsOf(cells['start'] ?? '')
  const endSeconds = secondsOf(cells['end'] ?? '')
  if (startSeconds === null || endSeconds === null || endSeconds <= startSeconds) {
    const range = `${cells['start']} to ${cells['end']}`
    return refuse('badTime', `${file}: "${range}" is not a range of seconds. Write for example 1.5 and 4.`)
  }
  const grade = (cells['grade'] ?? '') || 'exact'
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

/** `12.5`, `1:05.25` or `1:02:03`; null for anything else. */
export function secondsOf(text: string): number | null {
  if (!/^\d+(:\d{1,2}){0,2}(\.\d+)?$/.test(text)) return null
  return text.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0)
}

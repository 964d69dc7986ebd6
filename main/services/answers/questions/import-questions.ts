/** Imports a customer's table of questions. A bad row never spoils the rest; the last import wins for a question of a moment. */
import type { CallContext, ProcedureInput, ProcedureOutput, RowProblem } from '../../../contract/index.ts'
import type { Library, NewQuestion, Video } from '../../../storage/index.ts'
import { createVideoFinder, momentOf, rateOf, readSource, tableWith, type TableRow } from '../../library/index.ts'
import { sameAnswer, understand } from '../understand.ts'

/** Times round differently in every tool. */
const roundingSeconds = 0.05

/** One transaction: a table is imported whole or, when stopped, not at all. */
export async function importQuestions(
  library: Library,
  { source, ignoreFolders }: ProcedureInput<'importQuestions'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<ProcedureOutput<'importQuestions'>> {
  const table = await readSource(source)
  const { rows, problems } = tableWith(table, ['file', 'question', 'answer'])
  signal.throwIfAborted()
  const unreadable = problems.length
  const find = createVideoFinder(library, table.path, { ignoreFolders })
  const questions: NewQuestion[] = []
  for (const row of rows) {
    const name = row.cells['file'] ?? ''
    const found = find(name, row.row)
    const read = 'problem' in found ? found : readQuestion(row, name, found.video)
    if ('problem' in read) problems.push(read.problem)
    else questions.push(read.question)
  }
  library.questions.saveAll(questions)
  problems.sort((a, b) => a.row - b.row)
  return {
    rows: rows.length + unreadable,
    imported: questions.length,
    trusted: questions.filter(({ trusted }) => trusted).length,
    videos: new Set(questions.map(({ videoId }) => videoId)).size,
    problems,
  }
}

type Read = { readonly question: NewQuestion } | { readonly problem: RowProblem }

/** Checks one row against its video. Without a start and an end, it is about the whole video. */
export function readQuestion({ row, cells }: TableRow, file: string, video: Video): Read {
  const refuse = (reason: RowProblem['reason'], message: string): Read => ({ problem: { row, file, reason, message } })
  const cell = (name: string): string => (cells[name] ?? '').trim()
  const [question, given] = [cell('question'), cell('answer')]
  if (question === '') return refuse('emptyText', `${file}: the question is empty.`)
  if (given === '') return refuse('emptyText', `${file}: the answer is empty.`)

  const choices = [
    ...new Set(
      cell('choices')
        .split(/[;；]/)
        .map((choice) => choice.trim())
        .filter(Boolean),
    ),
  ]
  // Whoever answered may have had another choice in mind, or have been wrong: that is for training to find out.
  const answer = choices.find((choice) => sameAnswer(choice, given)) ?? given
  if (choices.length > 0 && !choices.includes(answer)) choices.push(answer)

  const trusted = trustOf(cell('trusted'))
  if (trusted === null) {
    return refuse('badAnswer', `${file}: "${cell('trusted')}" does not say whether it is trusted. Write yes or no.`)
  }

  const length = video.durationSeconds
  const [from, to] = [cell('start'), cell('end')]
  const startSeconds = from === '' ? 0 : momentOf(from, rateOf(video))
  const endSeconds = to === '' ? (length ?? Infinity) : momentOf(to, rateOf(video))
  const isPast = length !== null && startSeconds !== null && startSeconds >= length
  if (isPast) {
    const message = `${file}: the range begins at ${startSeconds} s, but the video ends at ${length.toFixed(2)} s.`
    return refuse('outsideVideo', message)
  }
  if (startSeconds === null || endSeconds === null || endSeconds <= startSeconds) {
    return refuse('badTime', `${file}: "${from} to ${to}" is not a range of seconds. Write for example 1.5 and 4.`)
  }
  if (!Number.isFinite(endSeconds)) {
    return refuse('badTime', `${file}: the video was not read yet, so its end is unknown. Write start and end.`)
  }
  const isShortened = length !== null && endSeconds > length + roundingSeconds
  return {
    question: {
      ...{ videoId: video.id, startSeconds, endSeconds: isShortened ? length : endSeconds },
      ...{
        type: understand(question, choices.length > 0).type,
        question,
        answer,
        choices,
        trusted,
        origin: 'imported',
      },
    },
  }
}

/** Null for a word that says neither yes nor no. An empty cell is no. */
function trustOf(text: string): boolean | null {
  const plain = text.toLowerCase()
  if (['', 'no', 'n', 'false', '0', 'いいえ'].includes(plain)) return false
  return ['yes', 'y', 'true', '1', 'x', 'はい'].includes(plain) ? true : null
}

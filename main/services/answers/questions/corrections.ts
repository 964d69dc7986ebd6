/** What people say of answers: "this is right", or what is right instead. Kept as trusted questions, and taken back. */
import { AppError, type ProcedureInput, type ProcedureOutput } from '../../../contract/index.ts'
import { defined } from '../../../base/index.ts'
import type { Library } from '../../../storage/index.ts'
import { existingVideo } from '../../library/index.ts'
import { sameAnswer, understand } from '../understand.ts'

/** Times come back from a window rounded. */
const roundingSeconds = 0.05

/** @throws AppError `usage`, `input.missing` */
export function correctAnswer(
  library: Library,
  { question, answer, choices, about }: ProcedureInput<'correctAnswer'>,
): ProcedureOutput<'correctAnswer'> {
  const { durationSeconds } = existingVideo(library, about.video)
  const isInside = durationSeconds === null || about.end <= durationSeconds + roundingSeconds
  if (about.start < 0 || about.end <= about.start || !isInside) {
    throw new AppError('usage', `${about.start} to ${about.end} s is no stretch of this video.`, { field: 'about' })
  }
  const place = { videoId: about.video, startSeconds: about.start, endSeconds: about.end, question }
  const before = library.questions.at(place)
  const given = choices.find((choice) => sameAnswer(choice, answer)) ?? answer
  library.questions.saveAll([
    {
      ...place,
      ...{ type: understand(question, choices.length > 0).type, answer: given, trusted: true, origin: 'user' },
      choices: choices.length === 0 || choices.includes(given) ? choices : [...choices, given],
    },
  ])
  return {
    id: defined(library.questions.at(place), 'the question that was kept').id,
    trusted: countTrusted(library),
    replaced:
      before === undefined
        ? null
        : {
            ...{ answer: before.answer, choices: [...before.choices] },
            ...{ trusted: before.trusted, origin: before.origin },
          },
  }
}

/** @throws AppError `input.missing` */
export function undoCorrection(
  library: Library,
  { id, replaced }: ProcedureInput<'undoCorrection'>,
): ProcedureOutput<'undoCorrection'> {
  const kept = library.questions.get(id)
  if (kept === undefined) throw new AppError('input.missing', 'This answer is not kept any more.', { id })
  if (replaced === null) library.questions.remove(id)
  else
    library.questions.saveAll([{ ...kept, ...replaced, trusted: replaced.trusted && replaced.origin !== 'template' }])
  return { trusted: countTrusted(library) }
}

function countTrusted(library: Library): number {
  return library.questions.count({ trusted: true })
}

/** What the commands around questions print for people. Pure. */
import type { Answer, ProcedureOutput } from '../../contract/index.ts'
import { renderTable, shorten } from '../table.ts'
import { clockTime, count } from '../words.ts'
import { problemTable, shownProblems } from './lines.ts'

const refusals: Record<Exclude<Answer['reason'], null>, string> = {
  reason: 'Why something is so cannot be seen in the footage',
  price: 'Prices cannot be seen in the footage',
  label: 'The models here do not read words, such as names on labels',
  other: 'This form of question is not understood; with --choices it can be answered',
}

export const answersReports = {
  importQuestions({ imported, trusted, videos, rows, problems }: ProcedureOutput<'importQuestions'>): string {
    const sentence = `${count(imported, 'question')} of ${count(rows, 'row')} imported, about ${count(videos, 'video')}; ${trusted} trusted.\n`
    return sentence + problemTable(problems)
  },
  ask(answer: ProcedureOutput<'ask'>): string {
    const shown = answer.type === 'set' ? answer.moments : answer.moments.slice(0, 5)
    const lines = [sentenceOf(answer)]
    if (answer.options.length > 1) {
      const options = answer.options.slice(0, 4).map((option) => `${option.answer} ${percent(option.probability)}`)
      lines.push(`Considered: ${options.join(', ')}.`)
    }
    if (shown.length > 0) {
      lines.push(
        '',
        renderTable(
          [{ title: 'start', align: 'right' }, { title: 'end', align: 'right' }, { title: 'shows' }, { title: 'file' }],
          shown.map(({ start, end, shows, file }) => [
            clockTime(start),
            clockTime(end),
            shorten(shows, 30),
            shorten(file, 90, 'end'),
          ]),
        ),
      )
    }
    return [...lines, ''].join('\n')
  },
  trainAnswers({
    objective,
    pairs,
    trusted,
    made,
    heldOut,
    rightBefore,
    rightAfter,
    promoted,
  }: ProcedureOutput<'trainAnswers'>): string {
    const templates = made === 0 ? '' : ` (${made} of the library's are made by templates)`
    return [
      `Trained ${objective} on ${count(pairs, 'question')} and ${count(trusted, 'trusted one')}${templates}.`,
      `Of ${count(heldOut, 'held-out trusted question')}, ${rightBefore} were answered rightly by the dual encoder and ${rightAfter} with the trained head.`,
      promoted ? 'The trained head answers from now on.' : 'That is no clear gain, so everything answers as before.',
      '',
    ].join('\n')
  },
  evaluateQuestions({
    model,
    overall,
    byType,
    majority,
    supported,
    coverage,
    problems,
  }: ProcedureOutput<'evaluateQuestions'>): string {
    const row = (name: string, one: typeof overall, other: typeof overall): string[] => [
      name,
      String(one.count),
      one.value.toFixed(3),
      one.low === null || one.high === null ? '' : `${one.low.toFixed(3)} to ${one.high.toFixed(3)}`,
      other.value.toFixed(3),
    ]
    const table = renderTable(
      [
        { title: 'type' },
        { title: 'questions', align: 'right' },
        { title: 'right', align: 'right' },
        { title: '95 % interval' },
        { title: 'majority', align: 'right' },
      ],
      [
        row('all', overall, majority.overall),
        ...Object.entries(byType).map(([type, one]) => row(type, one, majority.byType[type]!)),
      ],
    )
    const notes = problems.slice(0, shownProblems).map((problem) => `  ${problem}\n`)
    return [
      `${count(overall.count, 'question')} answered by ${model}\n\n`,
      table,
      `\nOf ${count(supported.count, 'right answer')} that moments can show, ${percent(supported.value)} cite one.\n`,
      `${percent(coverage.covered)} are sure enough (${coverage.threshold.toFixed(2)}); ${percent(coverage.risk)} of these are wrong.\n`,
      ...(notes.length === 0 ? [] : ['\n', ...notes]),
    ].join('')
  },
}

function sentenceOf(given: Answer): string {
  const { state, answer, reason, type, thing, sureness, calibratedOn, isProven, host } = given
  if (state === 'unanswerable') {
    return `${refusals[reason!]}. A vision model of yours may answer it: --model endpoint (see mama endpoint --help).`
  }
  if (sureness === null) {
    const proof = isProven ? 'it names the frames that show it' : 'unproven: it names none of the frames it was shown'
    if (state === 'notSure') return `Not sure${answer === null ? '' : `: ${answer}`} (${host}).`
    return `${answer} (${host}; ${proof}).`
  }
  const how = calibratedOn === 0 ? ', by rule of thumb: import trusted questions to calibrate it' : ''
  const sure = `${percent(sureness)} sure${how}`
  if (type === 'set') {
    const videos = count(Number(answer), 'video')
    return `${state === 'notSure' ? `Not sure. ${videos} may show` : `${videos} show`} ${thing ?? 'it'} (${sure}).`
  }
  if (state === 'notSure') return `Not sure. The best guess is "${answer}" (${sure}).`
  return `${(answer ?? '').replace(/^./u, (letter) => letter.toUpperCase())} (${sure}).`
}

function percent(value: number): string {
  return `${Math.round(100 * value)} %`
}

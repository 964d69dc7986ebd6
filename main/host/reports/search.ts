/** What the commands around searching print for people. Pure. */
import { metricNames, type ProcedureOutput, type RetrievalMetrics } from '../../contract/index.ts'
import { renderTable, shorten } from '../table.ts'
import { clockTime, count } from '../words.ts'
import { shownProblems } from './lines.ts'

export const searchReports = {
  search({
    query,
    moments,
    weakFrom,
    unmatched,
    unknownWords,
    segmentsSearched,
    model,
  }: ProcedureOutput<'search'>): string {
    const strong = moments.slice(0, weakFrom)
    const weak = moments.slice(weakFrom)
    const searched = `${count(segmentsSearched, 'shot')} searched with ${model}.`
    const lines: string[] = []
    if (moments.length === 0) lines.push(`Nothing in the library matches "${query}".`)
    else if (strong.length === 0) lines.push(`Nothing in the library clearly matches "${query}".`)
    if (unknownWords.length > 0) {
      const [words, is] = [unknownWords.map((word) => `"${word}"`).join(', '), unknownWords.length === 1 ? 'is' : 'are']
      lines.push(`${words} ${is} unknown to the model and in no text of the library. Try another word.`)
    }
    if (lines.length > 0 && moments.length > 0) lines.push('')
    if (strong.length > 0) lines.push(momentTable(strong, 0))
    if (weak.length > 0) lines.push('Weak matches, often wrong:', momentTable(weak, weakFrom))
    if (unmatched > 0)
      lines.push(`${count(unmatched, 'moment')} that chance explains ${unmatched === 1 ? 'is' : 'are'} left out.`)
    return [...lines, searched, ''].join('\n')
  },
  evaluate({ model, segments, overall, byFrequency, problems }: ProcedureOutput<'evaluate'>): string {
    const rows: string[][] = [metricRow('all', overall)]
    for (const name of ['popular', 'mid', 'rare'] as const) {
      const metrics = byFrequency[name]
      if (metrics !== null) rows.push(metricRow(name, metrics))
    }
    const table = renderTable(
      [
        { title: 'concepts' },
        { title: 'queries', align: 'right' },
        ...metricNames.map((title) => ({ title: metricTitles[title], align: 'right' as const })),
      ],
      rows,
    )
    const p10 = overall['P@10']
    const interval =
      p10.low === null || p10.high === null
        ? ''
        : `95 % interval of P@10: ${p10.low.toFixed(3)} to ${p10.high.toFixed(3)}.\n`
    const notes = problems
      .slice(0, shownProblems)
      .map((problem) => `  ${problem}\n`)
      .join('')
    return `${model} on ${count(segments, 'shot')}\n\n${table}${interval}${notes === '' ? '' : `\n${notes}`}`
  },
}

const metricTitles: Record<(typeof metricNames)[number], string> = {
  'R@1': 'R@1',
  'R@5': 'R@5',
  'R@10': 'R@10',
  medianRank: 'MdR',
  meanRank: 'MnR',
  MAP: 'MAP',
  'P@10': 'P@10',
}

function metricRow(name: string, metrics: RetrievalMetrics): string[] {
  const ranks = new Set<string>(['medianRank', 'meanRank'])
  return [
    name,
    String(metrics.queries),
    ...metricNames.map((metric) => metrics[metric].value.toFixed(ranks.has(metric) ? 1 : 3)),
  ]
}

/** @param before how many moments were listed above */
function momentTable(moments: ProcedureOutput<'search'>['moments'], before: number): string {
  return renderTable(
    [
      { title: '#', align: 'right' },
      { title: 'match', align: 'right' },
      { title: 'start', align: 'right' },
      { title: 'end', align: 'right' },
      { title: 'found by' },
      { title: 'file' },
    ],
    moments.map((moment, i) => [
      String(before + i + 1),
      `${Math.round(100 * moment.strength)} %`,
      clockTime(moment.start),
      clockTime(moment.end),
      moment.foundBy.join(' + '),
      shorten(moment.file, 90, 'end'),
    ]),
  )
}

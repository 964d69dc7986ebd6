/** What all simulated customers say together, as a Markdown table for docs/RESULTS.md. */
import type { CustomerSummary, Share } from '../../../main/services/study/customer-records.ts'
import type { StudyArm } from '../../../main/services/study/study.ts'

const columns: readonly (readonly [title: string, of: (summary: CustomerSummary) => string])[] = [
  ['customers', ({ group, customers }) => `${group} (${customers})`],
  ...(['zero-shot', 'infonce', 'plain rule', 'mama', 'right pairs', 'true texts'] as const satisfies StudyArm[]).map(
    (arm) => [arm, ({ score }: CustomerSummary) => number(score[arm])] as const,
  ),
  ['damage undone', ({ undone }) => share(undone.mama)],
  ['by the rule', ({ undone }) => share(undone['plain rule'])],
  ['worst: over infonce', ({ worst }) => number(worst.infonce?.difference)],
  ['over the rule', ({ worst }) => number(worst['plain rule']?.difference)],
  ['over zero-shot', ({ worst }) => number(worst['zero-shot']?.difference)],
  ['AUC', ({ auc }) => number(auc)],
  ['effective', ({ effectiveShare }) => number(effectiveShare, 2)],
  ['promoted', ({ promoted }) => number(promoted, 2)],
]

export function customerTable(summaries: readonly CustomerSummary[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(([title]) => title)),
    line(columns.map(() => '---')),
    ...summaries.map((summary) => line(columns.map(([, of]) => of(summary)))),
  ].join('\n')
}

function number(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined ? '' : value.toFixed(digits)
}

function share(found: Share | null | undefined): string {
  if (found === null || found === undefined) return ''
  const interval = Number.isFinite(found.low) ? ` (${found.low.toFixed(2)} to ${found.high.toFixed(2)})` : ''
  return `${found.share.toFixed(2)}${interval}`
}

/** Lines that the reports of several features have. Pure. */
import type { ProcedureOutput, RowProblem } from '../../contract/index.ts'
import { renderTable } from '../table.ts'
import { count } from '../words.ts'

/** Problems and files that are listed; --json lists all. */
export const shownProblems = 20

export function countsLine(counts: ProcedureOutput<'counts'>): string {
  return (
    `Library: ${count(counts.eligible, 'video')} = ${counts.indexed} indexed + ${counts.failed} failed + ${counts.pending} pending; ` +
    `${count(counts.segments, 'shot')}, ${count(counts.descriptions, 'description')}, ${count(counts.exemplars, 'exemplar')}, ${count(counts.models, 'model')}.`
  )
}

export function problemTable(problems: readonly RowProblem[]): string {
  if (problems.length === 0) return ''
  const table = renderTable(
    [{ title: 'row', align: 'right' }, { title: 'problem' }],
    problems.slice(0, shownProblems).map((problem) => [String(problem.row), problem.message]),
  )
  const more =
    problems.length > shownProblems ? `… and ${problems.length - shownProblems} more (--json lists all)\n` : ''
  return `\n${count(problems.length, 'row')} could not be used:\n${table}${more}`
}

/** What the commands around labels print for people. Pure. */
import type { ProcedureOutput } from '../../contract/index.ts'
import { count } from '../words.ts'
import { problemTable } from './lines.ts'

export const labellingReports = {
  label({ rows, exemplars, concepts, shortened, problems }: ProcedureOutput<'label'>): string {
    const lines = [
      `Read ${count(rows, 'row')}: ${count(exemplars, 'exemplar')} taken${concepts === 0 ? '' : ` (${count(concepts, 'concept')} in the library)`}.`,
    ]
    if (shortened > 0)
      lines.push(
        `${count(shortened, 'range')} ended after the video and ${shortened === 1 ? 'was' : 'were'} shortened.`,
      )
    return lines.join('\n') + '\n' + problemTable(problems)
  },
}

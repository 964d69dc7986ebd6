/** What the audit prints for people. Pure. */
import type { ProcedureOutput } from '../../contract/index.ts'
import { renderTable, shorten } from '../table.ts'
import { clockTime, count } from '../words.ts'

export const auditReports = {
  audit({ run, objective, epoch, rule, pairs }: ProcedureOutput<'audit'>): string {
    const suspects = pairs.filter((pair) => pair.verdict === 'suspect').length
    const table = renderTable(
      [
        { title: 'loss', align: 'right' },
        { title: 'pct', align: 'right' },
        { title: 'weight', align: 'right' },
        { title: 'pct', align: 'right' },
        { title: 'doubt', align: 'right' },
        { title: 'verdict' },
        { title: 'start', align: 'right' },
        { title: 'file' },
        { title: 'text' },
      ],
      pairs
        .slice(0, 40)
        .map((pair) => [
          pair.loss.toFixed(3),
          pair.lossPercentile.toFixed(0),
          pair.weight.toFixed(2),
          pair.weightPercentile.toFixed(0),
          pair.doubt === null ? '' : pair.doubt.toFixed(2),
          pair.verdict,
          clockTime(pair.start),
          shorten(pair.file, 32, 'end'),
          shorten(pair.text, 50),
        ]),
    )
    const more = pairs.length > 40 ? `… and ${pairs.length - 40} more pairs (--csv or --json lists all).\n` : ''
    return `Run ${run} (${objective}), epoch ${epoch}: ${suspects} of ${count(pairs.length, 'pair')} look wrong.\nA weight of 1 is that of the average pair. ${rule}\n\n${table}${more}`
  },
}

/** The audit as CSV: one row a pair, for a spreadsheet. Pure. */
import type { ProcedureOutput } from '../../contract/index.ts'

const columns = [
  'file',
  'start',
  'end',
  'text',
  'loss',
  'weight',
  'rawWeight',
  'lossPercentile',
  'weightPercentile',
  'doubt',
  'verdict',
] as const

/** RFC 4180 with `\n` line ends. */
export function auditTable({ pairs }: ProcedureOutput<'audit'>): string {
  const rows = pairs.map((pair) => columns.map((column) => cell(pair[column])).join(','))
  return [columns.join(','), ...rows].join('\n') + '\n'
}

function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(Number(value.toFixed(6)))
  // A spreadsheet would run a text that begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

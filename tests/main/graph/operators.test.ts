/** docs/OPERATORS.md says what the code does. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { differentiableOperators, importableOperators, importableOpsets, opset } from '../../../main/graph/index.ts'
import { gradientCases } from './gradient-cases.ts'
import { foldCases } from './import/fold-cases.ts'
import { importCases } from './import/operator-cases.ts'

const page = readFileSync(new URL('../../../docs/OPERATORS.md', import.meta.url), 'utf8')

/** Cells of a table's rows, the operator's name without its quotes first. */
const rowsOf = (part: string): string[][] =>
  part
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )

const [rules, imports] = page.split('## Imported operators').map(rowsOf) as [string[][], string[][]]
const rows = rules

it('the table of operators lists exactly those that have a gradient rule', () => {
  expect(rows.map(([operator]) => operator).sort()).toEqual(differentiableOperators())
})

it('the page names the operator set that models are written for, and no operator is newer', () => {
  expect(page).toContain(`opset ${opset}`)
  for (const [operator, , , since] of rows) expect(Number(since), operator).toBeLessThanOrEqual(opset)
})

it('the table says for each operator how many graphs it is tested on, and in which precision', () => {
  for (const [operator, , , , tested] of rows) {
    const cases = gradientCases[operator!]!
    const single = cases.some(({ dtype }) => dtype === 'float32') ? ' float32' : ''
    const double = cases.some(({ dtype }) => dtype !== 'float32') ? ' float64' : ''
    expect(tested, operator).toBe(`${cases.length},${single}${double}`)
  }
})

it('the table of imported operators lists exactly those that can be imported, and the operator sets', () => {
  expect(imports.map(([operator]) => operator).sort()).toEqual(importableOperators())
  expect(page).toContain(`opset ${importableOpsets.from} to ${importableOpsets.to}`)
})

it('the table of imported operators says for each how many nodes it is tested on', () => {
  for (const [operator, , , tested] of imports) {
    const counts = [
      [importCases.filter((test) => test.operator === operator).length, 'imported'],
      [foldCases.filter(([folded]) => folded === operator).length, 'folded'],
    ] as const
    const said = counts.flatMap(([count, how]) => (count > 0 ? [`${count} ${how}`] : [])).join(', ')
    expect(said, operator).not.toBe('')
    expect(tested, operator).toBe(said)
  }
})

/** docs/OPERATORS.md says what the code does. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { differentiableOperators, opset } from '../../../main/graph/index.ts'
import { gradientCases } from './gradient-cases.ts'

const page = readFileSync(new URL('../../../docs/OPERATORS.md', import.meta.url), 'utf8')

/** Cells of the table's rows, the operator's name without its quotes first. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )

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

/**
 * Draws many products on one PNG, to look at them.
 * npx tsx scripts/drawings/make-contact-sheet.ts --out FILE [--seed 1] [--cell 96] [--rows 0] : a row of cells per kind, or `rows` random rows.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createRandom } from '../../main/base/random.ts'
import { kinds } from './kinds.ts'
import { randomLook } from './look.ts'
import { rasterise } from './rasterise.ts'
import { drawStill } from './scene.ts'

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    seed: { type: 'string', default: '1' },
    cell: { type: 'string', default: '96' },
    columns: { type: 'string', default: '12' },
    looks: { type: 'string', default: '2' },
  },
})
if (!values.out) throw new Error('Say where to write: --out FILE')
const columns = Number(values.columns)
const cell = Number(values.cell)
const random = createRandom(Number(values.seed))
const pictures = kinds.flatMap((kind) =>
  Array.from({ length: Number(values.looks) }, () =>
    rasterise(drawStill(randomLook(kind, random), random), cell).png(),
  ),
)
const cells = pictures.map((png, i) => {
  const x = (i % columns) * cell
  const y = Math.floor(i / columns) * cell
  return `<image x="${x}" y="${y}" width="${cell}" height="${cell}" href="data:image/png;base64,${Buffer.from(png).toString('base64')}"/>`
})
const height = Math.ceil(pictures.length / columns) * cell
const sheet = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns * cell} ${height}">${cells.join('')}</svg>`
writeFileSync(values.out, rasterise(sheet, columns * cell).png())

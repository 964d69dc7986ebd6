/**
 * Draws the two figures of docs/RESULTS.md from what was measured: weight against loss (a file that `npm run bench -- catalogue
 * --pairs FILE` wrote) and gain by frequency of the concept (a file that `npm run study -- ... --json` printed).
 * npx tsx scripts/drawings/make-figures.ts --pairs PAIRS.json --study STUDY.json [--out docs/figures]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

type Pair = { readonly loss: number; readonly weight: number; readonly noise: string }
type Interval = { readonly mean: number; readonly low: number; readonly high: number }
type Row = { readonly arm: string; readonly byFrequency: Readonly<Record<string, Interval>> }

const [width, height, left, right, top, bottom] = [640, 360, 56, 16, 28, 48]
const ink = '#475569'
const colours: Readonly<Record<string, string>> = {
  aligned: '#2563eb',
  partial: '#d97706',
  wrong: '#dc2626',
  infonce: '#94a3b8',
  mama: '#2563eb',
}

/** Places values on an axis of so many pixels. */
type Scale = (value: number) => number

const across =
  (max: number): Scale =>
  (value) =>
    left + (value / max) * (width - left - right)
const up =
  (max: number): Scale =>
  (value) =>
    height - bottom - (value / max) * (height - top - bottom)

function text(x: number, y: number, words: string, extra = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${ink}" ${extra}>${words}</text>`
}

function line(x1: number, y1: number, x2: number, y2: number, extra = `stroke="${ink}" stroke-opacity="0.25"`): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map((value) => value.toFixed(1))
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" ${extra}/>`
}

function axisUp(y: Scale, ticks: readonly number[], name: string): string[] {
  return [
    ...ticks.flatMap((tick) => [
      line(left, y(tick), width - right, y(tick)),
      text(left - 8, y(tick) + 4, String(tick), 'text-anchor="end"'),
    ]),
    text(left, top - 12, name),
  ]
}

function legend(names: readonly string[]): string[] {
  return names.flatMap((name, i) => {
    const x = width - right - (names.length - i) * 92
    return [`<circle cx="${x}" cy="${top - 16}" r="5" fill="${colours[name]}"/>`, text(x + 10, top - 12, name)]
  })
}

function picture(title: string, parts: readonly string[]): string {
  const style = 'font-family="system-ui, sans-serif" font-size="12"'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" ${style}>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

/** One point a pair; the line is the mean weight of twenty equal shares of the pairs by loss. */
export function weightAgainstLoss(pairs: readonly Pair[]): string {
  const sorted = [...pairs].sort((a, b) => a.loss - b.loss)
  const [maxLoss, maxWeight] = [Math.ceil(sorted.at(-1)!.loss), Math.ceil(Math.max(...pairs.map((p) => p.weight)))]
  const [x, y] = [across(maxLoss), up(maxWeight)]
  const shares = Array.from({ length: 20 }, (_, i) =>
    sorted.slice(Math.floor((i * sorted.length) / 20), Math.floor(((i + 1) * sorted.length) / 20)),
  ).filter((share) => share.length > 0)
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const curve = shares.map(
    (share) => `${x(mean(share.map((p) => p.loss))).toFixed(1)},${y(mean(share.map((p) => p.weight))).toFixed(1)}`,
  )
  const ticks = Array.from({ length: maxWeight + 1 }, (_, i) => i)
  const lossTicks = Array.from({ length: maxLoss + 1 }, (_, i) => i).filter(
    (tick) => tick % Math.ceil(maxLoss / 8) === 0,
  )
  return picture('Weight of each pair against its loss', [
    ...axisUp(y, ticks, 'weight (average pair = 1)'),
    ...lossTicks.map((tick) => text(x(tick), height - bottom + 18, String(tick), 'text-anchor="middle"')),
    text((left + width - right) / 2, height - 10, 'loss of the pair', 'text-anchor="middle"'),
    ...sorted.map(
      ({ loss, weight, noise }) =>
        `<circle cx="${x(loss).toFixed(1)}" cy="${y(weight).toFixed(1)}" r="2.2" fill="${colours[noise] ?? ink}" fill-opacity="0.55"/>`,
    ),
    `<polyline points="${curve.join(' ')}" fill="none" stroke="#0f172a" stroke-width="2"/>`,
    ...legend(['aligned', 'partial', 'wrong']),
  ])
}

/** Two bars a band with their intervals, and above them what mama gains, in per cent of infonce. */
export function gainByFrequency(rows: readonly Row[]): string {
  const bands = ['popular', 'mid', 'rare']
  const y = up(1)
  const room = (width - left - right) / bands.length
  const bars = bands.flatMap((band, i) => {
    const found = ['infonce', 'mama'].map((arm) => rows.find((row) => row.arm === arm)?.byFrequency[band])
    const [plain, mama] = found
    if (plain === undefined || mama === undefined) throw new Error(`The study has no infonce and mama of ${band}.`)
    const middle = left + room * (i + 0.5)
    return [
      ...([plain, mama] as const).flatMap(({ mean, low, high }, at) => {
        const x = middle + (at === 0 ? -46 : 6)
        const colour = colours[at === 0 ? 'infonce' : 'mama']
        return [
          `<rect x="${x}" y="${y(mean).toFixed(1)}" width="40" height="${(y(0) - y(mean)).toFixed(1)}" fill="${colour}"/>`,
          line(x + 20, y(low), x + 20, y(high), 'stroke="#0f172a" stroke-width="1.5"'),
        ]
      }),
      text(middle, y(Math.max(plain.high, mama.high)) - 8, gain(plain.mean, mama.mean), 'text-anchor="middle"'),
      text(middle, height - bottom + 18, `${band} concepts`, 'text-anchor="middle"'),
    ]
  })
  return picture('Precision at 10 by frequency of the concept', [
    ...axisUp(y, [0, 0.2, 0.4, 0.6, 0.8, 1], 'P@10'),
    ...bars,
    ...legend(['infonce', 'mama']),
  ])
}

function gain(before: number, after: number): string {
  const percent = ((after / before - 1) * 100).toFixed(1)
  return `${after >= before ? '+' : ''}${percent} %`
}

function main(): void {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string' },
      study: { type: 'string' },
      out: { type: 'string', default: 'docs/figures' },
    },
  })
  mkdirSync(values.out, { recursive: true })
  const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))
  const write = (name: string, svg: string): void => writeFileSync(join(values.out, name), svg)
  if (values.pairs) write('weight-against-loss.svg', weightAgainstLoss(read(values.pairs) as Pair[]))
  if (values.study) write('gain-by-frequency.svg', gainByFrequency((read(values.study) as { rows: Row[] }).rows))
}

if (process.argv[1]?.endsWith('make-figures.ts')) main()

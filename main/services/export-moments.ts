/** Moments as tables that other programs read: CSV, and an edit decision list (CMX 3600) for editing software. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { AppError, type ProcedureInput, type ProcedureOutput } from '../contract/index.ts'
import type { Library, Video } from '../storage/index.ts'
import { csvTable } from './csv.ts'
import { existingVideo } from './list-videos.ts'

type Moment = ProcedureInput<'exportMoments'>['moments'][number]
type Located = Moment & { readonly file: Video }

export async function exportMoments(
  library: Library,
  { format, title, moments, path }: ProcedureInput<'exportMoments'>,
): Promise<ProcedureOutput<'exportMoments'>> {
  const located = moments.map((moment): Located => ({ ...moment, file: existingVideo(library, moment.video) }))
  const text = format === 'csv' ? momentTable(located) : editList(title, located)
  const plain = title
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
  return saveText(`${plain || 'moments'}.${format}`, text, path)
}

/** Hands a text to the window and, when a path is given, writes it there. @throws AppError `input.invalid` */
export async function saveText(
  fileName: string,
  text: string,
  path: string | undefined,
): Promise<{ fileName: string; text: string; path: string | null }> {
  if (path === undefined) return { fileName, text, path: null }
  const target = resolve(path)
  await writeFile(target, text).catch((cause: unknown) => {
    const message = `${target} cannot be written. Choose another place.`
    throw new AppError('input.invalid', message, { path: target }, { cause })
  })
  return { fileName, text, path: target }
}

/** The columns `file,start,end` are those of the exemplar and query files. */
function momentTable(moments: readonly Located[]): string {
  return csvTable(
    ['file', 'start', 'end', 'description', 'score', 'title', 'sku', 'category'],
    moments.map(({ file, start, end, text, score }) => [
      ...[file.path, seconds(start), seconds(end), text, score === undefined ? null : Number(score.toFixed(4))],
      ...[file.title, file.sku, file.category],
    ]),
  )
}

function seconds(value: number): number {
  return Number(value.toFixed(3))
}

const rateSchema = z.object({ framesPerSecond: z.number().positive().max(240) })
const usualRate = 25

/**
 * One event a moment: source in and out in the clock of its file, record in and out one after the other. CMX 3600 knows
 * whole frames of one rate only; it is the most frequent rate of the files, and stated in a comment. Pure.
 */
export function editList(title: string, moments: readonly Located[]): string {
  const rates = moments.map(({ file }) =>
    Math.round(rateSchema.safeParse(file.probe).data?.framesPerSecond ?? usualRate),
  )
  const rate = mostFrequent(rates) ?? usualRate
  const lines = [`TITLE: ${oneLine(title)}`, 'FCM: NON-DROP FRAME', `* FRAME RATE: ${rate}`, '']
  let record = 0
  moments.forEach(({ file, start, end, text }, i) => {
    const first = Math.floor(start * rate + 1e-6)
    const frames = Math.max(1, Math.round((end - start) * rate))
    const times = [first, first + frames, record, record + frames].map((frame) => timecode(frame, rate)).join(' ')
    record += frames
    const number = String(i + 1).padStart(3, '0')
    lines.push(`${number}  ${reelName(file.fileName)} V     C        ${times}`)
    lines.push(`* FROM CLIP NAME: ${oneLine(file.fileName)}`, `* SOURCE FILE: ${oneLine(file.path)}`)
    if (text !== '') lines.push(`* COMMENT: ${oneLine(text)}`)
  })
  return lines.join('\r\n') + '\r\n'
}

/** `hh:mm:ss:ff`. Pure. */
export function timecode(frame: number, rate: number): string {
  const total = Math.floor(frame / rate)
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60, frame % rate]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

/** Reels have eight letters or digits at most. */
function reelName(fileName: string): string {
  const plain = fileName
    .replace(/\.[^.]*$/, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, 8)
  return (plain || 'AX').padEnd(8)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0]
}

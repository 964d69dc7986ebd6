/**
 * Moments as an edit decision list (CMX 3600) for editing software: one event a moment, cut after cut. Pure.
 *
 * Sources are counted in the frames of their own file, from its own first timecode when it has one, so that an editor
 * finds the same pictures; the record side is counted at the list's rate, the most frequent one among the files. An event
 * whose file has another rate carries an M2 line with that rate, which is how this format says "play at normal speed".
 * The record side is non-drop-frame throughout: it counts every frame, at 29.97 too (docs/decisions has the reasons).
 */
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { formatTimecode, parseTimecode } from '../../base/index.ts'
import { AppError } from '../../contract/index.ts'
import { frameRateOf, type Timeline, type TimelineClip } from '../../search/index.ts'
import type { Video } from '../../storage/index.ts'

export type ListedMoment = {
  /** Seconds on the clock of the file, [start, end). */
  readonly start: number
  readonly end: number
  readonly text: string
  readonly file: Pick<Video, 'fileName' | 'path' | 'probe'>
}

const clockSchema = z.object({
  framesPerSecond: z.number().positive().max(240).optional(),
  timecode: z.string().optional(),
  durationSeconds: z.number().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  hasAudio: z.boolean().optional(),
})

/** Where neither the file nor the others say. */
const usualRate = 25

/** Event numbers have three digits. */
const mostEvents = 999

/** @throws AppError `input.invalid` for more moments than the format can number */
export function editList(title: string, moments: readonly ListedMoment[]): string {
  if (moments.length > mostEvents) {
    const message = `An edit list holds ${mostEvents} moments at most, not ${moments.length}. Narrow the search, or export CSV.`
    throw new AppError('input.invalid', message, { moments: moments.length })
  }
  const { listRate, placed } = place(moments)
  const nominal = Math.round(listRate)
  const lines = [
    `TITLE: ${oneLine(title).slice(0, 70)}`,
    'FCM: NON-DROP FRAME',
    `* FRAME RATE: ${rateText(listRate)}`,
    '',
  ]
  let record = 0
  placed.forEach(({ file, text, rate, offset, first, frames, recordFrames }, index) => {
    const ownNominal = Math.round(rate)
    const source = (frame: number): string => formatTimecode({ ...offset, frame: offset.frame + frame }, ownNominal)
    const recorded = (frame: number): string => formatTimecode({ frame, isDropFrame: false }, nominal)
    const reel = reelName(file.fileName)
    const times = [source(first), source(first + frames), recorded(record), recorded(record + recordFrames)].join(' ')
    lines.push(`${String(index + 1).padStart(3, '0')}  ${reel} V     C        ${times}`)
    if (rate !== listRate)
      lines.push(`M2   ${reel} ${rate.toFixed(1).padStart(5, '0')}                ${source(first)}`)
    lines.push(`* FROM CLIP NAME: ${oneLine(file.fileName)}`, `* SOURCE FILE: ${oneLine(file.path)}`)
    if (text !== '') lines.push(`* COMMENT: ${oneLine(text)}`)
    record += recordFrames
  })
  return lines.join('\r\n') + '\r\n'
}

type Placed = ListedMoment & {
  readonly facts: z.infer<typeof clockSchema>
  readonly rate: number
  /** Number of the file's first frame, by its own timecode. */
  readonly offset: { readonly frame: number; readonly isDropFrame: boolean }
  readonly first: number
  readonly frames: number
  readonly recordFrames: number
}

/** Which frames each moment is, of its file and of the list. */
function place(moments: readonly ListedMoment[]): { listRate: number; placed: Placed[] } {
  const clocks = moments.map(({ file }) => clockSchema.safeParse(file.probe).data ?? {})
  const known = clocks.flatMap(({ framesPerSecond }) => framesPerSecond ?? [])
  const listRate = mostFrequent(known.map(exactRate)) ?? usualRate
  const placed = moments.map((moment, index): Placed => {
    const { start, end } = moment
    const facts = clocks[index]!
    const rate = exactRate(facts.framesPerSecond ?? listRate)
    const offset = parseTimecode(facts.timecode ?? '', Math.round(rate)) ?? { frame: 0, isDropFrame: false }
    // The frame that is on show at `start`; times in files are rounded, so a hair before a frame is that frame.
    const first = Math.floor(start * rate + 0.02)
    const frames = Math.max(1, Math.round((end - start) * rate))
    const recordFrames = rate === listRate ? frames : Math.max(1, Math.round((frames / rate) * listRate))
    return { ...moment, facts, rate, offset, first, frames, recordFrames }
  })
  return { listRate, placed }
}

/** The same moments for the formats that hold exact fractions. */
export function timelineOf(title: string, moments: readonly ListedMoment[]): Timeline {
  const { listRate, placed } = place(moments)
  const clips = placed.map(({ file, text, facts, rate, offset, first, frames, recordFrames }): TimelineClip => {
    const seconds = facts.durationSeconds ?? 0
    return {
      ...{ name: file.fileName, url: pathToFileURL(file.path).href, note: oneLine(text) },
      ...{ rate: frameRateOf(rate), startFrame: offset.frame, isDropFrame: offset.isDropFrame },
      ...{ fileFrames: Math.max(first + frames, Math.round(seconds * rate)), first, frames, recordFrames },
      ...{ width: facts.width ?? null, height: facts.height ?? null, hasAudio: facts.hasAudio ?? false },
    }
  })
  return { title: oneLine(title) || 'moments', rate: frameRateOf(listRate), clips }
}

/** Averages of whole files are a little off (29.9701): the broadcast rate or whole number that is meant. */
function exactRate(rate: number): number {
  const whole = Math.round(rate)
  for (const meant of [whole, (whole * 1000) / 1001]) if (whole > 0 && Math.abs(rate - meant) < 0.005) return meant
  return rate
}

function rateText(rate: number): string {
  return String(Number(rate.toFixed(3)))
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

/** Of equally frequent ones the lowest. */
function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0]
}

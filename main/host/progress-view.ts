/**
 * Shows progress on stderr: a bar that redraws itself on a terminal, one line now and then in a log. Never touches stdout.
 */
import type { ProcedureEvent, Progress } from '../contract/index.ts'
import { displayWidth, shorten } from './table.ts'
import { duration } from './words.ts'

export type TextSink = {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export type ProgressView = {
  show(event: ProcedureEvent): void
  /** Clears the bar, so that what is written next starts on a clean line. */
  finish(): void
}

const redrawEveryMs = 100
const logEveryMs = 10_000

/** @param now milliseconds */
export function createProgressView(sink: TextSink, now: () => number): ProgressView {
  const live = sink.isTTY === true
  let drawn = false
  let lastMs = Number.NEGATIVE_INFINITY
  let lastStage = ''

  const clear = (): void => {
    if (drawn) sink.write('\r\x1b[K')
    drawn = false
  }
  const showProgress = (progress: Progress): void => {
    const sameStage = progress.stage === lastStage
    const complete = progress.total !== null && progress.done >= progress.total
    if (sameStage && !(complete && live) && now() - lastMs < (live ? redrawEveryMs : logEveryMs)) return
    lastMs = now()
    lastStage = progress.stage
    if (live) {
      sink.write(`\r${progressLine(progress, Math.min(sink.columns ?? 80, 120))}\x1b[K`)
      drawn = true
    } else {
      sink.write(`${progressSentence(progress)}\n`)
    }
  }
  return {
    show(event) {
      if (event.kind === 'progress') return showProgress(event)
      clear()
      if (event.kind === 'note') sink.write(`${event.message}\n`)
      else if (event.kind === 'epoch') {
        const heldOut = event.heldOutScore === null ? '' : `, held-out score ${event.heldOutScore.toFixed(3)}`
        sink.write(`epoch ${event.epoch}/${event.epochs}: loss ${event.loss.toFixed(4)}${heldOut}\n`)
      }
    },
    finish: clear,
  }
}

/** One line of at most `columns`: stage, bar, counts, rate, time left. */
export function progressLine(progress: Progress, columns: number): string {
  const tail = [countsOf(progress), rateOf(progress), remainingOf(progress)].filter((part) => part !== '').join('  ')
  const stage = shorten(progress.stage, 28)
  const room = columns - 1 - displayWidth(stage) - tail.length - 4
  const fraction = progress.total === null || progress.total === 0 ? null : Math.min(1, progress.done / progress.total)
  if (fraction === null || room < 10) return shorten(`${stage}  ${tail}`, columns - 1)
  const width = Math.min(30, room)
  const filled = Math.round(fraction * width)
  return `${stage} [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${tail}`
}

/** The same for a log file, without a bar. */
export function progressSentence(progress: Progress): string {
  return [`${progress.stage}: ${countsOf(progress)}`, rateOf(progress), remainingOf(progress)]
    .filter((part) => part !== '')
    .join(', ')
}

function countsOf({ done, total, unit }: Progress): string {
  return total === null ? `${done} ${unit}` : `${done}/${total} ${unit}`
}

function rateOf({ ratePerSecond, unit }: Progress): string {
  if (ratePerSecond === null || !(ratePerSecond > 0)) return ''
  return ratePerSecond < 0.1
    ? `${(ratePerSecond * 60).toFixed(1)} ${unit}/min`
    : `${ratePerSecond.toFixed(ratePerSecond < 10 ? 1 : 0)} ${unit}/s`
}

function remainingOf({ remainingSeconds }: Progress): string {
  return remainingSeconds === null ? '' : `${duration(Math.ceil(remainingSeconds))} left`
}

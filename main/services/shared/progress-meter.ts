/** Counts finished units and tells the rate and the time left. Pure apart from the clock that is passed in. */
import type { Progress } from '../../contract/index.ts'

export type ProgressMeter = {
  /** `done` never goes backwards; smaller values are ignored. */
  update(done: number, total?: number | null): void
  add(units?: number): void
}

/** @param now milliseconds */
export function createProgressMeter(
  options: { stage: string; unit: string; total: number | null; now: () => number },
  onEvent: (event: Progress) => void,
): ProgressMeter {
  const { stage, unit, now } = options
  const startedMs = now()
  let done = 0
  let total = options.total
  const tell = (): void => {
    const elapsedSeconds = (now() - startedMs) / 1000
    // The first unit carries the start-up; a rate from it alone would mislead.
    const ratePerSecond = done >= 2 && elapsedSeconds > 0.5 ? done / elapsedSeconds : null
    const remainingSeconds = ratePerSecond === null || total === null ? null : Math.max(0, total - done) / ratePerSecond
    onEvent({ kind: 'progress', stage, unit, done, total, ratePerSecond, remainingSeconds })
  }
  tell()
  return {
    update(value, newTotal = total) {
      done = Math.max(done, value)
      total = newTotal
      tell()
    },
    add(units = 1) {
      done += units
      tell()
    },
  }
}

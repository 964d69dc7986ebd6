/**
 * How far a training run is, from its single steps. The time left is that of all steps to come, from the steps of the last
 * half minute. Pure apart from the clock that is passed in.
 */
import type { Progress } from '../../contract/index.ts'

export type TrainingProgressOptions = {
  readonly epochs: number
  readonly stepsPerEpoch: number
  /** Epochs that were done before, by a process that stopped. */
  readonly epochsBefore: number
  /** Milliseconds. */
  readonly now: () => number
}

export type TrainingProgress = {
  /** One step is done. */
  step(): void
  /** This many epochs of the run are done, of so many. */
  epoch(done: number, total: number): void
  /** Steps have to be done again. */
  lost(steps: number): void
}

/** Told at most so often, milliseconds. */
const betweenEvents = 1000
/** Steps of this last time count for the rate, milliseconds. */
const windowMs = 30_000
/** A rate from less than this, milliseconds, or from fewer steps, would mislead: the first ones carry the start-up. */
const leastMs = 500
const leastSteps = 3
/** Steps with blocks of an encoder take many seconds each: after so long one step is enough, milliseconds. */
const longMs = 5000

export function createTrainingProgress(
  { epochs, stepsPerEpoch, epochsBefore, now }: TrainingProgressOptions,
  onEvent: (event: Progress) => void,
): TrainingProgress {
  let stepsDone = 0
  let stepsInAll = (epochs - epochsBefore) * stepsPerEpoch
  let [epochsDone, epochsInAll] = [epochsBefore, epochs]
  let toldMs = -Infinity
  /** Recent moments with the steps that were done by then, oldest first. */
  let moments: { readonly ms: number; readonly steps: number }[] = []

  const tell = (): void => {
    toldMs = now()
    const oldest = moments[0]
    const [elapsed, steps] = oldest === undefined ? [0, 0] : [toldMs - oldest.ms, stepsDone - oldest.steps]
    const isKnown = elapsed >= leastMs && (steps >= leastSteps || (steps > 0 && elapsed >= longMs))
    const secondsPerStep = isKnown ? elapsed / 1000 / steps : null
    onEvent({
      kind: 'progress',
      ...{ stage: 'training', unit: 'epochs', done: epochsDone, total: epochsInAll },
      ratePerSecond: secondsPerStep === null ? null : 1 / secondsPerStep / stepsPerEpoch,
      remainingSeconds: secondsPerStep === null ? null : Math.max(0, stepsInAll - stepsDone) * secondsPerStep,
    })
  }
  tell()
  return {
    step() {
      const ms = now()
      // The first step is where counting begins: the time before it was spent on building the graph.
      stepsDone++
      if (moments.length === 0 || ms - moments.at(-1)!.ms >= leastMs) moments.push({ ms, steps: stepsDone })
      // However slow the steps are, the last few of them count.
      moments = moments.filter((moment, i) => ms - moment.ms <= windowMs || i >= moments.length - 1 - leastSteps)
      if (ms - toldMs >= betweenEvents) tell()
    },
    epoch(done, total) {
      epochsDone = Math.max(epochsDone, done)
      // A run that was recorded with other defaults has as many epochs as it says.
      stepsInAll += (total - epochsInAll) * stepsPerEpoch
      epochsInAll = total
      tell()
    },
    lost(steps) {
      stepsInAll += steps
      tell()
    },
  }
}

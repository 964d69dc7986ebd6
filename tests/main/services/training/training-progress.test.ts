/** Progress of a training run: how far it is, and how much time is left for all of it. */
import { describe, expect, it } from 'vitest'
import type { Progress } from '../../../../main/contract/index.ts'
import { createTrainingProgress, type TrainingProgress } from '../../../../main/services/training/training-progress.ts'

type Watched = { progress: TrainingProgress; events: Progress[]; steps(count: number, msEach: number): void }

function watch(options: { epochs?: number; stepsPerEpoch?: number; epochsBefore?: number } = {}): Watched {
  let clock = 0
  const events: Progress[] = []
  const { epochs = 4, stepsPerEpoch = 10, epochsBefore = 0 } = options
  const progress = createTrainingProgress({ epochs, stepsPerEpoch, epochsBefore, now: () => clock }, (event) =>
    events.push(event),
  )
  return {
    ...{ progress, events },
    steps(count, msEach) {
      for (let i = 0; i < count; i++) {
        clock += msEach
        progress.step()
      }
    },
  }
}

describe('the progress of a training run', () => {
  it('knows the time left of steps that take longer than the span it looks at', () => {
    const { events, steps } = watch({ epochs: 2, stepsPerEpoch: 5 })
    steps(1, 70_000) // builds the graphs
    steps(1, 40_000)
    expect(events.at(-1)).toMatchObject({ stage: 'training', done: 0, remainingSeconds: 8 * 40 })
    steps(4, 40_000)
    expect(events.at(-1)).toMatchObject({ remainingSeconds: 4 * 40 })
  })

  it('counts epochs, and the time left is that of all steps to come', () => {
    const { progress, events, steps } = watch()
    expect(events[0]).toMatchObject({ stage: 'training', unit: 'epochs', done: 0, total: 4, remainingSeconds: null })
    steps(10, 1000)
    progress.epoch(1, 4)
    expect(events.at(-1)).toMatchObject({ stage: 'training', done: 1, total: 4, remainingSeconds: 30 })
    expect(events.at(-1)!.ratePerSecond).toBeCloseTo(0.1, 10) // epochs
  })

  it('of a run that goes on does not count the epochs of before into its rate', () => {
    const { progress, events, steps } = watch({ epochsBefore: 3 })
    expect(events[0]).toMatchObject({ stage: 'training', done: 3, total: 4 })
    steps(5, 2000)
    expect(events.at(-1)!.remainingSeconds).toBeCloseTo(10, 10)
    steps(5, 2000)
    progress.epoch(4, 4)
    expect(events.at(-1)).toMatchObject({ done: 4, remainingSeconds: 0 })
  })

  it('follows a machine that becomes slower within half a minute', () => {
    const { events, steps } = watch({ epochs: 100 })
    steps(300, 100)
    expect(events.at(-1)!.remainingSeconds).toBeCloseTo(70, 0)
    steps(70, 500) // 35 s at a fifth of the speed
    const left = 1000 - 370
    expect(events.at(-1)!.remainingSeconds! / (left * 0.5)).toBeGreaterThan(0.95)
    expect(events.at(-1)!.remainingSeconds! / (left * 0.5)).toBeLessThan(1.02)
  })

  it('grows by the steps that have to be done again', () => {
    const { progress, events, steps } = watch()
    steps(20, 1000)
    const before = events.at(-1)!.remainingSeconds!
    progress.lost(7)
    expect(events.at(-1)!.remainingSeconds! - before).toBeCloseTo(7, 10)
  })

  it('is told about once a second, and never goes backwards within a stage', () => {
    const { progress, events, steps } = watch({ epochs: 3 })
    for (let epoch = 1; epoch <= 3; epoch++) {
      steps(10, 50)
      progress.epoch(epoch, 3)
    }
    expect(events.length).toBeLessThanOrEqual(1 + 3 + 1)
    progress.epoch(1, 3)
    expect(events.map(({ done }) => done)).toEqual(events.map(({ done }) => done).toSorted((a, b) => a - b))
  })
})

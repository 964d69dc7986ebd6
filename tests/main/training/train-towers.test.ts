/** The training loop: stopping and going on, stepping back from numbers that are not finite, what it refuses. */
import { describe, expect, it } from 'vitest'
import type { AppError } from '../../../main/contract/index.ts'
import { readCheckpoint, type Recovery } from '../../../main/training/checkpoint.ts'
import { mostRecoveries, trainTowers, type TrainTowersOptions } from '../../../main/training/train-towers.ts'
import { useRuntime } from '../graph/runtime-in-tests.ts'
import { interfering, largestDifference, poison, tinyConfig, tinyWorld } from './training-world.ts'

const shared = useRuntime()
const optionsWith = (more: Partial<TrainTowersOptions> = {}): TrainTowersOptions => ({
  ...{ runtime: shared.runtime, config: tinyConfig, ...tinyWorld() },
  ...more,
})
const stepsPerEpoch = 3 // 22 pairs in batches of 8

describe('a run', () => {
  it('learns: the loss falls, and trusted pairs are found better', async () => {
    const losses: number[] = []
    const metaLosses: number[] = []
    await trainTowers(
      optionsWith({
        config: { ...tinyConfig, epochs: 8 },
        onEpoch: ({ meanLoss, meanMetaLoss }) => {
          losses.push(meanLoss)
          metaLosses.push(meanMetaLoss!)
        },
      }),
    )
    expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!)
    expect(metaLosses.at(-1)).toBeLessThan(metaLosses[0]!)
  })

  it('that was stopped goes on from its checkpoint to the same bits', async () => {
    const whole = await trainTowers(optionsWith())
    const checkpoints: Uint8Array[] = []
    await trainTowers(optionsWith({ onCheckpoint: (bytes) => checkpoints.push(bytes) }))
    expect(checkpoints).toHaveLength(tinyConfig.epochs)
    for (const checkpoint of checkpoints) {
      const { last } = await trainTowers(optionsWith({ checkpoint }))
      expect(last).toEqual(whole.last)
    }
  })

  it('begins no further step once it is cancelled', async () => {
    const controller = new AbortController()
    const watched = interfering(shared.runtime, () => undefined)
    const run = trainTowers(
      optionsWith({
        runtime: watched.runtime,
        signal: controller.signal,
        onStep: ({ done }) => {
          if (done === 5) controller.abort()
        },
      }),
    )
    await expect(run).rejects.toMatchObject({ name: 'AbortError' })
    expect(watched.runs()).toBe(5)
  })

  it('tells after each step how many there are', async () => {
    const steps: number[][] = []
    await trainTowers(optionsWith({ onStep: ({ done, total }) => steps.push([done, total]) }))
    expect(steps).toEqual(Array.from({ length: 9 }, (_, i) => [i + 1, 9]))
  })

  it('that needs more memory than is free is refused with both numbers before it begins', async () => {
    const watched = interfering(shared.runtime, () => undefined)
    const error = await trainTowers(optionsWith({ runtime: watched.runtime, availableBytes: 50e6 })).catch(
      (reason: unknown) => reason as AppError,
    )
    expect(error).toMatchObject({ code: 'training.tooLarge', params: { availableBytes: 50e6 } })
    expect((error as AppError).message).toMatch(/steps of 8 pairs needs about 0\.1 GB .* 0\.1 GB are free/)
    expect(watched.runs()).toBe(0)
    await trainTowers(optionsWith({ availableBytes: 1e9, config: { ...tinyConfig, epochs: 1 } }))
  })
})

describe('numbers that are not finite', () => {
  /** Poisons a resident tensor before the given runs. */
  const poisoned = (runs: readonly number[], name: string, value: number) =>
    interfering(shared.runtime, async (run, session) => {
      if (runs.includes(run)) await poison(session, name, value)
    })

  it.each([
    ['a parameter', 'video.block0.mlp.w1', NaN, /loss is NaN/],
    ['a parameter that overflows', 'text.w2', 3e38, /loss is NaN|norm is/],
    [
      'a moment, which spoils the parameters after the loss',
      'adam.m.text.w1',
      Infinity,
      /loss is NaN|parameter text.w1/,
    ],
    ['the weighting network', 'phi.b2', NaN, /loss is NaN|weight is not a number/],
  ])('in %s: the run steps back an epoch, halves the rate and says so', async (_, name, value, reason) => {
    const recoveries: Recovery[] = []
    const epochs: number[] = []
    const { runtime } = poisoned([2 * stepsPerEpoch], name, value) // the last step of epoch 2
    const result = await trainTowers(
      optionsWith({
        runtime,
        onRecovery: (recovery) => recoveries.push(recovery),
        onEpoch: ({ epoch }) => epochs.push(epoch),
      }),
    )
    expect(recoveries).toEqual([{ epoch: 2, reason: expect.stringMatching(reason) as string, learningRateFactor: 0.5 }])
    expect(result.recoveries).toEqual(recoveries)
    expect(epochs).toEqual([1, 2, 3])
    for (const { data } of Object.values(result.last)) expect((data as Float32Array).every(Number.isFinite)).toBe(true)
  })

  it('are found at once: the step that meets them is the last of its epoch', async () => {
    const watched = poisoned([stepsPerEpoch + 1], 'text.w1', NaN) // the first step of epoch 2
    await trainTowers(optionsWith({ runtime: watched.runtime }))
    expect(watched.runs()).toBe(3 * stepsPerEpoch + 1)
  })

  it('leave the epochs before as they were, and those after at half the rate', async () => {
    const bytes: Uint8Array[] = []
    const onCheckpoint = (checkpoint: Uint8Array): void => void bytes.push(checkpoint)
    const plain = await trainTowers(optionsWith({ onCheckpoint }))
    const { runtime } = poisoned([stepsPerEpoch + 1], 'text.w1', NaN)
    const slowed = await trainTowers(optionsWith({ runtime, onCheckpoint }))
    const states = bytes.map((checkpoint) => readCheckpoint(checkpoint).state)
    expect(states[3]).toEqual(states[0]) // after epoch 1
    expect(largestDifference(slowed.last, plain.last)).toBeGreaterThan(1e-2)
    // The rate is in the checkpoint: a run that stops after it has stepped back goes on equally.
    const resumed = await trainTowers(optionsWith({ checkpoint: bytes[4]! }))
    expect(resumed.last).toEqual(slowed.last)
    expect(resumed.recoveries).toEqual(slowed.recoveries)
  })

  it('that come again and again end the run with a sentence that says what to do', async () => {
    const recoveries: Recovery[] = []
    const { runtime } = interfering(shared.runtime, (_, session) => poison(session, 'text.w1', NaN))
    const run = trainTowers(optionsWith({ runtime, onRecovery: (recovery) => recoveries.push(recovery) }))
    await expect(run).rejects.toMatchObject({
      code: 'training.diverged',
      message: expect.stringMatching(/epoch 1 .* halved 3 times\. Check the clips/) as string,
    })
    expect(recoveries.map((recovery) => recovery.learningRateFactor)).toEqual([0.5, 0.25, 0.125])
    expect(recoveries).toHaveLength(mostRecoveries)
  })
})

import { expect, it } from 'vitest'
import type { GraphSession, Runtime } from '../../../main/runtime/index.ts'
import { measureStep } from '../../../main/training/measure-step.ts'

/** A runtime whose first step takes `firstMs` and every other `laterMs` of the clock that comes with it. */
function clockwork(firstMs: number, laterMs: number) {
  let timeMs = 0
  let steps = 0
  let disposed = 0
  const session: GraphSession = {
    ...{ inputs: [], outputs: [] },
    async run() {
      timeMs += steps++ === 0 ? firstMs : laterMs
      return {}
    },
    writeState: async () => undefined,
    readState: async () => ({}),
    dispose: async () => void disposed++,
  }
  const runtime: Runtime = {
    ...{ provider: 'cpu', engine: 'clockwork', isAlive: true },
    createSession: async () => session,
    dispose: async () => undefined,
  }
  return { runtime, now: () => timeMs, steps: () => steps, disposed: () => disposed }
}

it('is the mean of ten steps after the first, which builds what they use', async () => {
  const { runtime, now, steps, disposed } = clockwork(900, 30)
  expect(await measureStep(runtime, { now })).toBe(30)
  expect(steps()).toBe(11)
  expect(disposed()).toBe(1)
})

it('ends after two seconds of steps, and with the first when that alone took ten', async () => {
  const slow = clockwork(900, 800)
  expect(await measureStep(slow.runtime, slow)).toBe(800)
  expect(slow.steps()).toBe(4)
  const hopeless = clockwork(24_000, 24_000)
  expect(await measureStep(hopeless.runtime, hopeless)).toBe(24_000)
  expect(hopeless.steps()).toBe(1)
})

it('stops between steps when it is cancelled, and frees what it made', async () => {
  const { runtime, now, disposed } = clockwork(900, 30)
  const signal = AbortSignal.abort()
  await expect(measureStep(runtime, { now, signal })).rejects.toMatchObject({ name: 'AbortError' })
  expect(disposed()).toBe(1)
})

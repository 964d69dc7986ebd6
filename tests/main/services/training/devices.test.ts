/** Which device auto takes: measured, remembered, and said with its numbers. */
import { describe, expect, it } from 'vitest'
import {
  chooseDevice,
  fastestOf,
  rememberedChoice,
  type DeviceParts,
} from '../../../../main/services/training/devices.ts'

const never = new AbortController().signal

function memory(): { get(name: string): unknown; set(name: string, value: unknown): void } {
  const values = new Map<string, unknown>()
  return { get: (name) => values.get(name), set: (name, value) => void values.set(name, structuredClone(value)) }
}

/** A computer with the step times that are given; `measurements` counts them. */
function computer(times: Record<string, number>, changes: Partial<DeviceParts> = {}) {
  const measurements: string[] = []
  const parts: DeviceParts = {
    availableProviders: async () => [
      { provider: 'cpu', available: true, engine: 'ONNX Runtime 1' },
      { provider: 'webgpu', available: 'webgpu' in times, engine: 'ONNX Runtime 1' },
      { provider: 'cuda', available: false, reason: 'the CUDA libraries are not installed.' },
      { provider: 'tensorflow', available: 'tensorflow' in times, engine: 'TensorFlow.js 4, wasm' },
    ],
    async measureDevice(device) {
      measurements.push(device)
      const time = times[device]!
      if (Number.isNaN(time)) throw new Error('out of memory')
      return time
    },
    machine: () => 'linux x64, 2 x test',
    processorTimes: () => ({ ownMs: 0, busyMs: 0, totalMs: 0 }),
    ownDevice: 'auto',
    ...changes,
  }
  return { parts, measurements }
}

describe('auto', () => {
  it('takes the fastest of the devices that work, and says so with every number', async () => {
    const { parts, measurements } = computer({ cpu: 180.4, webgpu: 41.2, tensorflow: 950 })
    const choice = await chooseDevice(parts, memory(), { signal: never })
    expect(measurements).toEqual(['cpu', 'webgpu', 'tensorflow'])
    expect(choice).toMatchObject({
      device: 'webgpu',
      reason: 'Trained on webgpu, the fastest here: 41 ms a measured step (cpu 180 ms, tensorflow 950 ms).',
    })
  })

  it('leaves out a device that fails while it is measured', async () => {
    const { parts } = computer({ cpu: 180, webgpu: NaN })
    expect(await chooseDevice(parts, memory(), { signal: never })).toMatchObject({
      device: 'cpu',
      reason: 'Trained on cpu, the fastest here: 180 ms a measured step (webgpu failed).',
    })
  })

  it('says, now and when it is remembered, that other programs were at work meanwhile', async () => {
    const settings = memory()
    let looks = 0
    const { parts } = computer(
      { cpu: 20 },
      // Half of the time went to others.
      { processorTimes: () => ({ ownMs: 200 * looks, busyMs: 700 * looks, totalMs: 1000 * looks++ }) },
    )
    expect(await chooseDevice(parts, settings, { signal: never })).toMatchObject({ wasBusy: true })
    expect(await chooseDevice(parts, settings, { signal: never })).toMatchObject({ wasBusy: true })
    expect(rememberedChoice(parts, settings)).toMatchObject({ wasBusy: true })
    const quiet = {
      ...parts,
      processorTimes: () => ({ ownMs: 900 * looks, busyMs: 950 * looks, totalMs: 1000 * looks++ }),
    }
    expect(await chooseDevice(quiet, settings, { signal: never, again: true })).toMatchObject({ wasBusy: false })
  })

  it('measures once for a computer and its engines, until it is asked to measure again', async () => {
    const settings = memory()
    const { parts, measurements } = computer({ cpu: 20, webgpu: 30 })
    const first = await chooseDevice(parts, settings, { signal: never })
    expect(rememberedChoice(parts, settings)).toEqual(first)
    expect(await chooseDevice(parts, settings, { signal: never })).toEqual(first)
    expect(measurements).toEqual(['cpu', 'webgpu'])
    await chooseDevice(parts, settings, { signal: never, again: true })
    expect(measurements).toEqual(['cpu', 'webgpu', 'cpu', 'webgpu'])
  })

  it('measures anew when a device came, an engine changed, or the library went to another computer', async () => {
    const settings = memory()
    await chooseDevice(computer({ cpu: 20 }).parts, settings, { signal: never })
    const cameLater = computer({ cpu: 20, tensorflow: 5 })
    expect((await chooseDevice(cameLater.parts, settings, { signal: never })).device).toBe('tensorflow')
    const elsewhere = computer({ cpu: 20 }, { machine: () => 'darwin arm64, 8 x test' })
    expect(rememberedChoice(elsewhere.parts, settings)).toBeUndefined()
    await chooseDevice(elsewhere.parts, settings, { signal: never })
    expect(elsewhere.measurements).toEqual(['cpu'])
    const back = computer({ cpu: 20 })
    await chooseDevice(back.parts, settings, { signal: never })
    expect(back.measurements).toEqual([])
  })

  it('takes what the app was started with without measuring', async () => {
    const { parts, measurements } = computer({ cpu: 20, webgpu: 30 }, { ownDevice: 'webgpu' })
    expect(await chooseDevice(parts, memory(), { signal: never })).toMatchObject({ device: 'webgpu' })
    expect(measurements).toEqual([])
  })

  it('stops when it is cancelled, and remembers nothing of what it had', async () => {
    const settings = memory()
    const stop = new AbortController()
    const { parts } = computer(
      { cpu: 20, webgpu: 30 },
      {
        async measureDevice(device) {
          if (device === 'webgpu') stop.abort()
          stop.signal.throwIfAborted()
          return 20
        },
      },
    )
    await expect(chooseDevice(parts, settings, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' })
    expect(rememberedChoice(parts, settings)).toBeUndefined()
  })

  it('says that there is nothing else where there is only the processor', () => {
    expect(fastestOf([{ device: 'cpu', engine: 'x', stepMs: 8.25 }])).toMatchObject({
      device: 'cpu',
      reason: 'Trained on cpu, the only device that works here (8.3 ms a measured step).',
    })
  })
})

/** A device that does not load or fails gives its run to the processor. With the real trainer and a runtime that breaks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom, sizeOf } from '../../../../main/base/index.ts'
import { AppError, type Device } from '../../../../main/contract/index.ts'
import { createRuntime, type Runtime } from '../../../../main/runtime/index.ts'
import type { PairFeatures, TrainingRequest, TrainingResult } from '../../../../main/services/training/ports.ts'
import { createTowerTrainer } from '../../../../main/services/training/tower-trainer.ts'
import { trainOnDevice } from '../../../../main/services/training/train-on-device.ts'

const [dim, frameCount] = [8, 2]

let cpu: Runtime
beforeAll(async () => {
  cpu = await createRuntime({ threads: 1 })
})
afterAll(async () => {
  await cpu.dispose()
})

function pairs(count: number, seed: string): PairFeatures {
  const random = createRandom(2).fork(seed)
  const numbers = (...shape: number[]): Float32Array =>
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal())
  return {
    ids: Array.from({ length: count }, (_, i) => `${seed} ${i}`),
    strings: Array.from({ length: count }, (_, i) => `text ${i}`),
    frames: numbers(count, frameCount, dim),
    mask: new Float32Array(count * frameCount).fill(1),
    texts: numbers(count, dim),
    concepts: Array.from({ length: count }, (_, i) => `concept ${i % 3}`),
  }
}

/** The processor, but its runs of a training step fail from the `failsAt`-th on. */
function breaking(failsAt: number, failure: AppError, onRun: () => void = () => undefined): Runtime {
  let runs = 0
  return {
    ...{ provider: 'webgpu', engine: 'a device that breaks', isAlive: true },
    async createSession(model, options) {
      const session = await cpu.createSession(model, options)
      if (!options.label.endsWith('step')) return session
      return {
        ...session,
        run(feeds, wanted) {
          onRun()
          return ++runs >= failsAt ? Promise.reject(failure) : session.run(feeds, wanted)
        },
      }
    },
    dispose: async () => undefined,
  }
}

type Watched = { readonly notes: string[]; readonly epochs: number[]; readonly checkpoints: Map<number, Uint8Array> }

async function train(
  runtimeFor: (device: Device) => Promise<Runtime>,
  changes: Partial<TrainingRequest> = {},
): Promise<Watched & { readonly result: TrainingResult }> {
  const trainer = createTowerTrainer(runtimeFor)
  const watched: Watched = { notes: [], epochs: [], checkpoints: new Map() }
  const wishes = { objective: 'mama', marginRadians: 0.05, epochs: 4, seed: 1 } as const
  const plan = trainer.plan({ ...wishes, pairs: 12, metaSet: 6, dim, frameCount })
  const choose = async () => ({ device: 'webgpu', reason: 'It was the fastest.' }) as const
  const result = await trainOnDevice(trainer, choose).train({
    ...{ plan, device: 'auto', pairs: pairs(12, 'pair'), metaSet: pairs(6, 'meta'), heldOut: pairs(6, 'held') },
    signal: new AbortController().signal,
    knowsWord: () => true,
    onEpoch: ({ epoch }) => watched.epochs.push(epoch),
    onCheckpoint: (bytes, epoch) => watched.checkpoints.set(epoch, bytes.slice()),
    onNote: (message) => watched.notes.push(message),
    ...changes,
  })
  return { ...watched, result }
}

const outOfMemory = new AppError('runtime.failed', 'The graph "mama step" could not be run: Out of memory.')

describe('a run on a device', () => {
  it('says why the device was chosen, at its start and in its result', async () => {
    const { notes, result } = await train(async () => cpu)
    expect(notes).toEqual(['It was the fastest.'])
    expect(result.deviceReason).toBe('It was the fastest.')
  })

  it('goes on from its last checkpoint on the processor when the device fails, bit-equal to a run there', async () => {
    const whole = await train(async () => cpu, { device: 'cpu' })
    // One step an epoch: without the last two steps, two epochs are done.
    let steps = 0
    const counting = breaking(Infinity, outOfMemory, () => steps++)
    await train(async () => counting)
    const broken = await train(async (device) => (device === 'cpu' ? cpu : breaking(steps - 1, outOfMemory)))
    const after = 2
    const sentence = `webgpu stopped working (could not be run: Out of memory), so the run went on from its checkpoint after epoch ${after} on the processor.`
    expect(broken.notes).toEqual(['It was the fastest.', sentence])
    expect(broken.result).toMatchObject({ device: 'cpu', deviceReason: sentence })
    expect(broken.epochs).toEqual([1, 2, 3, 4])
    expect(broken.result.weights).toEqual(whole.result.weights)
    const resumed = await train(async () => cpu, { device: 'cpu', checkpoint: broken.checkpoints.get(after)! })
    expect(broken.result.weights).toEqual(resumed.result.weights)
  })

  it('is done on the processor from its start when the device does not load', async () => {
    const unavailable = new AppError('runtime.unavailable', 'The execution provider cuda is not available.', {
      reason: 'the CUDA libraries are not installed.',
    })
    const { notes, epochs, result } = await train(
      (device) => (device === 'cpu' ? Promise.resolve(cpu) : Promise.reject(unavailable)),
      { device: 'cuda' },
    )
    expect(notes).toEqual([
      'cuda is not available here (the CUDA libraries are not installed), so the run went on from its start on the processor.',
    ])
    expect(epochs).toEqual([1, 2, 3, 4])
    expect(result.device).toBe('cpu')
  })

  it('does not hide what is no fault of the device: a failure on the processor, divergence, cancelling', async () => {
    await expect(train(async () => breaking(1, outOfMemory), { device: 'cpu' })).rejects.toBe(outOfMemory)
    const diverged = new AppError('training.diverged', 'Training diverged.')
    await expect(train(async () => breaking(1, diverged))).rejects.toBe(diverged)
    const stop = new AbortController()
    stop.abort()
    await expect(train(async () => cpu, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' })
  })
})

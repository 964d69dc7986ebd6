/** Blocks of the encoder as a window trains them: what is known before, the run as a job, and a version that has to read first. */
import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AppError, type Job, type ProcedureOutput, type Promotion } from '../../../../../main/contract/index.ts'
import type { ServiceParts } from '../../../../../main/services.ts'
import { measuredStepFlops } from '../../../../../main/training/index.ts'
import { allFrames, blockNumbers, createBlocksWorld, describedFrames, type BlocksWorld } from './blocks-world.ts'
import { createWorld, fakeTrainer, type World } from '../../colour-world.ts'
import { finished, videoFile } from '../../shop.ts'

let shop: BlocksWorld
let world: World
const blocks = { count: 1 }
const request = { objective: 'infonce', blocks } as const

async function open(changes: Partial<ServiceParts> = {}): Promise<void> {
  shop = await createBlocksWorld(changes)
  world = shop.world
}
async function openAnew(changes: Partial<ServiceParts>): Promise<void> {
  await world.close()
  await open(changes)
}

beforeEach(() => open())
afterEach(() => world.close())

const activations = (): string => join(world.parts.libraryDir, 'activations')
const activeModel = async (): Promise<string | undefined> =>
  (await world.client.models({})).models.find(({ active }) => active)?.id

describe('before the start', () => {
  test('the blocks of both halves are counted once, each by itself, and remembered with the library', async () => {
    let asked = 0
    await openAnew({
      blockCosts: {
        async of(_, { blocks: { blocks: pictures } }) {
          asked++
          if (pictures === 0) throw new AppError('encoder.invalid', 'It has an operator that cannot be trained.')
          return { found: { pictures: 3, texts: null }, run: null }
        },
      },
    })
    const expected = {
      ...{ encoder: 'colours', pictures: { count: 3, obstacle: null } },
      texts: { count: 0, obstacle: 'notImportable' },
    }
    expect(await world.client.trainableBlocks({})).toEqual(expected)
    expect(await world.client.trainableBlocks({})).toEqual(expected)
    expect(asked).toBe(2)
  })

  test('an encoder without blocks has an obstacle, and asking for some is a problem in a sentence', async () => {
    await openAnew({ blockCosts: { of: async () => ({ found: { pictures: 0, texts: null }, run: null }) } })
    expect(await world.client.trainableBlocks({})).toMatchObject({
      pictures: { count: 0, obstacle: 'noneFound' },
    })
    const { isReady, problems } = await world.client.preflight(request)
    expect(isReady).toBe(false)
    expect(problems).toEqual([
      {
        code: 'usage',
        message: 'No blocks that can be trained were found in this encoder. Train without them.',
      },
    ])
    await expect(world.client.startTraining(request)).rejects.toMatchObject({ code: 'usage' })
  })

  test('it is said what is read again, kept on the disk and held in memory, and nothing is read or made', async () => {
    const { blocks: outlook, isReady } = await world.client.preflight(request)
    expect(isReady).toBe(true)
    expect(outlook).toMatchObject({
      ...{ available: { pictures: 2, texts: null }, diskBytes: 2 * blockNumbers.dim * describedFrames },
      toRead: { videos: 10, frames: describedFrames },
      toReadIfWon: { videos: 11, frames: allFrames },
      ...{ memoryBytes: blockNumbers.memoryBytes, textBytes: null, availableMemoryBytes: 8e9 },
    })
    expect(outlook!.freeBytes).toBeGreaterThan(0)
    expect(outlook!.toRead.seconds).toBeGreaterThan(0)
    expect(shop.below).toBe(0)
    expect(existsSync(activations())).toBe(false)
    expect((await world.client.preflight({ objective: 'infonce' })).blocks).toBeNull()
  })

  test('too little memory is a problem with both numbers, and starting says the same', async () => {
    await openAnew({ availableMemory: () => 1.5e9 })
    const { problems } = await world.client.preflight(request)
    expect(problems).toMatchObject([{ code: 'training.tooLarge' }])
    expect(problems[0]!.message).toContain('needs about 2.0 GB of memory, and 1.5 GB are free')
    await expect(world.client.startTraining(request)).rejects.toMatchObject({
      code: 'training.tooLarge',
      message: problems[0]!.message,
    })
    expect((await world.client.preflight({ objective: 'infonce' })).isReady).toBe(true)
  })

  test('more blocks than there are is a problem that says how many there are', async () => {
    const { problems, blocks: outlook } = await world.client.preflight({ ...request, blocks: { count: 3 } })
    expect(problems.map(({ message }) => message)).toEqual([
      'This encoder has 2 blocks that can be trained, and 3 are asked for. Choose at most so many.',
    ])
    expect(outlook).toMatchObject({ available: { pictures: 2, texts: null }, memoryBytes: null, diskBytes: 0 })
  })

  test('blocks of texts alone read no video, and the texts that are held count as memory', async () => {
    const run = { batchSize: 20, memoryBytes: 2e9, stepFlops: 1e9, cut: null, text: { stored: 1e6, decoded: 3e6 } }
    await openAnew({ blockCosts: { of: async () => ({ found: { pictures: null, texts: 3 }, run }) } })
    const { isReady, blocks: outlook } = await world.client.preflight({ objective: 'infonce', blocks: { texts: 2 } })
    expect(isReady).toBe(true)
    const nothing = { videos: 0, frames: 0, seconds: 0 }
    expect(outlook).toMatchObject({
      ...{ available: { pictures: null, texts: 3 }, toRead: nothing, toReadIfWon: nothing, diskBytes: 0 },
      // Ten descriptions and five texts of ten exemplars.
      ...{ memoryBytes: 2e9 + 15 * 1e6 + 2 * 10 * 3e6, textBytes: 15 * 1e6 + 2 * 10 * 3e6 },
    })
    const { problems } = await world.client.preflight({ objective: 'infonce', blocks: { texts: 4 } })
    expect(problems.map(({ message }) => message)).toEqual([
      'This encoder has 3 blocks of texts that can be trained, and 4 are asked for. Choose at most so many.',
    ])
  })

  test('the time grows with the steps and with what a step multiplies', async () => {
    const training = async (epochs: number, more = {}): Promise<number> => {
      const { estimatedSeconds, blocks: outlook } = await world.client.preflight({
        ...{ ...request, epochs },
        blocks: { ...blocks, ...more },
      })
      return estimatedSeconds - outlook!.toRead.seconds
    }
    const three = await training(3)
    expect(await training(6)).toBeCloseTo(2 * three, 9)
    expect(await training(3, { rank: 4 })).toBeCloseTo(three / 2, 9)
  })

  test('the time rests on a typical computer, then on the measured step, then on a run with blocks here', async () => {
    const estimate = async (device: 'cpu' | 'webgpu' = 'cpu'): Promise<[string, number]> => {
      const { estimatedFrom, estimatedSeconds, blocks: outlook } = await world.client.preflight({ ...request, device })
      return [estimatedFrom, estimatedSeconds - outlook!.toRead.seconds]
    }
    // Three epochs of one step each.
    const flops = 3 * blockNumbers.stepFlops
    // The run of the towers alone has measured the processor, and nothing else is there.
    const [from, seconds] = await estimate('webgpu')
    expect(from).toBe('typical')
    expect(seconds).toBeCloseTo(flops / 60e9, 9)
    const [measuredFrom, measured] = await estimate()
    expect(measuredFrom).toBe('measuredStep')
    expect(measured).toBeCloseTo(flops / ((2 * measuredStepFlops()) / 0.012), 9)
    await world.client.train(request)
    await world.client.promote({ model: 'infonce-1' })
    const [runFrom, ofRuns] = await estimate()
    expect(runFrom).toBe('earlierRuns')
    // The clock of this world goes on by ten milliseconds whenever it is asked.
    expect(ofRuns).toBeGreaterThan(0)
    expect(ofRuns).toBeLessThan(1)
  })
})

/** Trains two epochs, then waits until it is stopped; the next attempt goes on. */
function waitingTrainer(): ServiceParts['trainer'] {
  const trainer = fakeTrainer()
  let waits = true
  return {
    ...trainer,
    train(asked) {
      if (!waits || asked.upper === undefined) return trainer.train(asked)
      waits = false
      const zeros = new Float32Array(asked.pairs.ids.length)
      for (const epoch of [1, 2]) {
        asked.onEpoch({ epoch, epochs: 3, meanLoss: 1, heldOutScore: null, loss: zeros, weight: zeros })
        asked.onCheckpoint(Uint8Array.of(epoch), epoch)
      }
      return new Promise((_, reject) => {
        asked.signal.addEventListener('abort', () => reject(asked.signal.reason as Error))
      })
    },
  }
}

describe('a run as a job', () => {
  const epochsDone = async (): Promise<number | undefined> => (await world.client.runs({})).runs[0]?.epochsDone

  async function startAndPause(): Promise<Job> {
    await openAnew({ trainer: waitingTrainer() })
    const { job } = await world.client.startTraining({ ...request, blocks: { count: 2, rank: 4 } })
    await expect.poll(epochsDone).toBe(2)
    await world.client.controlJob({ job: job.id, action: 'pause' })
    await expect.poll(async () => (await world.client.runs({})).runs[0]?.state).toBe('paused')
    return job
  }

  test('keeps its blocks through a pause, and goes on without reading again', async () => {
    const job = await startAndPause()
    expect((await world.client.runs({})).runs[0]).toMatchObject({
      ...{ state: 'paused', isResumable: true, blocks: { count: 2, rank: 4 } },
    })
    const outlook = await world.client.preflight({ ...request, blocks: { count: 2, rank: 4 } })
    expect(outlook).toMatchObject({
      ...{ resumes: { epoch: 2 }, blocks: { toRead: { videos: 0, frames: 0, seconds: 0 }, diskBytes: 0 } },
    })
    expect((await world.client.preflight(request)).resumes).toBeNull()
    await world.client.controlJob({ job: job.id, action: 'resume' })
    expect((await finished(world, job)).result).toMatchObject({ model: 'infonce-2', resumedAtEpoch: 2 })
    expect(shop.below).toBe(describedFrames)
    expect((await world.client.models({})).models[0]).toMatchObject({ blocks: { count: 2, rank: 4 } })
    expect(existsSync(activations())).toBe(false)
  })

  test('goes on with its blocks when the engine was ended and starts again', async () => {
    await openAnew({ trainer: waitingTrainer() })
    const { job } = await world.client.startTraining(request)
    await expect.poll(epochsDone).toBe(2)
    const { parts } = world
    await world.services.close()
    const again = createWorld(parts)
    expect((await finished(again, job)).result).toMatchObject({ model: 'infonce-2', resumedAtEpoch: 2 })
    expect((await again.client.models({})).models[0]).toMatchObject({ blocks: { count: 1, rank: null } })
    await again.close()
  })

  test('that is cancelled is over, and leaves nothing of the frames on the disk', async () => {
    const job = await startAndPause()
    expect(existsSync(activations())).toBe(true)
    await world.client.controlJob({ job: job.id, action: 'cancel' })
    expect((await world.client.runs({})).runs[0]).toMatchObject({ state: 'cancelled', isResumable: false })
    expect(existsSync(activations())).toBe(false)
  })

  test('ends with a version that won, read and in use, and its run says what it trained', async () => {
    const { job } = await world.client.startTraining(request)
    expect((await finished(world, job)).state).toBe('succeeded')
    expect(await activeModel()).toBe('infonce-2')
    expect((await world.client.runs({})).runs.map((run) => [run.model, run.won, run.blocks])).toEqual([
      ['infonce-2', true, { count: 1, texts: 0, rank: null }],
      ['infonce-1', false, null],
    ])
    expect(shop.through).toBe(allFrames)
  })
})

describe('a version that has to read before it is used', () => {
  /** The first such version is in use, the second did not win. */
  beforeEach(async () => {
    await world.client.train(request)
    await world.client.train({ ...request, seed: 2 })
  })
  const model = 'infonce-3'
  const result = async (job: Job): Promise<Promotion> => (await finished(world, job)).result as Promotion

  test('says what is read, and is used when a job has read it', async () => {
    const estimate: ProcedureOutput<'estimatePromotion'> = await world.client.estimatePromotion({ model })
    expect(estimate).toMatchObject({ model, videos: 11, frames: allFrames, estimatedFrom: 'typical' })
    expect(estimate.estimatedSeconds).toBeGreaterThan(0)
    await expect(world.client.promote({ model })).rejects.toMatchObject({ code: 'model.unread' })
    const [run] = (await world.client.runs({})).runs
    expect(await world.client.run({ run: run!.id })).toMatchObject({ isUnread: true, won: false, model })
    const { job } = await world.client.startPromotion({ model })
    expect(job).toMatchObject({ kind: 'promote', model })
    expect(await result(job)).toEqual({
      ...{ active: model, previous: 'infonce-2', promoted: true, videos: 11, frames: allFrames, failed: [] },
    })
    expect(await activeModel()).toBe(model)
    expect(await world.client.run({ run: run!.id })).toMatchObject({ isUnread: false })
    expect(await world.client.estimatePromotion({ model })).toMatchObject({ videos: 0, estimatedSeconds: 0 })
  })

  test('is not used while a video cannot be read, keeps what was read, and is used without it when that is asked for', async () => {
    const path = join(world.dir, videoFile(3))
    renameSync(path, `${path}.away`)
    world.file(videoFile(3), 'nothing')
    const before = shop.through
    const first = await result((await world.client.startPromotion({ model })).job)
    expect(first).toMatchObject({ active: 'infonce-2', promoted: false, videos: 10 })
    expect(first.failed.map(({ file }) => file)).toEqual([path])
    expect(await activeModel()).toBe('infonce-2')
    const read = shop.through
    expect(read).toBe(before + allFrames - 6)
    const second = await result((await world.client.startPromotion({ model, leaveOut: true })).job)
    expect(second).toMatchObject({ active: model, promoted: true, videos: 0 })
    expect(shop.through).toBe(read)
  })

  test('is not discarded while it is read for', async () => {
    const { job } = await world.client.startPromotion({ model })
    await expect(world.client.discardModel({ model })).rejects.toMatchObject({ code: 'work.running' })
    await finished(world, job)
  })
})

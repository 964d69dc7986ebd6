/** Preflight, runs as jobs, comparison of versions, and the audit of a run. Over the real storage. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, createLocalTransport, type Job, type ProcedureEvent } from '../../../../main/contract/index.ts'
import { createServices } from '../../../../main/services.ts'
import type { Trainer } from '../../../../main/services/training/ports.ts'
import { leaningOf } from '../../../../main/services/training/runs/training-runs.ts'
import { createWorld, fakeTrainer, type World } from '../colour-world.ts'
import { fill, finished } from '../shop.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

describe('training and audit', () => {
  test('preflight says what is missing, and what a run would use', async () => {
    const empty = await world.client.preflight({})
    expect(empty).toMatchObject({ isReady: false, problems: [{ code: 'training.notEnough' }] })
    await expect(world.client.startTraining({})).rejects.toMatchObject({ code: 'training.notEnough' })
    await fill(world)
    const plan = await world.client.preflight({ epochs: 3 })
    expect(plan).toMatchObject({ isReady: true, pairs: 20, exemplars: 10, epochs: 3, estimatedFrom: 'typical' })
    expect(plan.metaSet + plan.heldOut).toBe(10)
    await world.client.train({})
    expect((await world.client.preflight({})).estimatedFrom).toBe('earlierRuns')
  })

  test('a run as a job tells its epochs and is recorded with its curves', async () => {
    await fill(world)
    const events: ProcedureEvent[] = []
    const stop = new AbortController()
    const watching = world.client.watch({}, { signal: stop.signal, onEvent: (event) => events.push(event) })
    const job = await finished(world, (await world.client.startTraining({ objective: 'reweight' })).job)
    expect(job).toMatchObject({ kind: 'train', state: 'succeeded', result: { model: 'reweight-1' } })
    const { runs } = await world.client.runs({})
    expect(runs).toMatchObject([{ id: job.run, state: 'finished', epochsDone: 3, pairs: 20, model: 'reweight-1' }])
    const epochs = events.flatMap((event) => (event.kind === 'epoch' ? [[event.epoch, event.run]] : []))
    expect(epochs).toEqual([1, 2, 3].map((epoch) => [epoch, job.run]))
    const detail = await world.client.run({ run: job.run! })
    expect(detail.records.map(({ epoch, loss }) => [epoch, loss])).toEqual([
      [1, 1],
      [2, 1 / 2],
      [3, 1 / 3],
    ])
    const curve = detail.weightCurves.at(-1)!
    expect(curve.epoch).toBe(3)
    expect(curve.points.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(20)
    expect(curve.points[0]!.weight).toBeGreaterThan(curve.points.at(-1)!.weight)
    stop.abort()
    await watching.catch(() => {})
  })

  /** A trainer that waits after its second epoch until it is stopped; from a checkpoint it goes through. */
  function waitingTrainer(): Trainer {
    const trainer = fakeTrainer()
    return {
      ...trainer,
      async train(request) {
        if (request.checkpoint !== undefined) return trainer.train(request)
        const zeros = new Float32Array(request.pairs.ids.length)
        for (const epoch of [1, 2]) {
          request.onEpoch({ epoch, epochs: 3, meanLoss: 1, heldOutScore: null, loss: zeros, weight: zeros })
          request.onCheckpoint(Uint8Array.of(epoch), epoch)
        }
        return new Promise((_, reject) => {
          request.signal.addEventListener('abort', () => reject(request.signal.reason as Error))
        })
      },
    }
  }

  async function startAndPause(): Promise<Job> {
    await world.close()
    world = createWorld({ trainer: waitingTrainer() })
    await fill(world)
    const { job } = await world.client.startTraining({})
    await expect.poll(async () => (await world.client.runs({})).runs[0]?.epochsDone).toBe(2)
    expect((await world.client.runs({})).runs[0]).toMatchObject({ state: 'running', isResumable: false })
    await world.client.controlJob({ job: job.id, action: 'pause' })
    await expect.poll(async () => (await world.client.runs({})).runs[0]?.isResumable).toBe(true)
    return job
  }

  test('a paused run goes on from its checkpoint', async () => {
    const job = await startAndPause()
    expect((await world.client.preflight({})).resumes).toMatchObject({ epoch: 2 })
    await world.client.controlJob({ job: job.id, action: 'resume' })
    expect((await finished(world, job)).result).toMatchObject({ resumedAtEpoch: 2, model: 'mama-1' })
    expect((await world.client.runs({})).runs).toMatchObject([{ state: 'finished', epochsDone: 3 }])
  })

  test('a cancelled run is over', async () => {
    const job = await startAndPause()
    await world.client.controlJob({ job: job.id, action: 'cancel' })
    expect((await world.client.runs({})).runs).toMatchObject([{ state: 'cancelled', isResumable: false }])
    expect((await world.client.preflight({})).resumes).toBeNull()
  })

  test('a run whose process ended goes on when the library is opened again', async () => {
    await world.close()
    world = createWorld({ trainer: waitingTrainer() })
    await fill(world)
    await world.client.startTraining({})
    await expect.poll(async () => (await world.client.runs({})).runs[0]?.epochsDone).toBe(2)
    await world.services.close()
    const again = createServices(world.parts)
    try {
      const client = createClient(createLocalTransport(again.handlers))
      await client.overview({})
      await expect.poll(async () => (await client.runs({})).runs[0]?.state, { timeout: 10_000 }).toBe('finished')
      expect((await client.models({})).models.map(({ id }) => id)).toEqual(['mama-1', 'zero-shot'])
    } finally {
      await again.close()
    }
  })

  test('a run says how it did beside the version before, what it leaned on, and which words of the library it learned', async () => {
    await world.close()
    const trainer = fakeTrainer()
    world = createWorld({
      trainer: {
        ...trainer,
        train: async (request) => ({
          ...(await trainer.train({
            ...request,
            onEpoch: (epoch) => request.onEpoch({ ...epoch, effectiveShare: 0.6 / epoch.epoch }),
          })),
          lexicon: { words: 412, rare: 37 },
        }),
      },
    })
    await fill(world)
    const trained = await world.client.train({})
    const { judgement } = trained
    expect(judgement).toMatchObject({ verdict: 'open', exemplars: trained.heldOutPairs })
    expect(judgement.odds).toBeCloseTo(0.5, 1)
    expect(judgement.firstAfter).toBe(judgement.firstBefore)
    // The trainer of the tests has all 20 pairs in one batch; a fifth of them is less than a third.
    expect(trained.leaning).toEqual({ pairs: expect.closeTo(4), batchSize: 20, isFew: true })
    const detail = await world.client.run({ run: trained.run })
    expect(detail).toMatchObject({ judgement, leaning: { batchSize: 20, isFew: true } })
    expect(detail.records.map(({ effectiveShare }) => effectiveShare)).toEqual([0.6, 0.3, expect.closeTo(0.2)])
    const { models } = await world.client.models({})
    expect(models.map(({ lexicon }) => lexicon)).toEqual([{ words: 412, rare: 37 }, undefined])
  })

  test('a run without weights leans on all its pairs, and an older one did not record it', async () => {
    await fill(world)
    expect((await world.client.train({})).leaning).toBeNull()
    expect([leaningOf('infonce', 1, 64), leaningOf('mama', null, 64), leaningOf('mama', 0.5, null)]).toEqual([
      null,
      null,
      null,
    ])
    expect(leaningOf('mama', 0.5, 64)).toEqual({ pairs: 32, batchSize: 64, isFew: false })
  })

  test('two versions are compared on the held-out exemplars, and one is discarded', async () => {
    await fill(world)
    await world.client.train({})
    const compared = await world.client.compare({ before: 'zero-shot', after: 'mama-1' })
    expect(compared).toMatchObject({ before: 'zero-shot', after: 'mama-1', segments: 20, moved: [] })
    const { MAP } = compared.overall
    expect(MAP.difference.value).toBe(0)
    expect(MAP.isClear).toBe(false)
    const { models } = await world.client.discardModel({ model: 'mama-1' })
    expect(models.find(({ id }) => id === 'mama-1')?.state).toBe('discarded')
    await world.client.train({ seed: 1 })
    await world.client.promote({ model: 'mama-2' })
    await expect(world.client.discardModel({ model: 'mama-2' })).rejects.toMatchObject({ code: 'usage' })
    await expect(world.client.discardModel({ model: 'zero-shot' })).rejects.toMatchObject({ code: 'usage' })
  })

  test('the audit has a scatter, pages and trajectories, and what was fixed changes a retrain', async () => {
    await fill(world)
    const { run } = await world.client.train({})
    const overview = await world.client.auditOverview({})
    expect(overview).toMatchObject({ run, pairs: 20, epoch: 3, hasWeights: true })
    expect(overview.points).toHaveLength(20)
    expect(Object.values(overview.counts).reduce((sum, count) => sum + count, 0)).toBe(20)
    const { pairs, total } = await world.client.auditPairs({ verdict: 'suspect', limit: 20 })
    expect(total).toBe(overview.counts.suspect)
    const first = pairs[0]
    const second = pairs.find((pair) => pair.video !== first!.video)
    expect(first).toMatchObject({ verdict: 'suspect', now: 'unchanged', trajectory: { epochs: [1, 2, 3] } })
    expect(first!.trajectory.loss[2]).toBe(first!.loss)

    const { video, start, end, text } = first!
    await world.client.edit({ action: 'label', video, start, end, text, grade: 'wrong' })
    await world.client.edit({ action: 'describe', video: second!.video, from: second!.text, to: 'corrected' })
    const page = await world.client.auditPairs({ positions: [first!.position, second!.position] })
    const state = (position: number): string => page.pairs.find((pair) => pair.position === position)!.now
    expect(state(first!.position)).toBe('leftOut')
    expect(state(second!.position)).toBe('textChanged')

    const preview = await world.client.retrainPreview({})
    expect(preview.markedWrong).toBeGreaterThanOrEqual(1)
    expect(preview.unchanged + preview.removed).toBe(20)
    expect(preview.pairs).toBe(preview.unchanged + preview.added)
    expect(preview.examples.map(({ change }) => change)).toContain('added')
    expect((await world.client.preflight({})).pairsLeftOut).toBe(preview.markedWrong)
    await world.client.history({ step: 'undo', count: 2 })
    expect(await world.client.retrainPreview({})).toMatchObject({ pairs: 20, unchanged: 20, added: 0, removed: 0 })

    const { text: csv } = await world.client.auditExport({})
    expect(csv.split('\r\n')).toHaveLength(22)
    expect(csv).toContain(',suspect')
  })
})

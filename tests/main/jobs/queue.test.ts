import { describe, expect, it } from 'vitest'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '../../../main/contract/index.ts'
import { createJobQueue, type Job, type JobHandler, type JobQueueOptions } from '../../../main/jobs/index.ts'
import { onCleanUp, tempLibrary } from '../storage/temp-library.ts'
import type { Library } from '../../../main/storage/index.ts'

/** Work that only ends when it is aborted. */
const endless: JobHandler = (_, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

let serial = 0

function queueOn(library: Library, handlers: Record<string, JobHandler>, options: Partial<JobQueueOptions> = {}) {
  const queue = createJobQueue({
    store: library.jobs,
    now: Date.now,
    newId: () => `job-${++serial}`,
    owner: `owner-${++serial}`,
    handlers,
    retryDelayMs: () => 1,
    ...options,
  })
  onCleanUp(() => queue.stop())
  return queue
}

describe('the job queue', () => {
  it('runs jobs in order and keeps their results', async () => {
    const order: unknown[] = []
    const queue = queueOn(tempLibrary(), {
      double: async (input) => {
        order.push(input)
        return { twice: 2 * (input as number) }
      },
    })
    const jobs = [1, 2, 3].map((input) => queue.enqueue('double', input))
    expect(jobs.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending'])
    queue.start()
    const done = await Promise.all(jobs.map(({ id }) => queue.finished(id)))
    expect(order).toEqual([1, 2, 3])
    expect(done.map(({ result }) => result)).toEqual([{ twice: 2 }, { twice: 4 }, { twice: 6 }])
  })

  it('takes the same work once while it is not finished', async () => {
    const queue = queueOn(tempLibrary(), { quick: async () => 1 })
    const first = queue.enqueue('quick', null, { key: 'k' })
    expect(queue.enqueue('quick', null, { key: 'k' }).id).toBe(first.id)
    queue.start()
    await queue.finished(first.id)
    expect(queue.enqueue('quick', null, { key: 'k' }).id).not.toBe(first.id)
  })

  it('tries a failure again up to the limit, and not at all when the user has to act', async () => {
    let attempts = 0
    const queue = queueOn(tempLibrary(), {
      flaky: async (_, { attempt }) => {
        if (attempt < 3) throw new Error('busy')
        return attempt
      },
      broken: async () => {
        attempts++
        throw new Error('broken')
      },
      refused: async () => {
        throw new AppError('disk.full', 'The disk is full.')
      },
    })
    queue.start()
    const [flaky, broken, refused] = ['flaky', 'broken', 'refused'].map((kind) => queue.enqueue(kind, null).id)
    expect(await queue.finished(flaky!)).toMatchObject({ state: 'succeeded', result: 3 })
    expect(await queue.finished(broken!)).toMatchObject({ state: 'failed', error: { code: null, message: 'broken' } })
    expect(attempts).toBe(3)
    expect(await queue.finished(refused!)).toMatchObject({ state: 'failed', attempts: 1, error: { code: 'disk.full' } })
  })

  it('aborts what is paused or cancelled and runs a paused job again when it is resumed', async () => {
    let starts = 0
    const queue = queueOn(tempLibrary(), {
      once: (input, context) => (++starts === 1 ? endless(input, context) : Promise.resolve('done')),
      endless,
    })
    queue.start()
    const { id } = queue.enqueue('once', null)
    expect(queue.get(id)?.state).toBe('running')
    expect(queue.pause(id).state).toBe('paused')
    await wait(20)
    expect(queue.get(id)?.state).toBe('paused')
    queue.resume(id)
    expect(await queue.finished(id)).toMatchObject({ state: 'succeeded', result: 'done', attempts: 1 })
    const other = queue.enqueue('endless', null)
    queue.cancel(other.id)
    expect((await queue.finished(other.id)).state).toBe('cancelled')
  })

  it('gives unfinished work back when it stops, and another queue finishes it', async () => {
    const library = tempLibrary()
    const first = queueOn(library, { work: endless })
    first.start()
    const { id } = first.enqueue('work', null)
    await first.stop()
    expect(first.get(id)).toMatchObject({ state: 'pending', attempts: 0 })
    const second = queueOn(library, { work: async () => 'done' })
    second.start()
    expect((await second.finished(id)).result).toBe('done')
  })

  it('takes over from an owner that died, and gives up on a job that ends its process every time', async () => {
    const library = tempLibrary()
    const dead = queueOn(library, { work: endless }, { owner: 'dead' })
    dead.start()
    const { id } = dead.enqueue('work', null, { maxAttempts: 2 })
    const rescuer = queueOn(library, { work: async () => 'done' }, { isOwnerAlive: (owner) => owner !== 'dead' })
    rescuer.start()
    expect(await rescuer.finished(id)).toMatchObject({ state: 'succeeded', attempts: 2 })

    const other = dead.enqueue('never', null, { maxAttempts: 1 })
    library.jobs.update({ ...other, state: 'running', owner: 'dead', attempts: 1, leaseUntilMs: Infinity })
    const last = queueOn(library, { never: async () => 1 }, { isOwnerAlive: (owner) => owner !== 'dead' })
    last.start()
    expect(last.get(other.id)).toMatchObject({ state: 'failed', attempts: 1 })
  })

  it('keeps its lease alive while it works, so that no one takes the job over', async () => {
    const library = tempLibrary()
    let runs = 0
    const slow: JobHandler = async () => {
      runs++
      await wait(120)
      return 'done'
    }
    const [a, b] = [queueOn(library, { slow }, { leaseMs: 40 }), queueOn(library, { slow }, { leaseMs: 40 })]
    a.start()
    const { id } = a.enqueue('slow', null)
    b.start()
    expect((await a.finished(id)).state).toBe('succeeded')
    expect(runs).toBe(1)
  })

  it('reports progress that never goes backwards within a stage', async () => {
    const seen: (number | null)[] = []
    const queue = queueOn(tempLibrary(), {
      steps: async (_, { onProgress }) => {
        for (const fraction of [0.2, 0.1, 0.5]) onProgress({ stage: 'read', fraction })
        onProgress({ stage: 'write', fraction: null })
        onProgress({ stage: 'write', fraction: 0.1 })
      },
    })
    queue.onChange((job: Job) => {
      if (job.state === 'running' && job.progress !== null) seen.push(job.progress.fraction)
    })
    queue.start()
    await queue.finished(queue.enqueue('steps', null).id)
    expect(seen).toEqual([0.2, 0.5, null, 0.1])
  })

  it('runs as many at a time as it may, leaves kinds it does not know alone, and one key at a time', async () => {
    let [now, most] = [0, 0]
    const busy: JobHandler = async () => {
      most = Math.max(most, ++now)
      await wait(10)
      now--
    }
    const queue = queueOn(tempLibrary(), { busy }, { concurrency: 2 })
    queue.start()
    const unknown = queue.enqueue('unknown', null)
    const ids = Array.from({ length: 5 }, () => queue.enqueue('busy', null).id)
    await Promise.all(ids.map((id) => queue.finished(id)))
    expect(most).toBe(2)
    expect(queue.get(unknown.id)?.state).toBe('pending')
  })
})

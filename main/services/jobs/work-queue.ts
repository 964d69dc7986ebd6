/**
 * Long work of a window as durable jobs: imports and training runs that can be paused, and that go on after a crash.
 * Wraps the queue of main/jobs; what the work is comes as functions.
 */
import {
  AppError,
  type CallContext,
  type Job,
  type JobKind,
  type ProcedureInput,
  type ProcedureOutput,
} from '../../contract/index.ts'
import { createJobQueue, isFinished, type Job as QueuedJob, type JobHandler, type JobQueue } from '../../jobs/index.ts'
import type { Library } from '../../storage/index.ts'
import type { News } from './news.ts'

/** What each kind of job does. As the procedures do, each may be run again from its beginning. */
export type Work = {
  readonly import: (input: ProcedureInput<'import'>, context: CallContext) => Promise<unknown>
  readonly sample: (input: unknown, context: CallContext) => Promise<unknown>
  readonly index: (input: unknown, context: CallContext) => Promise<unknown>
  readonly train: (input: ProcedureInput<'train'>, context: CallContext) => Promise<unknown>
  readonly encoder: (input: ProcedureInput<'useEncoder'>, context: CallContext) => Promise<unknown>
  readonly promote: (input: ProcedureInput<'startPromotion'>, context: CallContext) => Promise<unknown>
  readonly descriptions: (input: ProcedureInput<'startDescriptions'>, context: CallContext) => Promise<unknown>
  readonly answers: (input: ProcedureInput<'startAnswers'>, context: CallContext) => Promise<unknown>
}

export type WorkQueue = {
  start(kind: JobKind, input: unknown): Job
  list(): Job[]
  control(input: ProcedureInput<'controlJob'>): Promise<Job | null>
  /** Holds imports on battery when the settings ask for it, and lets them go on mains. */
  reportPower(onBattery: boolean): ProcedureOutput<'reportPower'>
  /** Whether videos are being indexed now. */
  isIndexing(): boolean
  /** Whether a training run is at work now. */
  isTraining(): boolean
  /** Whether a version waits to come into use, or reads for it. */
  isPromoting(model: string): boolean
  /** Stops what runs, so that it goes on at the next start. */
  close(): Promise<void>
}

export type WorkQueueOptions = {
  readonly library: Library
  readonly work: Work
  readonly news: News
  /** What is left of a training run that was cancelled. @returns whether there was one */
  readonly giveUpRun: (input: ProcedureInput<'train'>, options: { readonly othersTrainBlocks: boolean }) => boolean
  /** Whether imports wait for mains power. */
  readonly waitsForMains: () => boolean
  readonly now: () => number
  readonly newId: () => string
}

const heldSetting = 'heldForPower'
/** Finished jobs that stay on the list. */
const keptFinished = 20

/** Somebody waits for what is learned: it reads no videos, and does not wait for mains power. */
function isLearning(kind: JobKind): boolean {
  return kind === 'train' || kind === 'answers'
}

/** Begins at once with what a crash or the last stop left unfinished. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { library, work, news, now, newId } = options
  const runOf = new Map<string, string>()
  let onBattery = false

  const held = (): string[] => (library.settings.get(heldSetting) as string[] | undefined) ?? []
  const hold = (ids: readonly string[]): void => library.settings.set(heldSetting, [...ids])

  const handler =
    (kind: JobKind): JobHandler =>
    async (input, { jobId, signal, onProgress }) => {
      const onEvent: CallContext['onEvent'] = (event) => {
        if (event.kind === 'progress') {
          const { stage, done, total, unit, ratePerSecond, remainingSeconds } = event
          const fraction = total === null || total === 0 ? null : done / total
          const known = total === null ? {} : { total }
          onProgress({ stage, fraction, done, ...known, unit, ratePerSecond, remainingSeconds })
          if (kind === 'encoder') news.changed('encoders')
          else if (kind === 'promote') news.changed('models')
          else if (!isLearning(kind)) news.changed('videos')
        } else if (event.kind === 'epoch') {
          const run = library.runs.all().find(({ state }) => state === 'running')?.id
          if (run !== undefined) runOf.set(jobId, run)
          news.tell(run === undefined ? event : { ...event, run })
          news.changed('runs')
        } else news.tell(event)
      }
      try {
        return await work[kind](input as never, { signal, onEvent })
      } finally {
        if (kind === 'train' || kind === 'promote') news.changed('runs', 'models')
        else if (kind === 'encoder') news.changed('encoders', 'models', 'searches')
        else if (kind === 'answers') news.changed('models')
        else news.changed('videos', 'texts', 'labels')
      }
    }

  const queue: JobQueue = createJobQueue({
    store: library.jobs,
    now,
    newId,
    owner: newId(),
    // One process writes to a library at a time, so whoever held a lease before is gone.
    isOwnerAlive: () => false,
    handlers: {
      import: handler('import'),
      sample: handler('sample'),
      index: handler('index'),
      train: handler('train'),
      encoder: handler('encoder'),
      promote: handler('promote'),
      descriptions: handler('descriptions'),
      answers: handler('answers'),
    },
  })
  const stopListening = queue.onChange((job) => news.tell({ kind: 'job', job: toJob(job) }))
  queue.start()

  function toJob(job: QueuedJob): Job {
    const { progress } = job
    const result = job.result as { run?: unknown } | null
    return {
      id: job.id,
      kind: job.kind as JobKind,
      state: job.state,
      progress:
        progress === null
          ? null
          : {
              stage: progress.stage,
              done: progress.done ?? 0,
              total: progress.total ?? null,
              unit: progress.unit ?? '',
              ratePerSecond: progress.ratePerSecond ?? null,
              remainingSeconds: progress.remainingSeconds ?? null,
            },
      error: job.error,
      result: job.result,
      run: job.kind !== 'train' ? null : typeof result?.run === 'string' ? result.run : (runOf.get(job.id) ?? null),
      encoder: job.kind === 'encoder' ? (job.input as ProcedureInput<'useEncoder'>).encoder : null,
      model: job.kind === 'promote' ? modelOf(job) : null,
      waitsForPower: job.state === 'paused' && held().includes(job.id),
      createdAt: new Date(job.createdAtMs).toISOString(),
      updatedAt: new Date(job.updatedAtMs).toISOString(),
    }
  }

  const modelOf = ({ input }: QueuedJob): string => (input as ProcedureInput<'startPromotion'>).model

  const existing = (id: string): QueuedJob => {
    const job = queue.get(id)
    if (job === undefined) throw new AppError('input.missing', 'This job is not there any more.', { job: id })
    return job
  }
  const isRunning = (...kinds: JobKind[]): boolean =>
    queue.list({ states: ['running'] }).some(({ kind }) => kinds.includes(kind as JobKind))

  const trainsBlocks = (job: QueuedJob): boolean =>
    job.kind === 'train' && !isFinished(job) && (job.input as ProcedureInput<'train'>).blocks !== undefined

  const giveUpRun = (input: unknown): void => {
    const wasThere = options.giveUpRun(input as ProcedureInput<'train'>, {
      othersTrainBlocks: queue.list().some(trainsBlocks),
    })
    if (wasThere) news.changed('runs')
  }

  return {
    start(kind, input) {
      const job = queue.enqueue(kind, input, { key: `${kind} ${JSON.stringify(input)}` })
      if (isLearning(kind) || !onBattery || !options.waitsForMains()) return toJob(job)
      hold([...held(), job.id])
      return toJob(queue.pause(job.id))
    },
    list() {
      const jobs = queue.list()
      const finished = jobs.filter(isFinished)
      for (const { id } of finished.slice(0, Math.max(0, finished.length - keptFinished))) library.jobs.remove(id)
      return [...jobs.filter((job) => !isFinished(job)), ...finished.slice(-keptFinished).reverse()].map(toJob)
    },
    async control({ job: id, action }) {
      const job = existing(id)
      if (action === 'dismiss') {
        if (!isFinished(job)) throw new AppError('usage', 'This job is still at work. Cancel it first.', { job: id })
        library.jobs.remove(id)
        return null
      }
      if (action === 'pause') return toJob(queue.pause(id))
      hold(held().filter((other) => other !== id))
      if (action === 'resume') return toJob(queue.resume(id))
      const cancelled = queue.cancel(id)
      if (job.kind === 'train' && cancelled.state === 'cancelled') {
        await queue.stopped(id)
        giveUpRun(job.input)
      }
      return toJob(existing(id))
    },
    reportPower(isOnBattery) {
      onBattery = isOnBattery
      if (onBattery && options.waitsForMains()) {
        const active = queue.list({ states: ['pending', 'running'] }).filter(({ kind }) => !isLearning(kind as JobKind))
        hold([...held(), ...active.map(({ id }) => id)])
        for (const { id } of active) queue.pause(id)
        return { held: active.length, released: 0 }
      }
      const waiting = held()
      hold([])
      const released = waiting.filter((id) => queue.get(id)?.state === 'paused')
      for (const id of released) queue.resume(id)
      return { held: 0, released: released.length }
    },
    isIndexing: () => isRunning('import', 'sample', 'index'),
    isTraining: () => isRunning('train'),
    isPromoting: (model) =>
      queue.list().some((job) => job.kind === 'promote' && !isFinished(job) && modelOf(job) === model),
    async close() {
      stopListening()
      await queue.stop()
    },
  }
}

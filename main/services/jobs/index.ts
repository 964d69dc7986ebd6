/** Jobs: long work that is kept in the library, and the news of it and of everything else that windows follow. */
import { AppError, type FeatureHandlers } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { readSettings } from '../shared/app-settings.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import { createWorkQueue, type WorkQueue, type WorkQueueOptions } from './work-queue.ts'

export { createNews, type News } from './news.ts'
export type { Work, WorkQueue } from './work-queue.ts'
export { createWorkTally, type WorkTally } from './work-tally.ts'

export type JobsParts = Pick<WorkQueueOptions, 'news' | 'now' | 'newId'> & {
  readonly access: LibraryAccess
  /** What each kind of job does, in one library. */
  readonly workOf: (library: Library) => Pick<WorkQueueOptions, 'work' | 'giveUpRun'>
}

/** The queue as the other features use it. */
export type Jobs = {
  readonly handlers: FeatureHandlers<'jobs'>
  /** @throws AppError `library.locked` */
  queue(): WorkQueue
  /** The same to look at; null while the library is read-only. */
  queueIfWritable(): WorkQueue | null
  /** Whether videos are being indexed now. */
  isIndexing(): boolean
  /** Stops what runs, so that it goes on with the next use of the queue. */
  stop(): Promise<void>
  /** Ends the calls of those who follow the news. */
  close(): void
}

export function createJobs({ access, news, now, newId, workOf }: JobsParts): Jobs {
  const closing = new AbortController()
  let work: { readonly library: Library; readonly queue: WorkQueue } | undefined

  /** Begins with the first window: the command line leaves unfinished work of windows alone. */
  const queueIfWritable = (): WorkQueue | null => {
    const library = access.view()
    if (library.readOnly) return null
    if (work?.library === library) return work.queue
    const started = createWorkQueue({
      ...{ library, news, now, newId, ...workOf(library) },
      waitsForMains: () => readSettings(library).indexWhen === 'mains',
    })
    work = { library, queue: started }
    // What an older version read wrongly is read anew in the background, once.
    const isOutdated = !library.readings.isCurrent() && library.counts().indexed > 0
    if (isOutdated || library.readings.waiting().length > 0) started.start('index', {})
    return started
  }
  const queue = (): WorkQueue => {
    const library = access.change()
    const ready = queueIfWritable()
    if (ready !== null) return ready
    throw new AppError('library.locked', `Another process is working on the library ${library.dir}. Wait for it.`, {
      dir: library.dir,
    })
  }
  return {
    handlers: {
      watch: async (_, { signal, onEvent }) => {
        const stop = news.listen(onEvent)
        try {
          onEvent({ kind: 'listening' })
          // Who comes late, or again, learns what is going on.
          for (const job of queueIfWritable()?.list() ?? []) {
            if (['pending', 'running', 'paused'].includes(job.state)) onEvent({ kind: 'job', job })
          }
          await aborted(AbortSignal.any([signal, closing.signal]))
          signal.throwIfAborted()
          return {}
        } finally {
          stop()
        }
      },
      jobs: async () => ({ jobs: queueIfWritable()?.list() ?? [] }),
      controlJob: async (input) => ({ job: await queue().control(input) }),
      reportPower: async ({ onBattery }) => queueIfWritable()?.reportPower(onBattery) ?? { held: 0, released: 0 },
    },
    ...{ queue, queueIfWritable },
    isIndexing: () => work?.queue.isIndexing() ?? false,
    async stop() {
      const stopping = work?.queue
      work = undefined
      await stopping?.close()
    },
    close: () => closing.abort(),
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

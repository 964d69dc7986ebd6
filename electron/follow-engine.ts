/**
 * Follows the engine as the window does: jobs, and the settings that concern the shell. Begins anew after each end of the
 * engine, which is also how its unfinished work is taken up again without a window. Runs in Electron's main process.
 */
import { followNews, type Client, type Job, type Settings } from '../main/contract/index.ts'

export type EngineNews = {
  readonly onSettings: (settings: Settings) => void
  readonly onJobs: (jobs: readonly Job[], changed: Job | null, before: Job | undefined) => void
  /** After each new start of the engine, before anything else is asked of it. */
  readonly onStart: () => Promise<void>
}

/** Runs until the signal aborts. */
export async function followEngine(client: Client, news: EngineNews, signal: AbortSignal): Promise<void> {
  let jobs: readonly Job[] = []
  const take = (job: Job): void => {
    const before = jobs.find(({ id }) => id === job.id)
    jobs = [...jobs.filter(({ id }) => id !== job.id), job]
    news.onJobs(jobs, job, before)
  }
  const onOpen = async (): Promise<void> => {
    news.onSettings(await client.settings({}, { signal }))
    jobs = (await client.jobs({}, { signal })).jobs
    news.onJobs(jobs, null, undefined)
  }
  while (!signal.aborted) {
    try {
      await news.onStart()
      await followNews(client, {
        ...{ signal, onOpen },
        onEvent(event) {
          if (event.kind === 'job') take(event.job)
          else if (event.kind === 'change' && event.what.includes('settings')) {
            void client.settings({}, { signal }).then(news.onSettings, () => {}) // asked again after the next start
          }
        },
      })
    } catch {
      // The engine has gone, or has no library that opens: the window says so; here it is tried again.
    }
    await pause(500, signal)
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}

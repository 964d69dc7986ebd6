/** What the engine tells by itself: jobs, epochs, previews, and which lists have changed. Reconnects when it is lost. */
import {
  AppError,
  changeable,
  followNews,
  type Changeable,
  type Client,
  type Counts,
  type Job,
  type ProcedureEvent,
} from '../../../main/contract/index.ts'
import { ConnectionError } from '../api/page-transport.ts'
import { isOutdated } from './job-news.ts'

export type EpochEvent = Extract<ProcedureEvent, { kind: 'epoch' }>
export type PlaybackEvent = Extract<ProcedureEvent, { kind: 'playback' }>

const longestWaitMs = 5000

export class News {
  /** Goes up when a list is out of date: read it in an effect to load the list again. */
  versions = $state<Record<Changeable, number>>(zeroVersions())
  counts = $state.raw<Counts | undefined>()
  jobs = $state.raw<readonly Job[]>([])
  epochs = $state.raw<readonly EpochEvent[]>([])
  playback = $state.raw<PlaybackEvent | undefined>()
  /** `refused`: the engine answers, but its library does not open; `refusal` says why. */
  connection = $state<'starting' | 'open' | 'lost' | 'failed' | 'session' | 'refused'>('starting')
  refusal = $state.raw<AppError | undefined>()
  readonly #client: Client
  readonly #stop = new AbortController()

  constructor(client: Client) {
    this.#client = client
  }

  /** Runs until dispose. @param read after each connection, reads what was missed */
  async follow(read: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop
    let failures = 0
    const onOpen = async (): Promise<void> => {
      await read()
      if (this.connection !== 'starting' && this.connection !== 'open') this.#bump(changeable)
      this.connection = 'open'
      failures = 0
    }
    while (!signal.aborted) {
      try {
        await followNews(this.#client, { signal, onOpen, onEvent: (event) => this.#take(event) })
      } catch (error) {
        // Only our own wish ends it: an engine that closes may end the watch as cancelled.
        if (signal.aborted) return
        this.refusal = error instanceof AppError ? error : undefined
        this.connection = stateAfter(error)
      }
      failures += 1
      await pause(Math.min(longestWaitMs, 250 * 2 ** failures), signal)
    }
  }

  /** Jobs that are not finished, as asked for at the start. */
  setJobs(jobs: readonly Job[]): void {
    this.jobs = jobs
  }

  setJob(job: Job): void {
    if (
      isOutdated(
        job,
        this.jobs.find(({ id }) => id === job.id),
      )
    )
      return
    const others = this.jobs.filter(({ id }) => id !== job.id)
    this.jobs = [job, ...others].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
  }

  dropJob(id: string): void {
    this.jobs = this.jobs.filter((job) => job.id !== id)
  }

  dispose(): void {
    this.#stop.abort()
  }

  #take(event: ProcedureEvent): void {
    if (event.kind === 'job') this.setJob(event.job)
    else if (event.kind === 'epoch') this.epochs = [...this.epochs.filter(({ run }) => run === event.run), event]
    else if (event.kind === 'playback') this.playback = event
    else if (event.kind === 'change') {
      this.counts = event.counts
      this.#bump(event.what)
    }
  }

  #bump(what: readonly Changeable[]): void {
    for (const name of what) this.versions[name] += 1
  }
}

function stateAfter(error: unknown): 'lost' | 'failed' | 'session' | 'refused' {
  if (error instanceof AppError) return 'refused'
  return error instanceof ConnectionError && error.kind !== 'unreachable' ? error.kind : 'lost'
}

function zeroVersions(): Record<Changeable, number> {
  return Object.fromEntries(changeable.map((name) => [name, 0])) as Record<Changeable, number>
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}

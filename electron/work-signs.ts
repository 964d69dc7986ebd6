/** What the system shows of long work: the bar on the window's icon, what is worth a notification, who stays awake. Pure. */
import type { Job, JobKind, Settings, ShellCommand } from '../main/contract/index.ts'
import type { Words } from './words.ts'

/** As `BrowserWindow.setProgressBar` takes it; a fraction of -1 removes the bar. */
export type ProgressBar = { readonly fraction: number; readonly mode: 'none' | 'normal' | 'paused' | 'indeterminate' }

export function progressBarOf(jobs: readonly Job[]): ProgressBar {
  const atWork = jobs.filter(({ state }) => state === 'running' || state === 'pending')
  const shown = atWork[0] ?? jobs.find(({ state }) => state === 'paused')
  if (shown === undefined) return { fraction: -1, mode: 'none' }
  const { progress } = shown
  const fraction = progress?.total ? Math.min(1, progress.done / progress.total) : null
  if (shown.state === 'paused') return { fraction: fraction ?? 0, mode: 'paused' }
  // Above 1 means "unknown" where there is no mode for it.
  return fraction === null ? { fraction: 2, mode: 'indeterminate' } : { fraction, mode: 'normal' }
}

/** Shorter work is noticed anyway. */
const worthTellingMs = 10_000

/** The sentence for a job that has just ended; null when nobody needs to be told. */
export function noticeOf(before: Job | undefined, job: Job, isWindowSeen: boolean, words: Words): string | null {
  const hasEnded = job.state === 'succeeded' || job.state === 'failed'
  if (!hasEnded || before?.state !== 'running' || isWindowSeen) return null
  if (Date.parse(job.updatedAt) - Date.parse(job.createdAt) < worthTellingMs) return null
  return job.state === 'succeeded' ? words.done[job.kind] : words.failed[job.kind]
}

/** Where the user sees what a job has done. */
export function screenOf(kind: JobKind): ShellCommand {
  if (kind === 'train') return 'go.train'
  if (kind === 'answers') return 'go.ask'
  return kind === 'encoder' || kind === 'promote' ? 'go.models' : 'go.library'
}

export type PowerFacts = { readonly isOnBattery: boolean; readonly indexWhen: Settings['indexWhen'] }

/** Whether the computer must not fall asleep by itself. Who saves the battery for indexing saves it here, too. */
export function needsAwake(jobs: readonly Job[], { isOnBattery, indexWhen }: PowerFacts): boolean {
  if (isOnBattery && indexWhen === 'mains') return false
  return jobs.some(({ state }) => state === 'running' || state === 'pending')
}

/** Which of two pieces of news about a job is the newer one: the answer to its start may come after word of its end. Pure. */
import type { Job } from '../../../main/contract/index.ts'

type Dated = Pick<Job, 'state' | 'updatedAt'>

/** Whether `job` says what was so before `known`. */
export function isOutdated(job: Dated, known: Dated | undefined): boolean {
  if (known === undefined || hasEnded(job)) return false
  return job.updatedAt < known.updatedAt || (job.updatedAt === known.updatedAt && hasEnded(known))
}

function hasEnded({ state }: Dated): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled'
}

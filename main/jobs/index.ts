/** Public door of jobs. */
export type { Job, JobError, JobProgress, JobState } from './job.ts'
export {
  createJobQueue,
  type JobContext,
  type JobHandler,
  type JobQueue,
  type JobQueueOptions,
  type JobStore,
} from './queue.ts'
export { isFinished, isLost, nextJobState, type JobEvent } from './next-job-state.ts'

/** Turns whatever was thrown into an exit code and a sentence. */
import { AppError } from '../contract/index.ts'

/** 0 = done, 1 = the work failed or was stopped, 2 = the command line was wrong. */
export type ExitCode = 0 | 1 | 2

export type Failure = {
  readonly exitCode: ExitCode
  readonly code: string
  readonly message: string
  readonly params: Readonly<Record<string, string | number>>
}

/** Bugs are told apart from expected failures by their code `internal`. */
export function describeFailure(error: unknown, aborted: boolean): Failure {
  if (error instanceof AppError) {
    return { exitCode: error.code === 'usage' ? 2 : 1, code: error.code, message: error.message, params: error.params }
  }
  if (aborted || (error instanceof Error && error.name === 'AbortError')) {
    const message = 'Stopped. What was finished is kept; run the same command again to go on.'
    return { exitCode: 1, code: 'cancelled', message, params: {} }
  }
  if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOSPC') {
    const message = 'The disk is full. Free some space and run the same command again; what was finished is kept.'
    return { exitCode: 1, code: 'disk.full', message, params: {} }
  }
  const detail = error instanceof Error ? error.message : String(error)
  const message = `Something went wrong that should not: ${detail.replace(/^internal: /, '')}. Please report it with the output of mama doctor.`
  return { exitCode: 1, code: 'internal', message, params: {} }
}

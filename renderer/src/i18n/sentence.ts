/** Failures as sentences in the user's language. English sentences come from the engine, which knows the names. */
import { AppError, type FailedFile } from '../../../main/contract/index.ts'
import { ConnectionError } from '../api/page-transport.ts'
import type { Messages } from './index.ts'

export function sentenceOf(error: unknown, t: Messages): string {
  if (error instanceof ConnectionError)
    return { session: t.connection.sessionText, failed: t.connection.failedText, unreachable: t.connection.lostText }[
      error.kind
    ]
  if (error instanceof AppError) return t.errors.byCode?.[error.code] ?? error.message
  return t.errors.unknown
}

/** Of a job that stopped: its code is null for a bug. */
export function sentenceOfJob(error: { code: string | null; message: string }, t: Messages): string {
  if (error.code === null) return t.errors.unknown
  return t.errors.byCode?.[error.code] ?? error.message
}

export function sentenceOfRefusal(file: string, failure: Pick<FailedFile, 'reason' | 'message'>, t: Messages): string {
  return t.errors.media?.[failure.reason]?.(file) ?? failure.message
}

/** How a failure travels: code, sentence and params; stacks stay where they were thrown. */
import { AppError, errorCodes, type ErrorCode } from './errors.ts'

/** `code` is one of `errorCodes`, or `cancelled`, or `internal` for a bug. */
export type Failure = {
  readonly code: string
  readonly message: string
  readonly params: Readonly<Record<string, string | number>>
}

/** What the caller's side throws: an AppError, an AbortError, or an Error for a bug. */
export function errorOf({ code, message, params }: Failure): Error {
  if (code === 'cancelled') return new DOMException(message, 'AbortError')
  if (Object.hasOwn(errorCodes, code)) return new AppError(code as ErrorCode, message, params)
  return new Error(message)
}

/** What was thrown, as it may travel. @param aborted whether the caller had cancelled: its failure is then no bug */
export function failureOf(error: unknown, aborted: boolean): Failure {
  if (error instanceof AppError) return { code: error.code, message: error.message, params: error.params }
  if (aborted || (error instanceof Error && error.name === 'AbortError')) {
    return { code: 'cancelled', message: 'Stopped. What was finished is kept.', params: {} }
  }
  if (error instanceof Error && (error as { code?: unknown }).code === 'ENOSPC') {
    const message = 'The disk is full. Free some space and try again; what was finished is kept.'
    return { code: 'disk.full', message, params: {} }
  }
  const detail = (error instanceof Error ? error.message : String(error)).replace(/^internal: /, '')
  return { code: 'internal', message: `Something went wrong that should not: ${detail}. Please report it.`, params: {} }
}

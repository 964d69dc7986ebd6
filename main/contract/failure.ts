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

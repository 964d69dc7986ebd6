/** Assertions about our own code. A failure here is a bug, never the user's mistake. */

/**
 * Throws when `condition` is false. The message is prefixed with `internal:` so that logs and the UI can tell a bug
 * from an expected failure.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal: ${message}`)
}

/** Returns `value`, or throws when it is undefined or null. */
export function defined<T>(value: T | undefined | null, what: string): T {
  assert(value !== undefined && value !== null, `${what} is missing`)
  return value
}

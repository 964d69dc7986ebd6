/** When to start something again that has ended by itself. Pure. */

export type RestartPolicy = {
  /** After this many failures within the span, it stays down. */
  readonly limit: number
  readonly withinMs: number
  /** Wait before the first new start; doubles with each failure in the span. */
  readonly firstDelayMs: number
  readonly longestDelayMs: number
}

export const enginePolicy: RestartPolicy = { limit: 4, withinMs: 300_000, firstDelayMs: 250, longestDelayMs: 4000 }
/** A window that dies again and again would flicker. */
export const windowPolicy: RestartPolicy = { limit: 3, withinMs: 120_000, firstDelayMs: 0, longestDelayMs: 0 }

/**
 * How long to wait before the next start, in milliseconds; null: give up.
 * @param failedAtMs when it failed, ascending, the newest included
 */
export function restartDelayMs(failedAtMs: readonly number[], policy: RestartPolicy): number | null {
  const newest = failedAtMs.at(-1)
  if (newest === undefined) return 0
  const recent = failedAtMs.filter((at) => newest - at < policy.withinMs).length
  if (recent > policy.limit) return null
  return Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (recent - 1))
}

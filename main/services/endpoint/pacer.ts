/** Lets requests go no faster than so many a minute, one place in the row after the other. */

/** @param now milliseconds */
export function createPacer(
  requestsPerMinute: number | null,
  {
    now,
    wait,
    signal,
  }: { now: () => number; wait: (ms: number, signal: AbortSignal) => Promise<void>; signal: AbortSignal },
): () => Promise<void> {
  const gapMs = requestsPerMinute === null ? 0 : 60_000 / requestsPerMinute
  let nextMs = now()
  return async () => {
    const atMs = Math.max(now(), nextMs)
    nextMs = atMs + gapMs
    const waitMs = atMs - now()
    if (waitMs > 0) await wait(waitMs, signal)
  }
}

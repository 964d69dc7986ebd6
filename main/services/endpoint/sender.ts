/** Sends over the app's HTTP client, and makes of its failures what the endpoint understands. */
import { NetworkProblem, type HttpClient } from '../../encoders/index.ts'
import type { Send } from './ports.ts'

export type SendLimits = {
  /** A longer answer is given up. */
  readonly mostBytes: number
  /** An answer that is not whole by then is given up, also one that comes drop by drop. */
  readonly deadlineMs: number
}

/** Silence before an answer begins: models without a graphics card think for minutes. */
export const endpointSilenceMs = 300_000
export const endpointLimits: SendLimits = { mostBytes: 1024 * 1024, deadlineMs: 600_000 }

/** @param client made when first needed */
export function createSender(client: () => HttpClient, limits: SendLimits = endpointLimits): Send {
  return async ({ url, ...request }, signal) => {
    signal.throwIfAborted()
    try {
      return await client().exchange(url, { ...request, ...limits, signal })
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof NetworkProblem)) throw error
      return { problem: error.kind === 'other' ? 'unreachable' : error.kind, detail: error.message }
    }
  }
}

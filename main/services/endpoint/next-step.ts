/** What to do after a request to a vision model has failed. Pure: all decisions about trying again are here. */
import type { EndpointProblem } from '../../contract/index.ts'
import type { Trouble } from './replies.ts'

/** What was tried so far for one request. */
export type Tried = {
  /** Times that each problem came up before. */
  readonly times: Partial<Readonly<Record<EndpointProblem, number>>>
  /** Waited for a model to load, milliseconds. */
  readonly loadingMs: number
  /** With half of the frames. */
  readonly isHalved: boolean
  /** With room for a longer reply. */
  readonly isLonger: boolean
  /** Requests before this one. */
  readonly count: number
}

export const nothingTried: Tried = { times: {}, loadingMs: 0, isHalved: false, isLonger: false, count: 0 }

/** `giveUp`: this request comes to nothing. `stop`: no other one would go better. */
export type NextStep =
  | { readonly kind: 'again'; readonly waitMs: number; readonly tried: Tried }
  | { readonly kind: 'giveUp' }
  | { readonly kind: 'stop' }

/** Large models take minutes to load. */
export const longestLoadingMs = 300_000
const longestWaitMs = 60_000

/** Times that a request is sent again, by problem; those that are not here are not. */
const again: Partial<Record<EndpointProblem, number>> = { unreachable: 3, silent: 1, busy: 6, server: 2, nonsense: 2 }
/** What is wrong with the server or with how it is asked, whatever the picture. */
const lasting: ReadonlySet<EndpointProblem> = new Set([
  'blind',
  'key',
  'address',
  'model',
  'redirected',
  'loading',
  'busy',
  'unreachable',
])

export function nextStep(trouble: Trouble, tried: Tried): NextStep {
  const { problem, isTemporary, retryAfterMs } = trouble
  const times = tried.times[problem] ?? 0
  const next = { ...tried, count: tried.count + 1, times: { ...tried.times, [problem]: times + 1 } }
  const waitMs = Math.min(longestWaitMs, retryAfterMs ?? 1000 * 2 ** times)
  const end: NextStep = { kind: lasting.has(problem) ? 'stop' : 'giveUp' }
  switch (problem) {
    case 'loading': {
      const loadingMs = tried.loadingMs + Math.min(waitMs, 15_000)
      return loadingMs > longestLoadingMs
        ? end
        : { kind: 'again', waitMs: loadingMs - tried.loadingMs, tried: { ...next, loadingMs } }
    }
    case 'context':
      return tried.isHalved ? end : { kind: 'again', waitMs: 0, tried: { ...next, isHalved: true } }
    case 'cutOff':
      return tried.isLonger ? end : { kind: 'again', waitMs: 0, tried: { ...next, isLonger: true } }
    case 'server':
      return isTemporary && times < again.server! ? { kind: 'again', waitMs, tried: next } : end
    default:
      return times < (again[problem] ?? 0) ? { kind: 'again', waitMs, tried: next } : end
  }
}

/**
 * The one place from which anything goes out to the network, through the system's proxy settings: GET requests, with
 * redirects followed a few times and never from https to http; and single exchanges with a server that the customer has
 * named, whose redirects are not followed, because what is sent is meant for that one.
 */
import { EnvHttpProxyAgent, fetch, type Response } from 'undici'

export type HttpClient = {
  /** Follows redirects; the answer's body is not read yet. @throws NetworkProblem, or the abort reason */
  get(
    url: string,
    options: { readonly signal: AbortSignal; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Response>
  /** Redirects are answers like any other. @throws NetworkProblem, or the abort reason */
  exchange(url: string, request: ExchangeRequest): Promise<Exchanged>
  close(): Promise<void>
}

export type ExchangeRequest = {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** An answer that is longer is given up. */
  readonly mostBytes: number
  /** An answer that is not whole by then is given up. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

export type Exchanged = { readonly status: number; readonly retryAfter: string | null; readonly body: string }

/** Why something could not be fetched; `message` is a clause that follows "because". */
export class NetworkProblem extends Error {
  /** Whether it may work a moment later. */
  readonly isTemporary: boolean
  readonly kind: 'silent' | 'tooLong' | 'other'
  constructor(clause: string, options: { cause?: unknown; isTemporary?: boolean; kind?: NetworkProblem['kind'] } = {}) {
    super(clause, { cause: options.cause })
    this.name = 'NetworkProblem'
    this.isTemporary = options.isTemporary ?? false
    this.kind = options.kind ?? 'other'
  }
}

const mostRedirects = 5
const silenceTimeoutMs = 60_000

export type ProxySettings = {
  /** As the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY have them. */
  readonly httpProxy?: string | undefined
  readonly httpsProxy?: string | undefined
  readonly noProxy?: string | undefined
}

/** @param silenceMs a server that says nothing for this long is given up */
export function createHttpClient(proxies: ProxySettings = {}, silenceMs = silenceTimeoutMs): HttpClient {
  const { httpProxy, httpsProxy, noProxy } = proxies
  const dispatcher = new EnvHttpProxyAgent({
    // Empty: no proxy, whatever the environment of the process says; it is the host who reads the environment.
    ...{ httpProxy: httpProxy ?? '', httpsProxy: httpsProxy ?? '', noProxy: noProxy ?? '' },
    ...{ headersTimeout: silenceMs, bodyTimeout: silenceMs },
  })
  return {
    async get(url, { signal, headers = {} }) {
      let target = new URL(url)
      for (let hops = 0; hops <= mostRedirects; hops++) {
        const response = await ask(target, headers, signal)
        const location = response.headers.get('location')
        if (response.status < 300 || response.status >= 400 || location === null) return response
        await response.body?.cancel()
        const next = new URL(location, target)
        if (next.protocol !== 'https:' && next.protocol !== target.protocol) {
          throw new NetworkProblem(
            `${target.host} leads on to an address that is not protected (${next.protocol}//${next.host})`,
          )
        }
        target = next
      }
      throw new NetworkProblem(`${target.host} leads on and on`)
    },
    async exchange(url, { method, headers, body, mostBytes, deadlineMs, signal }) {
      const deadline = AbortSignal.timeout(deadlineMs)
      const { host } = new URL(url)
      try {
        const response = await fetch(url, {
          ...{ dispatcher, method, headers, redirect: 'manual', signal: AbortSignal.any([signal, deadline]) },
          ...(body === undefined ? {} : { body }),
        })
        const { status } = response
        return { status, retryAfter: response.headers.get('retry-after'), body: await textOf(response, mostBytes) }
      } catch (cause) {
        signal.throwIfAborted()
        throw cause instanceof NetworkProblem ? cause : problemOf(cause, host, deadline.aborted)
      }
    },
    // Not `close`, which would wait for servers that hang.
    close: () => dispatcher.destroy(),
  }

  async function ask(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(url, { dispatcher, headers, signal, redirect: 'manual' })
    } catch (cause) {
      signal.throwIfAborted()
      const inner = (cause as Error).cause ?? cause
      const reason = inner instanceof Error ? inner.message || (inner as NodeJS.ErrnoException).code : undefined
      throw new NetworkProblem(`${url.host} cannot be reached (${reason ?? 'unknown reason'})`, {
        cause,
        isTemporary: true,
      })
    }
  }
}

async function textOf(response: Response, mostBytes: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body ?? []) {
    pieces.push(piece as Uint8Array)
    bytes += (piece as Uint8Array).length
    // Leaving the loop cancels what has not arrived.
    if (bytes > mostBytes) throw new NetworkProblem(`the answer is longer than ${mostBytes} bytes`, { kind: 'tooLong' })
  }
  return Buffer.concat(pieces).toString('utf8')
}

function problemOf(cause: unknown, host: string, isTooLate: boolean): NetworkProblem {
  const inner = ((cause as Error).cause ?? cause) as NodeJS.ErrnoException
  const isSilent = isTooLate || ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'].includes(inner.code ?? '')
  const clause = isSilent ? `${host} gives no answer` : `${host} cannot be reached (${inner.message || inner.code})`
  return new NetworkProblem(clause, { cause, isTemporary: true, kind: isSilent ? 'silent' : 'other' })
}

/** @throws NetworkProblem unless the answer is one of `expected` */
export async function expectStatus(response: Response, what: string, ...expected: number[]): Promise<void> {
  if (expected.includes(response.status)) return
  await response.body?.cancel()
  const { status } = response
  if (status === 401 || status === 403) throw new NetworkProblem(`${what} is not open to everybody (${status})`)
  if (status === 404) throw new NetworkProblem(`${what} is not there (404)`)
  throw new NetworkProblem(`the answer for ${what} was ${status}`, { isTemporary: status === 429 || status >= 500 })
}

/**
 * The one place from which anything goes out to the network: GET requests, through the system's proxy settings, with
 * redirects followed a few times and never from https to http.
 */
import { EnvHttpProxyAgent, fetch, type Response } from 'undici'

export type HttpClient = {
  /** Follows redirects; the answer's body is not read yet. @throws NetworkProblem, or the abort reason */
  get(
    url: string,
    options: { readonly signal: AbortSignal; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Response>
  close(): Promise<void>
}

/** Why something could not be fetched; `message` is a clause that follows "because". */
export class NetworkProblem extends Error {
  /** Whether it may work a moment later. */
  readonly isTemporary: boolean
  constructor(clause: string, options: { cause?: unknown; isTemporary?: boolean } = {}) {
    super(clause, { cause: options.cause })
    this.name = 'NetworkProblem'
    this.isTemporary = options.isTemporary ?? false
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

export function createHttpClient(proxies: ProxySettings = {}): HttpClient {
  const { httpProxy, httpsProxy, noProxy } = proxies
  const dispatcher = new EnvHttpProxyAgent({
    // Empty: no proxy, whatever the environment of the process says; it is the host who reads the environment.
    ...{ httpProxy: httpProxy ?? '', httpsProxy: httpsProxy ?? '', noProxy: noProxy ?? '' },
    ...{ headersTimeout: silenceTimeoutMs, bodyTimeout: silenceTimeoutMs },
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
    close: () => dispatcher.close(),
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

/** @throws NetworkProblem unless the answer is one of `expected` */
export async function expectStatus(response: Response, what: string, ...expected: number[]): Promise<void> {
  if (expected.includes(response.status)) return
  await response.body?.cancel()
  const { status } = response
  if (status === 401 || status === 403) throw new NetworkProblem(`${what} is not open to everybody (${status})`)
  if (status === 404) throw new NetworkProblem(`${what} is not there (404)`)
  throw new NetworkProblem(`the answer for ${what} was ${status}`, { isTemporary: status === 429 || status >= 500 })
}

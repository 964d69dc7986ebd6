/** The address of a vision model as customers write it, and the addresses that are asked. Pure. */
import { AppError } from '../../contract/index.ts'

export type EndpointUrls = {
  /** Scheme, host and port: what is shown wherever pictures go out, and what a key belongs to. */
  readonly origin: string
  readonly chat: string
  readonly models: string
  readonly ollamaChat: string
  readonly ollamaVersion: string
}

/**
 * `host:port`, `http://host:port`, `.../v1`, or the whole path of the chat.
 * @throws AppError `usage` for what is no such address, and for one that carries a name, password or key
 */
export function urlsOf(address: string): EndpointUrls {
  const given = address.trim()
  const url = parse(/^[a-z]+:\/\//i.test(given) ? given : `http://${given}`)
  if (url === null) {
    throw new AppError(
      'usage',
      'This is no address of a server. It looks like http://localhost:11434 or https://models.example/v1.',
      {
        field: 'address',
      },
    )
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    const message =
      'The address may hold no name, password or key: it is kept in the library. Give the key in the settings of the desktop app, or as MAMA_ENDPOINT_KEY.'
    throw new AppError('usage', message, { field: 'address' })
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/(chat\/completions|models|api\/chat|api)$/, '')
  const root = path.replace(/\/v\d+$/, '')
  const base = path === root ? `${root}/v1` : path
  return {
    origin: url.origin,
    chat: `${url.origin}${base}/chat/completions`,
    models: `${url.origin}${base}/models`,
    ollamaChat: `${url.origin}${root}/api/chat`,
    ollamaVersion: `${url.origin}${root}/api/version`,
  }
}

function parse(address: string): URL | null {
  if (!URL.canParse(address)) return null
  const url = new URL(address)
  return ['http:', 'https:'].includes(url.protocol) && url.hostname !== '' ? url : null
}

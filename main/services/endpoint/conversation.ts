/** Carries a request to the vision model and tries again as next-step.ts decides. The one place that sends. */
import type { EndpointSettings } from '../../contract/index.ts'
import { urlsOf, type EndpointUrls } from './address.ts'
import { EndpointFailure } from './failure.ts'
import { nextStep, nothingTried, type Tried } from './next-step.ts'
import type { EndpointKey, EndpointOutside, Received } from './ports.ts'
import { isOllama, isTrouble, jsonIn, readModels, readReply, type Said, type Trouble } from './replies.ts'
import { ollamaBody, openAiBody, type Chat } from './requests.ts'

/** A server whose dialect and model are known. */
export type Server = {
  readonly urls: EndpointUrls
  /** Host and port, as it is shown. */
  readonly host: string
  readonly dialect: 'openai' | 'ollama'
  readonly model: string
  /** What it offers; empty where it does not say. */
  readonly models: readonly string[]
  readonly key: EndpointKey | null
  readonly contextTokens: number
}

export type Exchange<T> = {
  /** Told what was tried before: with half of the frames, with a longer reply. Null: there is no picture. */
  readonly chat: (tried: Tried) => Promise<Chat | null>
  /** What the content means; null when it has another form than was asked for. */
  readonly read: (content: string) => T | null
}

export type Answered<T> = { readonly value: T; readonly model: string; readonly tokens: number | null }

type Outside = Pick<EndpointOutside, 'send' | 'keyFor' | 'wait'>

/** Finds out the dialect and the model, where they are not set. @throws EndpointFailure, AppError `usage` */
export async function findServer(outside: Outside, settings: EndpointSettings, signal: AbortSignal): Promise<Server> {
  const urls = urlsOf(settings.address)
  const key = outside.keyFor(urls.origin)
  const get = (url: string): Promise<Received> => outside.send({ method: 'GET', url, headers: headersOf(key) }, signal)
  const isNative = settings.dialect === 'auto' ? isOllama(await get(urls.ollamaVersion)) : settings.dialect === 'ollama'
  const models = readModels(await get(urls.models))
  return {
    ...{ urls, key, models, contextTokens: settings.contextTokens, host: urls.origin },
    dialect: isNative ? 'ollama' : 'openai',
    model: settings.model.trim() || (models[0] ?? ''),
  }
}

/**
 * @param pace resolves when a request may be sent
 * @throws EndpointFailure; the abort reason
 */
export async function converse<T>(
  outside: Outside,
  server: Server,
  exchange: Exchange<T>,
  signal: AbortSignal,
  pace: () => Promise<void> = async () => undefined,
): Promise<Answered<T>> {
  let tried = nothingTried
  for (;;) {
    signal.throwIfAborted()
    const chat = await exchange.chat(tried)
    if (chat === null) throw new EndpointFailure('picture', server.host, '', false)
    await pace()
    const reply = readReply(await outside.send(sentOf(server, chat), signal))
    signal.throwIfAborted()
    const result = isTrouble(reply) ? reply : understood(reply, exchange.read)
    if (!isTrouble(result as Said | Trouble))
      return { ...(result as Answered<T>), model: modelOf(reply as Said, server) }
    const trouble = result as Trouble
    const step = nextStep(trouble, tried)
    if (step.kind !== 'again') {
      const detail = withoutKey(trouble.detail, server.key)
      throw new EndpointFailure(trouble.problem, server.host, detail, step.kind === 'stop')
    }
    tried = step.tried
    if (step.waitMs > 0) await outside.wait(step.waitMs, signal)
  }
}

function understood<T>(said: Said, read: (content: string) => T | null): Omit<Answered<T>, 'model'> | Trouble {
  // A JSON document that is whole is whole, however the reply ended.
  const isWhole = !said.isCutOff || jsonIn(said.content) !== undefined
  const value = isWhole ? read(said.content) : null
  if (value !== null) return { value, tokens: said.tokens }
  return { problem: isWhole ? 'nonsense' : 'cutOff', detail: '', retryAfterMs: null, isTemporary: false }
}

function sentOf(
  server: Server,
  chat: Chat,
): { method: 'POST'; url: string; headers: Record<string, string>; body: string } {
  const { urls, dialect, model, key, contextTokens } = server
  const isNative = dialect === 'ollama'
  return {
    ...{ method: 'POST', url: isNative ? urls.ollamaChat : urls.chat, headers: headersOf(key) },
    body: isNative ? ollamaBody(model, chat, contextTokens) : openAiBody(model, chat),
  }
}

function headersOf(key: EndpointKey | null): Record<string, string> {
  return {
    ...{ 'content-type': 'application/json', accept: 'application/json' },
    ...(key === null ? {} : { authorization: `Bearer ${key.key}` }),
  }
}

function modelOf({ model }: Said, server: Server): string {
  return (model || server.model || 'unknown').slice(0, 200)
}

/** Servers quote the key that they refuse; what they say is shown and kept. */
function withoutKey(text: string, key: EndpointKey | null): string {
  if (key === null) return text
  const parts = [key.key, key.key.slice(0, 8), key.key.slice(-4)].filter((part) => part.length >= 4)
  return parts.reduce((cleaned, part) => cleaned.replaceAll(part, '(key)'), text)
}

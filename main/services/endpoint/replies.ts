/**
 * Replies of vision models: what was said, or what went wrong, in any of the forms that the servers have. Pure; whatever
 * a server says is bounded and held for text only.
 */
import { z } from 'zod'
import type { EndpointProblem } from '../../contract/index.ts'
import type { Received } from './ports.ts'

export type Said = {
  readonly content: string
  /** As the server calls it; null where it does not say. */
  readonly model: string | null
  /** Of the question and the reply; null where it does not say. */
  readonly tokens: number | null
  /** It ended because it was long enough, not because all was said. */
  readonly isCutOff: boolean
}

export type Trouble = {
  readonly problem: EndpointProblem
  /** A clause of the server's, on one line and short; may be empty. */
  readonly detail: string
  /** When the server asks to be asked again; null where it does not say. */
  readonly retryAfterMs: number | null
  /** Whether it may go better a moment later, where the problem alone does not say. */
  readonly isTemporary: boolean
}

const errorSchema = z.union([
  z.string().transform((message) => ({ message, type: '', code: '' })),
  z.object({
    message: z.string().catch(''),
    type: z.string().catch(''),
    code: z.union([z.string(), z.number()]).catch(''),
    n_prompt_tokens: z.number().optional().catch(undefined),
    n_ctx: z.number().optional().catch(undefined),
  }),
])
type ServerError = z.infer<typeof errorSchema>

/** Text, or a list of parts that hold texts. */
const contentSchema = z
  .union([
    z.string(),
    z.array(z.object({ text: z.string().catch('') })).transform((parts) => parts.map(({ text }) => text).join('')),
  ])
  .nullish()
  .transform((content) => content ?? '')

const messageSchema = z.object({ content: contentSchema.catch('') })

const openAiSchema = z.object({
  model: z.string().optional().catch(undefined),
  choices: z
    .array(
      z.object({
        message: messageSchema.optional().catch(undefined),
        delta: messageSchema.optional().catch(undefined),
        finish_reason: z.string().nullish().catch(null),
      }),
    )
    .catch([]),
  usage: z.object({ total_tokens: z.number() }).nullish().catch(null),
})

const ollamaSchema = z.object({
  model: z.string().optional().catch(undefined),
  message: messageSchema,
  done: z.boolean(),
  done_reason: z.string().optional().catch(undefined),
  prompt_eval_count: z.number().optional().catch(undefined),
  eval_count: z.number().optional().catch(undefined),
})

const longestDetail = 200

export function readReply(received: Received): Said | Trouble {
  if ('problem' in received) return trouble(received.problem, received.detail)
  const { status, body } = received
  if (status >= 300 && status < 400) return trouble('redirected', '')
  const documents = documentsOf(body)
  const error = documents.map(errorIn).find((found) => found !== null) ?? null
  if (error !== null || status >= 400) {
    return classify(status, error ?? { message: '', type: '', code: '' }, retryAfterMs(received.retryAfter))
  }
  return openAiReply(documents) ?? ollamaReply(documents) ?? trouble('nonsense', 'the answer is no chat reply')
}

export function isTrouble(reply: Said | Trouble): reply is Trouble {
  return 'problem' in reply
}

/** Names of the models that a server lists; empty where it does not. */
export function readModels(received: Received): string[] {
  if ('problem' in received || received.status !== 200) return []
  const [document] = documentsOf(received.body)
  const listed = z
    .object({
      data: z.array(
        z
          .object({ id: z.string().max(200) })
          .nullable()
          .catch(null),
      ),
    })
    .safeParse(document)
  return (listed.data?.data ?? []).flatMap((model) => (model === null ? [] : [model.id])).slice(0, 200)
}

/** Whether it is Ollama's own answer about its version. */
export function isOllama(received: Received): boolean {
  if ('problem' in received || received.status !== 200) return false
  return z.object({ version: z.string() }).safeParse(documentsOf(received.body)[0]).success
}

/** The JSON that a model was asked for: thoughts and fences around it are taken away. Undefined for anything else. */
export function jsonIn(content: string): unknown {
  const said = withoutThoughts(content)
  const inner = said.replace(/^```(?:json)?\s*|\s*```$/g, '')
  const from = inner.indexOf('{')
  const to = inner.lastIndexOf('}')
  for (const text of [inner, from >= 0 && to > from ? inner.slice(from, to + 1) : '']) {
    try {
      const value: unknown = JSON.parse(text)
      if (typeof value === 'object' && value !== null) return value
    } catch {
      // The next form is tried.
    }
  }
  return undefined
}

/** What is said beside the thoughts that some models put into their answers. */
export function withoutThoughts(content: string): string {
  return content.replace(/<think(?:ing)?>[\s\S]*?(?:<\/think(?:ing)?>|$)/gi, '').trim()
}

export function oneLine(text: string, longest = longestDetail): string {
  const flat = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return flat.length <= longest ? flat : `${flat.slice(0, longest - 1)}…`
}

/** One JSON document, or several: server-sent events, or one a line. What is none of them is left out. */
function documentsOf(body: string): unknown[] {
  const whole = parse(body)
  if (whole !== undefined) return [whole]
  return body.split(/\r?\n/).flatMap((line) => {
    const document = parse(line.replace(/^data:\s*/, ''))
    return document === undefined ? [] : [document]
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function errorIn(document: unknown): ServerError | null {
  if (typeof document !== 'object' || document === null) return null
  const { error } = document as { error?: unknown }
  return error === undefined || error === null
    ? null
    : (errorSchema.safeParse(error).data ?? { message: '', type: '', code: '' })
}

/** @param status of the answer; an error inside a stream comes under 200 */
function classify(status: number, error: ServerError, retryAfter: number | null): Trouble {
  const { message } = error
  const code = status >= 400 ? status : Number(error.code) || 500
  const counts =
    'n_prompt_tokens' in error && error.n_prompt_tokens !== undefined
      ? `${error.n_prompt_tokens} tokens, ${error.n_ctx ?? 'unknown'} fit`
      : oneLine(message)
  const is = (problem: EndpointProblem, detail = oneLine(message), isTemporary = false): Trouble => ({
    ...{ problem, detail, retryAfterMs: retryAfter, isTemporary },
  })
  if (
    /image input is not supported|(does not|doesn't|cannot|can't) (support|process|accept|see).{0,20}(image|vision)|missing data required for image input|mmproj/i.test(
      message,
    )
  )
    return is('blind')
  if (
    error.type === 'exceed_context_size_error' ||
    code === 413 ||
    /exceed\w*.{0,40}context|context (length|size|window)/i.test(message)
  )
    return is('context', counts)
  if (/loading model/i.test(message) || (code === 503 && !/busy|overload/i.test(message))) return is('loading')
  if (code === 429 || code === 503) return is('busy')
  if (code === 401 || code === 403) return is('key')
  if (code === 404 && /model/i.test(message)) return is('model')
  if (code === 404 || code === 405) return is('address')
  return is('server', oneLine(message) || `status ${code}`, code >= 500)
}

function openAiReply(documents: readonly unknown[]): Said | Trouble | null {
  const replies = documents
    .map((document) => openAiSchema.safeParse(document).data)
    .filter((reply) => reply !== undefined)
  const choices = replies.flatMap((reply) => reply.choices.slice(0, 1))
  if (choices.length === 0) return null
  const ending = choices.findLast(({ finish_reason }) => (finish_reason ?? null) !== null)?.finish_reason
  // A whole reply may leave it out; a stream without it stopped half-way.
  if (ending === undefined && choices.some(({ delta }) => delta !== undefined)) return halfWay
  return {
    content: choices.map(({ message, delta }) => message?.content ?? delta?.content ?? '').join(''),
    model: replies.find(({ model }) => model !== undefined)?.model ?? null,
    tokens: replies.findLast(({ usage }) => (usage ?? null) !== null)?.usage?.total_tokens ?? null,
    isCutOff: ending === 'length',
  }
}

function ollamaReply(documents: readonly unknown[]): Said | Trouble | null {
  const replies = documents
    .map((document) => ollamaSchema.safeParse(document).data)
    .filter((reply) => reply !== undefined)
  const last = replies.at(-1)
  if (last === undefined) return null
  if (!last.done) return halfWay
  const tokens = (last.prompt_eval_count ?? 0) + (last.eval_count ?? 0)
  return {
    content: replies.map(({ message }) => message.content).join(''),
    model: last.model ?? null,
    tokens: tokens === 0 ? null : tokens,
    isCutOff: last.done_reason === 'length',
  }
}

const halfWay: Trouble = trouble('unreachable', 'the answer stopped half-way', true)

function trouble(problem: EndpointProblem, detail: string, isTemporary = false): Trouble {
  return { problem, detail: oneLine(detail), retryAfterMs: null, isTemporary }
}

/** Seconds, as servers say it; dates are passed over. */
function retryAfterMs(header: string | null): number | null {
  const seconds = header === null ? NaN : Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null
}

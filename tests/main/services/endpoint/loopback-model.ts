/** A vision model on the loopback address that speaks as four servers do, checks how it is asked, and can misbehave. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export const serverKinds = ['llama.cpp', 'Ollama', 'LM Studio', 'vLLM'] as const
export type ServerKind = (typeof serverKinds)[number]

/** A request for a chat, in the same words whatever the dialect. */
export type Asked = {
  readonly path: string
  readonly authorization: string | undefined
  /** Texts and pictures in order, as they were sent. */
  readonly parts: readonly ({ text: string } | { jpeg: Buffer })[]
  /** Null where none was given in the form that this server reads. */
  readonly schema: { properties: Record<string, { items?: { enum?: string[] } }> } | null
  readonly body: Record<string, unknown>
  /** Chats that were asked for before. */
  readonly count: number
}

/** Decides about one chat; true: it has answered. */
export type Mischief = (asked: Asked, response: ServerResponse) => boolean

export type LoopbackModel = {
  readonly url: string
  readonly host: string
  /** Chats, in order. */
  readonly asked: Asked[]
  /** All requests, those for lists too. */
  requests: number
  /** What the model says: a JSON string where it was given a schema. */
  say: (asked: Asked) => string
  mischief: Mischief
  /** Where the answer of `say` goes out; a server that waits can be let go on. */
  gate: Promise<void>
  close(): Promise<void>
}

export async function startModel(kind: ServerKind = 'llama.cpp'): Promise<LoopbackModel> {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => void handle(request, response))
  const model: LoopbackModel = {
    ...{ url: '', host: '', asked: [], requests: 0, say: sayAsAsked, mischief: () => false, gate: Promise.resolve() },
    close: () => stop(server, sockets),
  }
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    model.requests += 1
    const { pathname } = new URL(request.url!, model.host)
    if (request.method === 'GET') return list(kind, pathname, response)
    const body = JSON.parse(await textOf(request)) as Record<string, unknown>
    const isNative = pathname === '/api/chat'
    if (isNative ? kind !== 'Ollama' : pathname !== '/v1/chat/completions') {
      return json(response, 404, { error: 'there is nothing here' })
    }
    const asked: Asked = {
      ...{ path: pathname, authorization: request.headers.authorization, body, count: model.asked.length },
      ...{ parts: partsOf(body, isNative), schema: schemaOf(kind, body, isNative) },
    }
    model.asked.push(asked)
    if (model.mischief(asked, response)) return
    await model.gate
    const problem = refusalOf(kind, asked)
    if (problem !== null) return fail(kind, response, 400, problem)
    answer(response, isNative, model.say(asked))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  Object.assign(model, { url, host: url })
  return model
}

/** An error in the form of each server; Ollama's own dialect has the bare text. */
export function fail(
  kind: ServerKind,
  response: ServerResponse,
  status: number,
  message: string,
  type = 'invalid_request_error',
  more: object = {},
): void {
  const forms: Record<ServerKind, object> = {
    'llama.cpp': { error: { code: status, message, type, ...more } },
    vLLM: { error: { message, type, param: null, code: status } },
    Ollama: { error: message },
    'LM Studio': { error: message },
  }
  json(response, status, forms[kind])
}

export function json(response: ServerResponse, status: number, content: unknown, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content))
}

/** A reply with the thoughts where each dialect has them. */
export function answer(response: ServerResponse, isNative: boolean, content: string, ending = 'stop'): void {
  if (isNative) {
    const message = { role: 'assistant', content, thinking: 'I see a grid.' }
    return json(response, 200, {
      ...{ model: 'sees-well', message, done: true, done_reason: ending, prompt_eval_count: 900, eval_count: 30 },
    })
  }
  const message = {
    role: 'assistant',
    content,
    reasoning_content: 'Hmm. {"description": "a thought"}',
    reasoning: 'Hmm.',
  }
  json(response, 200, {
    ...{
      id: 'chat-1',
      object: 'chat.completion',
      model: 'sees-well',
      choices: [{ index: 0, message, finish_reason: ending }],
    },
    usage: { prompt_tokens: 900, completion_tokens: 30, total_tokens: 930 },
  })
}

/** Answers each of our questions as a good model would. */
export function sayAsAsked({ schema, count }: Asked): string {
  // A server that has read no schema lets its model chat.
  if (schema === null) return 'Well, let me tell you about the picture.\n\nThere is a lot to see in it.'
  const { properties } = schema
  if ('colour' in properties) return JSON.stringify({ colour: 'red' })
  if ('citations' in properties) {
    return JSON.stringify({
      answerable: true,
      answer: 'It is red.',
      citations: [properties['citations'].items!.enum![0]],
    })
  }
  return JSON.stringify({ description: `A hand turns item ${count} in the image.` })
}

function list(kind: ServerKind, path: string, response: ServerResponse): void {
  if (path === '/v1/models')
    return json(response, 200, { object: 'list', data: [{ id: 'sees-well' }, { id: 'reads-only' }] })
  if (path === '/api/version') {
    if (kind === 'Ollama') return json(response, 200, { version: '0.13.0' })
    // LM Studio says so under 200.
    if (kind === 'LM Studio') return json(response, 200, { error: 'Unexpected endpoint or method. (GET /api/version)' })
  }
  json(response, 404, { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } })
}

/** What the real servers refuse. */
function refusalOf(kind: ServerKind, { parts, path, body }: Asked): string | null {
  const pictures = parts.filter((part) => 'jpeg' in part)
  if (pictures.some(({ jpeg }) => jpeg.readUInt16BE(0) !== 0xffd8)) return 'this is no JPEG'
  if (body['stream'] !== false) return 'streams are not asked for here'
  // Its /v1 stays at 4k tokens of context.
  if (kind === 'Ollama' && path !== '/api/chat' && pictures.length > 4) return 'the prompt exceeds the context length'
  return null
}

function partsOf(body: Record<string, unknown>, isNative: boolean): Asked['parts'] {
  const [message] = body['messages'] as [{ content: unknown; images?: string[] }]
  if (isNative) {
    const images = (message.images ?? []).map((image) => ({ jpeg: Buffer.from(image, 'base64') }))
    return [{ text: message.content as string }, ...images]
  }
  return (message.content as { type: string; text?: string; image_url?: { url: string } }[]).map((part) => {
    const url = /^data:image\/jpeg;base64,([\w+/=]+)$/.exec(part.image_url?.url ?? '')
    return part.type === 'text' ? { text: part.text! } : { jpeg: Buffer.from(url?.[1] ?? '????', 'base64') }
  })
}

/** Only the nested form is read; Ollama's own dialect has it elsewhere. */
function schemaOf(kind: ServerKind, body: Record<string, unknown>, isNative: boolean): Asked['schema'] {
  if (isNative) return (body['format'] as Asked['schema']) ?? null
  const format = body['response_format'] as {
    type?: string
    json_schema?: { name?: string; strict?: boolean; schema?: Asked['schema'] }
  }
  const isNamed = format?.json_schema?.name !== undefined && format.json_schema.strict === true
  return format?.type === 'json_schema' && isNamed ? (format.json_schema!.schema ?? null) : null
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}

function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  return new Promise((resolve) => server.close(() => resolve()))
}

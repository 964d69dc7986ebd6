/** Requests to a vision model in the two dialects, as bodies to send. Pure. */

export type ChatPart = { readonly text: string } | { readonly jpeg: Uint8Array }

export type Chat = {
  readonly parts: readonly ChatPart[]
  /** The form of the reply. */
  readonly schema: { readonly name: string; readonly schema: object }
  /** Tokens of the reply, thoughts included. */
  readonly maxTokens: number
  readonly temperature: number
}

/** What all servers take (docs/ENDPOINT.md): the schema nested, pictures as data URLs of JPEG, no stream. */
export function openAiBody(model: string, { parts, schema, maxTokens, temperature }: Chat): string {
  const content = parts.map((part) =>
    'text' in part
      ? { type: 'text', text: part.text }
      : { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${base64(part.jpeg)}` } },
  )
  return JSON.stringify({
    ...{ model, messages: [{ role: 'user', content }], stream: false, temperature, max_tokens: maxTokens },
    response_format: { type: 'json_schema', json_schema: { name: schema.name, strict: true, schema: schema.schema } },
  })
}

/** Ollama's own: one text with all pictures beside it, and the only place where its context can be set. */
export function ollamaBody(
  model: string,
  { parts, schema, maxTokens, temperature }: Chat,
  contextTokens: number,
): string {
  const images = parts.flatMap((part) => ('jpeg' in part ? [base64(part.jpeg)] : []))
  let shown = 0
  const lines = parts.map((part) => ('text' in part ? part.text : `[picture ${++shown}]`))
  // One picture needs no number.
  const content = lines.filter((line) => images.length > 1 || !line.startsWith('[picture ')).join('\n')
  return JSON.stringify({
    ...{ model, messages: [{ role: 'user', content, images }], stream: false, format: schema.schema },
    options: { num_ctx: contextTokens, num_predict: maxTokens, temperature },
  })
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

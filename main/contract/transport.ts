/**
 * Handlers and clients derived from the table of procedures. A transport only moves plain data; both ends parse it with
 * the same schemas, so that a wrong message fails at the border and names the field.
 */
import { z } from 'zod'
import { AppError } from './errors.ts'
import {
  procedures,
  type Features,
  type ProcedureInput,
  type ProcedureName,
  type ProcedureOutput,
  type ProcedureRequest,
  type Procedures,
} from './procedures.ts'
import { eventSchema, type ProcedureEvent } from './progress.ts'

export type CallContext = { readonly signal: AbortSignal; readonly onEvent: (event: ProcedureEvent) => void }

/** One function for each procedure; input has been parsed, defaults are filled in. */
export type Handlers = {
  readonly [N in ProcedureName]: (input: ProcedureInput<N>, context: CallContext) => Promise<ProcedureOutput<N>>
}

/** The handlers of one feature. */
export type FeatureHandlers<F extends keyof Features> = Pick<Handlers, keyof Features[F] & ProcedureName>

/** The two verbs that a transport carries. Aborting the signal sends a cancel message to the other side. */
export type Transport = {
  call(name: ProcedureName, input: unknown, options: { signal?: AbortSignal }): Promise<unknown>
  stream(
    name: ProcedureName,
    input: unknown,
    options: { signal?: AbortSignal; onEvent: (event: unknown) => void },
  ): Promise<unknown>
}

type ClientOptions<N extends ProcedureName> = Procedures[N]['verb'] extends 'stream'
  ? { signal?: AbortSignal; onEvent?: (event: ProcedureEvent) => void }
  : { signal?: AbortSignal }

export type Client = {
  readonly [N in ProcedureName]: (input: ProcedureRequest<N>, options?: ClientOptions<N>) => Promise<ProcedureOutput<N>>
}

export function isProcedureName(name: string): name is ProcedureName {
  return Object.hasOwn(procedures, name)
}

/** Parses a request; throws `usage` that names the first wrong field. */
export function parseRequest<N extends ProcedureName>(name: N, input: unknown): ProcedureInput<N> {
  const parsed = procedures[name].input.safeParse(input)
  if (parsed.success) return parsed.data as ProcedureInput<N>
  const issue = parsed.error.issues[0]
  const field = issue?.path.join('.') ?? ''
  throw new AppError('usage', `${name}: ${field === '' ? '' : `${field}: `}${issue?.message ?? 'wrong input'}.`, {
    field,
  })
}

/** Runs one procedure on raw input: parse, handle. The output of our own handlers is trusted (their type is checked). */
export async function dispatch(
  handlers: Handlers,
  name: ProcedureName,
  input: unknown,
  context: CallContext,
): Promise<unknown> {
  const handler = handlers[name] as (input: unknown, context: CallContext) => Promise<unknown>
  const parsed = parseRequest(name, input)
  context.signal.throwIfAborted()
  return handler(parsed, context)
}

/** A client with one typed function for each procedure, over any transport. */
export function createClient(transport: Transport): Client {
  const entries = (Object.keys(procedures) as ProcedureName[]).map((name) => {
    const { verb, output } = procedures[name]
    const invoke = async (
      input: unknown,
      options: { signal?: AbortSignal; onEvent?: (event: ProcedureEvent) => void } = {},
    ): Promise<unknown> => {
      const signal = options.signal === undefined ? {} : { signal: options.signal }
      if (verb === 'call') return parse(output, await transport.call(name, input, signal), name)
      const onEvent = (event: unknown): void => options.onEvent?.(parse(eventSchema, event, name))
      return parse(output, await transport.stream(name, input, { ...signal, onEvent }), name)
    }
    return [name, invoke]
  })
  return Object.fromEntries(entries) as Client
}

/** Carries calls to handlers of the same process, through a structured clone: what does not travel fails in tests too. */
export function createLocalTransport(handlers: Handlers): Transport {
  const never = new AbortController().signal
  const send = (
    name: ProcedureName,
    input: unknown,
    signal: AbortSignal = never,
    onEvent: (event: unknown) => void = () => {},
  ): Promise<unknown> =>
    dispatch(handlers, name, structuredClone(input), {
      signal,
      onEvent: (event) => onEvent(structuredClone(event)),
    }).then((value) => structuredClone(value))
  return {
    call: (name, input, { signal }) => send(name, input, signal),
    stream: (name, input, { signal, onEvent }) => send(name, input, signal, onEvent),
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown, name: string): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Error(`internal: ${name} answered with the wrong form: ${z.prettifyError(parsed.error)}`)
}

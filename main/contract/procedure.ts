/** What a procedure is: its verb, input, output and a summary. The tables of procedures are built with these two functions. */
import type { z } from 'zod'

/** `call` gives one answer; `stream` gives events (main/contract/progress.ts) and then one answer. */
export type Verb = 'call' | 'stream'

export type Procedure<V extends Verb = Verb, I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> = {
  readonly verb: V
  readonly summary: string
  readonly input: I
  readonly output: O
}

export function call<I extends z.ZodType, O extends z.ZodType>(
  summary: string,
  input: I,
  output: O,
): Procedure<'call', I, O> {
  return { verb: 'call', summary, input, output }
}

export function stream<I extends z.ZodType, O extends z.ZodType>(
  summary: string,
  input: I,
  output: O,
): Procedure<'stream', I, O> {
  return { verb: 'stream', summary, input, output }
}

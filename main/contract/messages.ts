/**
 * The contract as messages, for transports that have a channel and no requests: asks and cancels one way, events, results
 * and failures the other. Both ends check what arrives.
 */
import { z } from 'zod'
import { isProcedureName } from './transport.ts'
import type { ProcedureName } from './procedures.ts'

const id = z.number().int().min(1)
const name = z.string().max(64).refine(isProcedureName, 'is no procedure') as unknown as z.ZodType<ProcedureName>

export const askSchema = z.strictObject({ kind: z.literal('ask'), id, name, input: z.unknown() })
export const cancelSchema = z.strictObject({ kind: z.literal('cancel'), id })

/** To whoever serves the contract. An id is never used twice on one channel. */
export const requestSchema = z.discriminatedUnion('kind', [askSchema, cancelSchema])

/** Back to the caller. `result` and `failure` are the last ones of their id. */
export const replySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('event'), id, event: z.unknown() }),
  z.strictObject({ kind: z.literal('result'), id, value: z.unknown() }),
  z.strictObject({
    kind: z.literal('failure'),
    id,
    code: z.string().max(64),
    message: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
])

export type Request = z.infer<typeof requestSchema>
export type Reply = z.infer<typeof replySchema>

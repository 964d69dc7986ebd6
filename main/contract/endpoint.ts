/**
 * A vision model of the customer's behind an OpenAI-compatible address: off until it is set. It answers open questions
 * from frames and writes descriptions of shots that nobody has described. Keys are no part of this: they never reach the
 * library (docs/ENDPOINT.md).
 */
import { z } from 'zod'
import { jobSchema } from './jobs.ts'
import { call, stream } from './procedure.ts'

const empty = z.strictObject({})
const id = z.string().min(1)

/** `auto`: found out by asking; `openai`: /v1/chat/completions; `ollama`: its own /api/chat, which can set the context. */
export const endpointDialects = ['auto', 'openai', 'ollama'] as const

/** Why a call came to nothing, in words that a window translates. */
export const endpointProblems = [
  'unreachable',
  'silent',
  'loading',
  'busy',
  'redirected',
  'key',
  'address',
  'model',
  'blind',
  'context',
  'tooLong',
  'cutOff',
  'nonsense',
  'server',
  'picture',
] as const

const settingsSchema = z.object({
  /** False: nothing is ever sent. */
  isOn: z.boolean(),
  /** As the customer gave it; empty: none. Holds no key. */
  address: z.string().max(500),
  /** Empty: the first that the server offers. */
  model: z.string().max(200),
  dialect: z.enum(endpointDialects),
  /** Tokens of context that Ollama is asked for. */
  contextTokens: z.number().int().min(1024).max(1_048_576),
  /** Requests at a time. */
  concurrency: z.number().int().min(1).max(16),
  /** Null: no limit. */
  requestsPerMinute: z.number().int().min(1).max(6000).nullable(),
  /** What the customer pays for a million tokens, in the customer's own currency; null: nothing or unknown. */
  pricePerMillionTokens: z.number().min(0).max(10_000).nullable(),
})

const endpointSchema = settingsSchema.extend({
  /** Where pictures would go: scheme, host and port; null without an address. */
  host: z.string().nullable(),
  /** Where the key of this address is kept; null: there is none. `session`: until the app ends, because the system has no keychain. */
  keyFrom: z.enum(['environment', 'keychain', 'session']).nullable(),
  /** Whether the settings allow anything to go out. */
  isNetworkingAllowed: z.boolean(),
  /** Descriptions that a model has written. */
  generatedDescriptions: z.number().int(),
})

/** `untrusted`: shots without an exemplar and without a text of the user's; `undescribed`: only those without any description. */
export const descriptionScopes = ['untrusted', 'undescribed'] as const
const scope = z.enum(descriptionScopes).default('untrusted')

/** Lets this one call out although the settings do not allow networking. */
const allowNetwork = z.boolean().default(false)

const writtenSchema = z.object({
  written: z.number().int(),
  /** Shots that got none, with the reason. */
  failed: z.array(
    z.object({ segment: z.string(), file: z.string(), reason: z.enum(endpointProblems), message: z.string() }),
  ),
  host: z.string(),
  model: z.string(),
  tokens: z.number(),
  elapsedSeconds: z.number(),
})

export const endpointProcedures = {
  endpoint: call(
    'The vision model of the customer: whether it is on, where it is, and whether it has a key.',
    empty,
    endpointSchema,
  ),
  changeEndpoint: call(
    'Change where the vision model is and how it is asked. An address with a name, password or key in it is refused.',
    settingsSchema.partial().strict(),
    endpointSchema,
  ),
  testEndpoint: call(
    'Ask the vision model about a tiny picture: whether it is there, answers in the form asked for, and can see.',
    z.strictObject({ allowNetwork }),
    z.object({
      host: z.string(),
      dialect: z.enum(['openai', 'ollama']),
      model: z.string(),
      /** What the server offers; empty where it does not say. */
      models: z.array(z.string()),
      seconds: z.number(),
    }),
  ),
  estimateDescriptions: call(
    'How many shots would be described, how long that takes and what it costs. Sends nothing.',
    z.strictObject({ scope, limit: z.number().int().min(1).optional() }),
    z.object({
      shots: z.number().int(),
      videos: z.number().int(),
      estimatedSeconds: z.number(),
      tokens: z.number(),
      /** In the currency of the price; null without a price. */
      cost: z.number().nullable(),
      /** `here`: measured with this model before; `typical`: a guess. */
      estimatedFrom: z.enum(['here', 'typical']),
      host: z.string().nullable(),
      model: z.string(),
    }),
  ),
  generateDescriptions: stream(
    'Let the vision model describe shots without a trusted text. Whatever was written is kept; called again, it goes on.',
    z.strictObject({ scope, limit: z.number().int().min(1).optional(), allowNetwork }),
    writtenSchema,
  ),
  startDescriptions: call(
    'The same as a job that can be paused and goes on after a crash.',
    z.strictObject({ scope }),
    z.object({ job: jobSchema }),
  ),
  removeDescriptions: call(
    'Remove all descriptions that a model has written.',
    empty,
    z.object({ removed: z.number().int() }),
  ),
  askEndpoint: call(
    'Ask the vision model a question about moments. The answer names the frames that show it; one without is unproven.',
    z.strictObject({
      question: z.string().trim().min(1).max(1000),
      /** Best first; at most five are looked at. */
      moments: z
        .array(z.strictObject({ video: id, start: z.number().min(0), end: z.number().min(0) }))
        .min(1)
        .max(50),
      allowNetwork,
    }),
    z.object({
      answerable: z.boolean(),
      answer: z.string(),
      citations: z.array(z.object({ name: z.string(), video: z.string(), seconds: z.number() })),
      /** Whether the answer cites at least one frame that it was shown. */
      isProven: z.boolean(),
      host: z.string(),
      model: z.string(),
      /** Frames that were sent. */
      frames: z.number().int(),
      seconds: z.number(),
    }),
  ),
} as const

export type EndpointSettings = z.infer<typeof settingsSchema>
export type EndpointInfo = z.infer<typeof endpointSchema>
export type EndpointDialect = (typeof endpointDialects)[number]
export type EndpointProblem = (typeof endpointProblems)[number]
export type DescriptionScope = (typeof descriptionScopes)[number]
export const endpointSettingsSchema = settingsSchema

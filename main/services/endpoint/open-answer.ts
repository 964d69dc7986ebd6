/**
 * Open questions: frames of the best moments, each named by a text before it, go to the vision model; back come an answer
 * and the names of the frames that show it. What cites no frame that was sent is unproven.
 */
import { z } from 'zod'
import { converse, type Server } from './conversation.ts'
import type { EndpointOutside } from './ports.ts'
import { jsonIn, oneLine } from './replies.ts'
import type { Chat } from './requests.ts'

/** A moment of a video that may show the answer. */
export type AnswerMoment = {
  readonly videoId: string
  readonly path: string
  /** As it is shown to the model. */
  readonly fileName: string
  readonly startSeconds: number
  readonly endSeconds: number
}

export type Citation = { readonly name: string; readonly videoId: string; readonly seconds: number }

export type OpenAnswer = {
  readonly answerable: boolean
  /** One or two sentences; empty when it is not answerable and nothing was said. */
  readonly answer: string
  /** Frames that show it, of those that were sent. */
  readonly citations: readonly Citation[]
  readonly isProven: boolean
  readonly model: string
  /** Frames that were sent. */
  readonly frames: number
}

export type OpenQuestion = {
  readonly question: string
  /** Best first; the first five are looked at. */
  readonly moments: readonly AnswerMoment[]
}

/** A frame to be sent: which, and what it is called. */
export type PlannedFrame = {
  readonly name: string
  readonly label: string
  readonly moment: AnswerMoment
  readonly seconds: number
}

const mostMoments = 5
const mostFrames = 8
/** Of one moment: more would look alike. */
const framesOfOne = 6
const longSide = 448
const longestAnswer = 600

/** Six to eight frames, more of better moments, evenly spread within each. Pure. */
export function planFrames(moments: readonly AnswerMoment[], mostAtAll = mostFrames): PlannedFrame[] {
  const used = moments.slice(0, Math.min(mostMoments, mostAtAll))
  const counts = used.map((_, rank) => Math.floor(mostAtAll / used.length) + (rank < mostAtAll % used.length ? 1 : 0))
  let number = 0
  return used.flatMap((moment, rank) => {
    const count = Math.min(framesOfOne, counts[rank]!)
    return Array.from({ length: count }, (_, place): PlannedFrame => {
      const seconds = moment.startSeconds + ((moment.endSeconds - moment.startSeconds) * (place + 0.5)) / count
      const name = `F${++number}`
      return { name, label: `${name}, ${oneLine(moment.fileName, 80)}, ${clockTime(seconds)}`, moment, seconds }
    })
  })
}

/** `00:12.4`, `1:00:12.4` from an hour on. Pure. */
export function clockTime(seconds: number): string {
  const tenths = Math.round(seconds * 10)
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60]
  return `${hours > 0 ? `${hours}:` : ''}${two(minutes)}:${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`
}

/** Pure. */
export function questionChat(
  question: string,
  frames: readonly (PlannedFrame & { readonly jpeg: Uint8Array })[],
  maxTokens: number,
): Chat {
  const schema = {
    type: 'object',
    properties: {
      answerable: { type: 'boolean' },
      answer: { type: 'string' },
      citations: { type: 'array', items: { type: 'string', enum: frames.map(({ name }) => name) } },
    },
    required: ['answerable', 'answer', 'citations'],
    additionalProperties: false,
  }
  return {
    parts: [
      { text: 'These are frames of product videos. Each is named by the line before it.' },
      ...frames.flatMap(({ label, jpeg }) => [{ text: label }, { jpeg }]),
      {
        text:
          `Question: ${question}\nAnswer in one or two sentences, in the language of the question, from what the frames show and nothing else. ` +
          'List in "citations" the names of the frames that show the answer. If they do not show it, set "answerable" to false and list none.',
      },
    ],
    schema: { name: 'answer', schema },
    maxTokens,
    temperature: 0.2,
  }
}

const replySchema = z.object({
  answerable: z.boolean(),
  answer: z.string(),
  // Names that no frame has are left out below, not refused: the answer may still be worth reading, as unproven.
  citations: z.array(z.unknown()).catch([]),
})

/** Null when it has another form than was asked for. Pure. */
export function readAnswer(
  content: string,
  frames: readonly PlannedFrame[],
): Omit<OpenAnswer, 'model' | 'frames'> | null {
  const reply = replySchema.safeParse(jsonIn(content)).data
  if (reply === undefined) return null
  const cited = new Set(reply.citations.flatMap((name) => (typeof name === 'string' ? [name.trim()] : [])))
  const citations = reply.answerable
    ? frames
        .filter(({ name }) => cited.has(name))
        .map(({ name, moment, seconds }) => ({ name, videoId: moment.videoId, seconds }))
    : []
  const answer = oneLine(reply.answer, longestAnswer)
  // To say that there is an answer and to give none is none.
  if (reply.answerable && answer === '') return null
  return { answerable: reply.answerable, answer, citations, isProven: citations.length > 0 }
}

/** @throws EndpointFailure; the abort reason */
export async function openAnswer(
  outside: EndpointOutside,
  server: Server,
  { question, moments }: OpenQuestion,
  signal: AbortSignal,
): Promise<OpenAnswer> {
  let sent: readonly PlannedFrame[] = []
  const { value, model } = await converse(
    outside,
    server,
    {
      async chat({ isHalved, isLonger }) {
        const planned = planFrames(moments, isHalved ? mostFrames / 2 : mostFrames)
        const pictures: (PlannedFrame & { jpeg: Uint8Array })[] = []
        for (const frame of planned) {
          const jpeg = await outside.pictures.frame(frame.moment.path, frame.seconds, longSide, signal)
          if (jpeg !== null) pictures.push({ ...frame, jpeg })
        }
        sent = pictures
        return pictures.length === 0 ? null : questionChat(question, pictures, isLonger ? 4000 : 1000)
      },
      read: (content) => readAnswer(content, sent),
    },
    signal,
  )
  return { ...value, model, frames: sent.length }
}

/** The question before all others: whether the model is there, answers in the form asked for, and can see. */
import { z } from 'zod'
import { converse, type Server } from './conversation.ts'
import { EndpointFailure } from './failure.ts'
import type { EndpointOutside } from './ports.ts'
import { jsonIn } from './replies.ts'
import type { Chat } from './requests.ts'

/** A JPEG of 32 by 32 pixels, all red. */
const redPicture = Buffer.from(
  '/9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAgKCgsKCw0NDQ0NDRAPEBAQEBAQEBAQEBASEhIVFRUSEhIQEBISFBQVFRcXFxUVFRUXFxkZGR4eHBwjIyQrKzP/xABNAAEBAAAAAAAAAAAAAAAAAAAABgEBAQEAAAAAAAAAAAAAAAAAAAYHEAEAAAAAAAAAAAAAAAAAAAAAEQEAAAAAAAAAAAAAAAAAAAAA/8AAEQgAIAAgAwEiAAIRAAMRAP/aAAwDAQACEQMRAD8AiwEo38AAAAAB/9k=',
  'base64',
)

const schema = {
  type: 'object',
  properties: { colour: { type: 'string', enum: ['red', 'blue', 'no picture'] } },
  required: ['colour'],
  additionalProperties: false,
}

export const probeChat: Chat = {
  parts: [{ jpeg: redPicture }, { text: 'Which colour is the picture? Say "no picture" when you see none.' }],
  schema: { name: 'colour', schema },
  maxTokens: 500,
  temperature: 0,
}

/** @returns what the model calls itself. @throws EndpointFailure; the abort reason */
export async function probe(outside: EndpointOutside, server: Server, signal: AbortSignal): Promise<string> {
  const read = (content: string): string | null =>
    z.object({ colour: z.string() }).safeParse(jsonIn(content)).data?.colour ?? null
  const chat = async ({ isLonger }: { isLonger: boolean }): Promise<Chat> => ({
    ...probeChat,
    maxTokens: isLonger ? 2000 : 500,
  })
  const { value, model } = await converse(outside, server, { chat, read }, signal)
  // Some servers leave pictures out without a word when the model cannot take them.
  if (value === 'no picture') throw new EndpointFailure('blind', server.host, '', true)
  return model
}

/** The trained answer head of a library, in a file of its own: what it knows, for which encoder, and how sure it may be. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Library } from '../../storage/index.ts'
import { writeFileAtomically } from '../../storage/index.ts'
import { packTensors, unpackTensors, type AnswerHead } from '../../training/index.ts'

const factsSchema = z.object({
  format: z.literal(1),
  encoderId: z.string(),
  names: z.array(z.string()),
  temperature: z.number(),
  surenessNeeded: z.number(),
  config: z.object({
    ...{ width: z.number(), frames: z.number(), tokens: z.number(), blocks: z.number(), heads: z.number() },
    ...{ hidden: z.number(), nearness: z.object({ mean: z.number(), deviation: z.number() }) },
  }),
  trainedAtMs: z.number(),
})

export type HeadFacts = z.infer<typeof factsSchema>
export type SavedHead = { readonly head: AnswerHead; readonly facts: HeadFacts }

const answersName = 'known answers'

function fileOf({ dir }: Pick<Library, 'dir'>): string {
  return join(dir, 'answers', 'head.bin')
}

/** What is known of the head for this encoder; null where there is none that can be used. */
export function headOf(library: Library, encoderId: string): HeadFacts | null {
  return readHead(library, encoderId)?.facts ?? null
}

/** Replaces the head before; a reader sees one or the other. */
export function saveHead(library: Library, { head, facts }: SavedHead): void {
  mkdirSync(join(library.dir, 'answers'), { recursive: true })
  writeFileAtomically(fileOf(library), packTensors({ ...head.parameters, [answersName]: head.answers }, facts))
}

/** Null where none was trained for this encoder, or what lies there cannot be read: the dual encoder then answers. */
export function readHead(library: Library, encoderId: string): SavedHead | null {
  const file = fileOf(library)
  if (!existsSync(file)) return null
  try {
    const { tensors, extra } = unpackTensors(new Uint8Array(readFileSync(file)))
    const facts = factsSchema.parse(extra)
    const { [answersName]: answers, ...parameters } = tensors
    if (facts.encoderId !== encoderId || answers === undefined) return null
    return { head: { config: facts.config, answers, parameters }, facts }
  } catch {
    return null
  }
}

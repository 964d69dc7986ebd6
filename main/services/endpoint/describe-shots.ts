/**
 * Descriptions that a vision model writes: which shots need one, what the model is asked, and what of its reply is kept.
 * Pure apart from reading the library.
 */
import { basename } from 'node:path'
import { z } from 'zod'
import type { DescriptionScope } from '../../contract/index.ts'
import type { Description, Library, SegmentWithPath } from '../../storage/index.ts'
import type { GridRequest } from './ports.ts'
import { jsonIn, oneLine, withoutThoughts } from './replies.ts'
import type { Chat } from './requests.ts'

export type ShotToDescribe = {
  readonly segment: SegmentWithPath
  readonly fileName: string
}

/** As the method's authors ask (docs/ENDPOINT.md). */
export const question = 'In a sentence, describe the process in the video.'

/** Twelve frames in three rows of four; half of them where a model cannot take so many. */
export function gridOf(isHalved: boolean): Pick<GridRequest, 'rows' | 'columns' | 'longSide'> {
  return isHalved ? { rows: 2, columns: 3, longSide: 256 } : { rows: 3, columns: 4, longSide: 256 }
}

const longestText = 300
const exampleCount = 3

/**
 * Shots of indexed videos that nobody stands for, in order of path and time, without those that have a generated text.
 * The user's own texts of a video and exemplars of a shot are trusted; imported ones are not, as anywhere in training.
 */
export function shotsToDescribe(library: Library, scope: DescriptionScope): ShotToDescribe[] {
  const texts = library.descriptions.all()
  const trusted = new Set(texts.filter(({ source }) => isTrusted(source, scope)).map(({ videoId }) => videoId))
  const generated = texts.flatMap(({ videoId, generated: of }) =>
    of === null ? [] : [library.segments.bestOverlap(videoId, of.startSeconds, of.endSeconds)?.id],
  )
  const labelled = library.exemplars.all().flatMap(({ grade, segmentId }) => (grade === 'wrong' ? [] : [segmentId]))
  const done = new Set([...generated, ...labelled])
  return library.segments
    .all()
    .filter(({ id, videoId }) => !trusted.has(videoId) && !done.has(id))
    .map((segment) => ({ segment, fileName: basename(segment.path) }))
}

function isTrusted(source: Description['source'], scope: DescriptionScope): boolean {
  if (source === 'user') return true
  return scope === 'undescribed' && (source === 'csv' || source === 'sidecar')
}

/**
 * The catalogue's own wording: texts of a middling length, from the best source that it has. Never exemplars, whose texts
 * must not reach what trains on them.
 */
export function exampleTexts(descriptions: readonly Description[]): string[] {
  for (const source of ['user', 'csv', 'sidecar'] as const) {
    const texts = [
      ...new Set(descriptions.filter((each) => each.source === source).map(({ text }) => oneLine(text, 160))),
    ]
    if (texts.length === 0) continue
    const byLength = texts.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    const from = Math.max(0, Math.floor((byLength.length - exampleCount) / 2))
    return byLength.slice(from, from + exampleCount)
  }
  return []
}

/** What the model is asked, and what is kept as the prompt. */
export function promptOf(examples: readonly string[], { rows, columns }: { rows: number; columns: number }): string {
  const wording =
    examples.length === 0
      ? ''
      : `\nWrite in the language and manner of these descriptions of other videos, and do not repeat them: ${examples.map((text) => JSON.stringify(text)).join(', ')}.`
  return `The picture shows ${rows * columns} moments of one video in order of time, in ${rows} rows from left to right.\n${question}${wording}`
}

export function descriptionChat(jpeg: Uint8Array, prompt: string, maxTokens: number): Chat {
  const schema = {
    type: 'object',
    properties: { description: { type: 'string' } },
    required: ['description'],
    additionalProperties: false,
  }
  return {
    parts: [{ jpeg }, { text: prompt }],
    schema: { name: 'description', schema },
    maxTokens,
    temperature: 0.2,
  }
}

/**
 * The sentence, or null for what is none: an essay, nothing, or an example given back. A model that answers with a plain
 * sentence where JSON was asked for has answered.
 */
export function readDescription(content: string, examples: readonly string[]): string | null {
  const json = jsonIn(content)
  const said =
    json === undefined
      ? plainSentence(content)
      : z.object({ description: z.string() }).safeParse(json).data?.description
  if (said === undefined || said === null) return null
  // Models speak of the picture that they see.
  const text = oneLine(said, longestText + 1).replace(
    /\b(?:(an?) )?(?:image|picture|collage)\b/gi,
    (_, article?: string) => (article === undefined ? 'video' : `${article[0]} video`),
  )
  const isExample = examples.some((example) => example.toLowerCase() === text.toLowerCase())
  return text.length > longestText || !/\p{L}/u.test(text) || isExample ? null : text
}

function plainSentence(content: string): string | null {
  const said = withoutThoughts(content)
  // What begins like JSON is broken JSON, and several paragraphs are an essay.
  return /^[[{`]/.test(said) || /\n\s*\n/.test(said) ? null : said
}

/** What travels between the engine and the media process: calls of `Media`'s functions, by name. */
import type { ErrorCode } from '../contract/index.ts'

/** Functions that give one answer, and functions that give items one after another. */
export type CallName = 'probe' | 'thumbnail' | 'pictureGrid' | 'playbackFacts' | 'frameTimes' | 'cutClip' | 'versions'
const streams = ['analyse', 'readTogether', 'decodeImages', 'makePreview'] as const
export type StreamName = (typeof streams)[number]

/** Arguments without the last one, the options; an abort signal travels as `cancel`. */
export type Ask<K extends CallName | StreamName = CallName | StreamName> = {
  id: number
  ask: K
  args: unknown[]
  options: object
}
/** `more`: that many further items may be sent. Nothing is read ahead of the reader beyond that. */
export type ToHost = Ask | { id: number; cancel: true } | { id: number; more: number }

export type Failure = { message: string; code?: ErrorCode; params?: Readonly<Record<string, string | number>> }
export type FromHost =
  | { id: number; value: unknown }
  | { id: number; item: unknown }
  | { id: number; end: true }
  | { id: number; failure: Failure }

/** Items that may be on their way to a reader that has not asked for them yet. */
export const readAhead = 4

export const isStream = (name: CallName | StreamName): name is StreamName =>
  (streams as readonly string[]).includes(name)

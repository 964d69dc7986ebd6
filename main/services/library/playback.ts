/**
 * Which file a player gets for a video: its own, or a preview that is made once, on demand, when players cannot show the
 * original. Previews lie in the library's folder, named after the content; the ones unused longest go first.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, utimesSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ProcedureOutput } from '../../contract/index.ts'
import type { Library, Video } from '../../storage/index.ts'
import type { News } from '../jobs/index.ts'
import { readSettings } from '../shared/app-settings.ts'
import { existingVideo } from './list-videos.ts'
import type { MediaTools, PlayableFile } from './ports.ts'

export type PlaybackState = ProcedureOutput<'playback'>

export type Playback = {
  /** What a player would get now; begins to make a preview when one is needed. @throws AppError `input.missing` */
  stateOf(
    library: Library,
    videoId: string,
    options: { mustConvert: boolean; signal: AbortSignal },
  ): Promise<PlaybackState>
  /** The file to play, once the state is `ready`. */
  fileOf(library: Library, videoId: string, signal: AbortSignal): Promise<{ path: string } | PlaybackState>
  frameTimes(
    library: Library,
    videoId: string,
    stretch: { start: number; end: number },
    signal: AbortSignal,
  ): Promise<number[]>
  /** Stops what is being made. */
  close(): Promise<void>
}

export type PlaybackParts = {
  readonly tools: MediaTools
  readonly news: News
  readonly now: () => number
}

type Making = { readonly reason: string; fraction: number | null; readonly done: Promise<void> }

export function createPlayback({ tools, news, now }: PlaybackParts): Playback {
  const stop = new AbortController()
  /** By content, since looking into a file takes a process. */
  const inspected = new Map<string, Promise<PlayableFile | null>>()
  /** Contents whose original a player has failed on. */
  const refusedByPlayer = new Set<string>()
  const making = new Map<string, Making>()
  const failures = new Map<string, string>()
  /** One preview at a time: each takes the whole machine. */
  let last: Promise<void> = Promise.resolve()

  const inspect = (video: Video): Promise<PlayableFile | null> => {
    const known = inspected.get(video.contentHash)
    if (known !== undefined) return known
    const looking = tools.inspect(video.path, stop.signal)
    inspected.set(video.contentHash, looking)
    looking.then(
      (file) => file ?? inspected.delete(video.contentHash), // the file may come back
      () => inspected.delete(video.contentHash),
    )
    return looking
  }

  const previewFile = (library: Library, { contentHash }: Video): string => {
    const name = createHash('sha256').update(contentHash).digest('hex').slice(0, 32)
    return join(previewsDir(library), `${name}${tools.previewExtension}`)
  }

  const make = (library: Library, video: Video, file: PlayableFile, reason: string): Making => {
    const target = previewFile(library, video)
    const tell = (state: 'preparing' | 'ready' | 'failed', fraction: number | null): void =>
      news.tell({ kind: 'playback', video: video.id, state, fraction })
    let toldMs = -Infinity
    const run = async (): Promise<void> => {
      if (stop.signal.aborted) return
      mkdirSync(previewsDir(library), { recursive: true })
      const onFraction = (fraction: number): void => {
        entry.fraction = fraction
        if (now() - toldMs < 250) return
        toldMs = now()
        tell('preparing', fraction)
      }
      const failure = await tools.makePreview(video.path, target, file, { signal: stop.signal, onFraction })
      if (failure !== null) failures.set(video.contentHash, failure)
      else makeRoom(library, readSettings(library).previewCacheBytes, target)
      tell(failure === null ? 'ready' : 'failed', null)
    }
    const done = last.then(run).catch((error: unknown) => {
      if (stop.signal.aborted) return
      failures.set(video.contentHash, error instanceof Error ? error.message : String(error))
      tell('failed', null)
    })
    last = done
    const entry: Making = { reason, fraction: null, done }
    making.set(video.contentHash, entry)
    void done.then(() => making.delete(video.contentHash))
    return entry
  }

  type Choice = { state: PlaybackState; path: string | null }
  const choose = async (library: Library, video: Video, signal: AbortSignal): Promise<Choice> => {
    const preview = previewFile(library, video)
    if (existsSync(preview)) {
      utimesSync(preview, now() / 1000, now() / 1000)
      return { state: { state: 'ready', converted: true }, path: preview }
    }
    const failed = (message: string): Choice => ({ state: { state: 'failed', message }, path: null })
    if (!existsSync(video.path)) return failed(`${video.fileName} is not where it was. Locate it, or put it back.`)
    // An import follows links inside its folder. What a link leads to later must still be what was imported.
    const original = realpathSync(video.path)
    if (statSync(original).size !== video.sizeBytes) {
      return failed(`${video.fileName} has changed since it was imported. Import it again.`)
    }
    const file = await inspect(video)
    signal.throwIfAborted()
    if (file === null)
      return failed(`${video.fileName} cannot be read as a video any more. Copy it again from its source.`)
    const obstacle = file.obstacle ?? (refusedByPlayer.has(video.contentHash) ? 'video that this player refuses' : null)
    if (obstacle === null) return { state: { state: 'ready', converted: false }, path: original }
    const failure = failures.get(video.contentHash)
    if (failure !== undefined) {
      return failed(`${video.fileName} (${obstacle}) could not be converted for playing: ${failure}.`)
    }
    const { reason, fraction } = making.get(video.contentHash) ?? make(library, video, file, obstacle)
    return { state: { state: 'preparing', reason, fraction }, path: null }
  }

  return {
    async stateOf(library, videoId, { mustConvert, signal }) {
      const video = existingVideo(library, videoId)
      if (mustConvert) {
        refusedByPlayer.add(video.contentHash)
        failures.delete(video.contentHash) // asked for by hand: try once more
      }
      return (await choose(library, video, signal)).state
    },
    async fileOf(library, videoId, signal) {
      const { state, path } = await choose(library, existingVideo(library, videoId), signal)
      return path === null ? state : { path }
    },
    async frameTimes(library, videoId, stretch, signal) {
      const video = existingVideo(library, videoId)
      const { path } = await choose(library, video, signal)
      // Times are those of the file that is played; while a preview is being made, those of the original.
      const played = path ?? video.path
      const isPreview = path === previewFile(library, video)
      const file = isPreview ? await tools.inspect(played, signal) : await inspect(video)
      return file === null ? [] : tools.frameTimes(played, file, stretch, signal)
    },
    async close() {
      stop.abort()
      await Promise.allSettled([...making.values()].map(({ done }) => done))
    },
  }
}

export function previewsDir(library: Library): string {
  return join(library.dir, 'previews')
}

/** Deletes previews that were unused longest until all fit; `keep` stays whatever its size. */
function makeRoom(library: Library, maxBytes: number, keep: string): void {
  const files = readdirSync(previewsDir(library))
    .filter((name) => !name.endsWith('.partial'))
    .map((name) => join(previewsDir(library), name))
    .map((path) => ({ path, ...pick(statSync(path)) }))
    .sort((a, b) => b.usedMs - a.usedMs)
  let total = files.find(({ path }) => path === keep)?.bytes ?? 0
  for (const { path, bytes } of files) {
    if (path === keep) continue
    total += bytes
    if (total > maxBytes) rmSync(path, { force: true })
  }
}

function pick({ size, mtimeMs }: { size: number; mtimeMs: number }): { bytes: number; usedMs: number } {
  return { bytes: size, usedMs: mtimeMs }
}

/** What a video is in the catalogue, and the store of videos as others see it. */

/** pending = known, not indexed yet; failed = refused with a reason, waits for a retry. */
export type VideoStatus = 'pending' | 'indexed' | 'failed'

/** Why a file could not be indexed: a code from a closed list of the caller's and one plain sentence. */
export type VideoFailure = { readonly code: string; readonly sentence: string }

export type Video = {
  readonly id: string
  /** Absolute path where the content was last seen. */
  readonly path: string
  readonly fileName: string
  /** From `hashContent`; two files with equal content are one video. */
  readonly contentHash: string
  readonly sizeBytes: number
  readonly sku: string | null
  readonly title: string | null
  readonly category: string | null
  readonly status: VideoStatus
  readonly failure: VideoFailure | null
  /** What the probe said, as the media service wrote it; null until probed. */
  readonly probe: unknown
  readonly durationSeconds: number | null
  /** Milliseconds since 1970. */
  readonly addedAtMs: number
  readonly indexedAtMs: number | null
}

/** A file as found on disk. `modifiedMs` lets a later scan skip hashing an untouched file. */
export type FoundFile = {
  readonly path: string
  readonly contentHash: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}

/**
 * What became of a found file: `added` is new; `known` was there at this path; `moved` was known under a path that is
 * gone; `copy` has the content of another file that still exists; `changed` has new content at a known path and is
 * pending again.
 */
export type RegisterOutcome = 'added' | 'known' | 'moved' | 'copy' | 'changed'

export type VideoFilter = { readonly status?: VideoStatus; readonly limit?: number; readonly offset?: number }

/** All lists are ordered by path, so that they do not depend on the order of an interrupted import. */
export type VideoStore = {
  /**
   * Takes note of a file. Idempotent by content.
   * @param pathExists asked about the earlier path of known content; decides between `moved` and `copy`
   */
  register(
    file: FoundFile,
    pathExists: (path: string) => boolean,
  ): { readonly video: Video; readonly outcome: RegisterOutcome }
  /** The video of a path whose size and time of change are as recorded: hashing it again can be skipped. */
  findUntouched(path: string, sizeBytes: number, modifiedMs: number): Video | undefined
  get(id: string): Video | undefined
  byContent(contentHash: string): Video | undefined
  /** By absolute path, copies included. */
  byPath(path: string): Video | undefined
  /** Every video with a path (copies included) of this base name. */
  byFileName(fileName: string): Video[]
  /** Every video whose path (copies included) ends with these path parts, for example `videos/v0001.mp4`. */
  byPathEnd(relativePath: string): Video[]
  /** Every path that is known, copies included. */
  everyPath(): { readonly path: string; readonly videoId: string }[]
  bySku(sku: string): Video[]
  list(filter?: VideoFilter): Video[]
  /** Every path of a video, its own first, then copies. */
  paths(id: string): string[]
  /** Fields left out stay as they are; null clears one. */
  setMetadata(
    id: string,
    fields: { readonly sku?: string | null; readonly title?: string | null; readonly category?: string | null },
  ): void
  /** Corrects how long a video is; the file and its segments stay as they are. */
  setDuration(id: string, durationSeconds: number): void
  /** Marks a file as failed; what was indexed from it before goes away. */
  markFailed(id: string, failure: VideoFailure, probe?: unknown): void
  /** Makes failed videos pending again (all, or the named ones). Returns how many. */
  retry(ids?: readonly string[]): number
  /** Forgets a video with all that belongs to it. The file itself is not touched. */
  remove(id: string): void
}

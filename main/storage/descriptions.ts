/** Descriptions of videos and where each came from. Runs in the engine. */

/** Sources from most to least trusted; the first that a video has is its best description. */
export const descriptionSources = ['user', 'csv', 'sidecar', 'generated', 'filename'] as const

export type DescriptionSource = (typeof descriptionSources)[number]

export type Description = {
  readonly id: string
  readonly videoId: string
  readonly text: string
  readonly source: DescriptionSource
  readonly createdAtMs: number
}

export type DescriptionStore = {
  /**
   * Makes these the video's descriptions from this source, in one transaction; equal texts keep their row, so that
   * importing the same file twice changes nothing. Empty texts are left out; an empty list clears the source.
   */
  replace(videoId: string, source: DescriptionSource, texts: readonly string[]): Description[]
  /** By trust, then in the order given. */
  ofVideo(videoId: string): Description[]
  /** Ordered by path, then as `ofVideo`. */
  all(): Description[]
  /** The first of `ofVideo` for every video that has one, ordered by path. */
  best(): Description[]
}

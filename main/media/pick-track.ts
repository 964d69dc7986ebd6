/** The one rule for which picture track of a file is the video: index, poster, clip, player and frame times use it. Pure. */

type Track = {
  readonly codec_type?: string | undefined
  readonly disposition?:
    | {
        readonly default?: number | undefined
        readonly attached_pic?: number | undefined
        readonly timed_thumbnails?: number | undefined
        readonly still_image?: number | undefined
      }
    | undefined
}

/** The track that is marked as the default one, else the first. Covers are pictures, but no tracks. */
export function pickTrack<T extends Track>(streams: readonly T[]): T | undefined {
  const tracks = streams.filter((stream) => stream.codec_type === 'video' && !isCover(stream))
  return tracks.find((stream) => stream.disposition?.default === 1) ?? tracks[0]
}

/** Whether a player that takes the first picture track it finds, a cover too, takes another one than `pickTrack`. */
export function firstIsAnother<T extends Track>(streams: readonly T[]): boolean {
  return streams.find((stream) => stream.codec_type === 'video') !== pickTrack(streams)
}

function isCover({ disposition }: Track): boolean {
  return disposition?.attached_pic === 1 || disposition?.timed_thumbnails === 1 || disposition?.still_image === 1
}

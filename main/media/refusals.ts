/** The closed list of reasons why a media file cannot be used. Refusals are data: an import returns them, it does not throw. */

/** One sentence a reason. `{name}` stands for the file's name. Extend the list here and nowhere else. */
export const mediaRefusals = {
  missing: '{name} is not there any more. Put it back, or remove it from the library.',
  notAFile: '{name} is not a file. Choose a video file.',
  noPermission: '{name} may not be read. Change its permissions and try again.',
  empty: '{name} is empty (zero bytes). Copy it again from its source.',
  notMedia:
    '{name} is not a video that can be read, or its beginning is damaged. Check that it plays, then export it again.',
  incomplete: '{name} is cut off: the part that describes the video is missing. Copy it again from its source.',
  notAPicture: '{name} is not a picture that can be read. Check that it opens, then save it again.',
  noVideo: '{name} has no video track. Choose a file with a picture.',
  unsupportedCodec: '{name} uses a video format that this ffmpeg cannot decode. Convert it to H.264 and try again.',
  encrypted:
    '{name} is encrypted (copy protection), so that its pictures cannot be read. Ask its owner for a copy without it.',
  damaged:
    '{name} is damaged: most of a stretch of it cannot be decoded, and would be grey. Copy it again from its source.',
  notWhole: '{name} could not be read without a gap, so that part of it would be lost. Try again, or export it anew.',
  noFrames: '{name} holds no picture that can be decoded. It may be cut off or damaged; copy it again from its source.',
  tooLarge: '{name} has a picture larger than 16384 pixels on a side. Export it smaller.',
  timedOut: '{name} kept the decoder waiting too long and was given up. Export it again and retry.',
  decoderFailed: '{name} made the decoder fail. Check that it plays, then export it again.',
} as const

export type RefusalReason = keyof typeof mediaRefusals

/** Why a file was refused: `sentence` is for people, `detail` (the tool's own last words) for the log. */
export type Refusal = { reason: RefusalReason; sentence: string; detail?: string }

/** Makes a refusal for the file at `path`. */
export function refuse(reason: RefusalReason, path: string, detail?: string): Refusal {
  const name = path.split(/[\\/]/).pop() ?? path
  const sentence = mediaRefusals[reason].replace('{name}', () => name)
  const lastWords = detail?.trim().split('\n').slice(-3).join(' ').slice(0, 400)
  return lastWords ? { reason, sentence, detail: lastWords } : { reason, sentence }
}

/** The reason for a failed file system call, from its error code. */
export function reasonForFileError(error: unknown): RefusalReason {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing'
  if (code === 'EACCES' || code === 'EPERM') return 'noPermission'
  return code === 'EISDIR' ? 'notAFile' : 'notMedia'
}

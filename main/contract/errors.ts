/** Failures that the user can act on. Codes are stable; the window turns code and params into a sentence. */

/** One line a code: what it means. Extend the list here and nowhere else. */
export const errorCodes = {
  usage: 'The command or its options are wrong.',
  'input.missing': 'A file or folder that was named does not exist.',
  'input.invalid': 'A file does not have the expected form; params say where and what.',
  'media.unreadable': 'A media file cannot be used; params.reason is from the list in main/media.',
  'media.toolMissing': 'ffmpeg or ffprobe is not installed.',
  'encoder.missing': 'The model bundle is not there.',
  'encoder.invalid': 'The model bundle is incomplete or does not match its manifest.',
  'library.missing': 'There is no library at this place.',
  'library.locked': 'Another process is working on this library.',
  'library.newer': 'The library was written by a newer version of the app.',
  'library.damaged': 'The library fails its integrity check.',
  'training.notEnough': 'There are too few pairs or exemplars to train on.',
  'training.tooLarge': 'A run would need more memory than is free; params hold both numbers in bytes.',
  'training.diverged': 'Training produced numbers that are not finite.',
  'model.missing': 'The model version does not exist.',
  'model.unread': 'Blocks that a model version trained have not seen some videos yet.',
  'runtime.unavailable': 'The execution provider is not available on this machine.',
  'runtime.failed': 'The runtime could not build or run a graph; params name graph and node.',
  'library.older': 'The library must be brought up to date by opening it for writing once.',
  'disk.full': 'The disk is full.',
  'work.running': 'Long work of the app is going on beside which this cannot be done; params.work says which.',
  'network.off': 'Something would go out to the network, which the customer has not allowed.',
  'endpoint.off': 'The vision model of the customer is not set or is off.',
  'endpoint.failed': 'The vision model could not be used; params.reason is from the list in main/contract/endpoint.ts.',
  'network.failed': 'Something could not be fetched from the network; params.reason says why.',
} as const

export type ErrorCode = keyof typeof errorCodes

/** An expected failure: `message` is a complete English sentence that names the thing, the reason and the next step. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly params: Readonly<Record<string, string | number>>

  constructor(
    code: ErrorCode,
    message: string,
    params: Readonly<Record<string, string | number>> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
    this.params = params
  }
}

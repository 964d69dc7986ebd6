/**
 * Checkpoints of a run: all that it needs to go on as if it had not been stopped. The bytes carry a format number and a
 * checksum, so that a damaged one is refused instead of trained on.
 */
import { z } from 'zod'
import type { TensorMap } from '../base/index.ts'
import { packTensors, unpackTensors } from './tensor-file.ts'

/** Raised when what a checkpoint holds gets another meaning. */
const checkpointFormat = 3

/** A step back: the run met numbers that are not finite and went on from its last good epoch, more slowly. */
export const recoverySchema = z.object({
  /** Epoch that was broken off, from 1. */
  epoch: z.number().int(),
  /** What was not finite, in words. */
  reason: z.string(),
  /** What the learning rate is multiplied by from then on. */
  learningRateFactor: z.number(),
})

export type Recovery = z.infer<typeof recoverySchema>

/** Checkpoints of the first format had no number, and could not step back. */
const progressSchema = z.object({
  format: z.number().int().default(1),
  epoch: z.number().int(),
  recoveries: z.array(recoverySchema).default([]),
})

export type Progress = Omit<z.infer<typeof progressSchema>, 'format'>

export type Checkpoint = {
  /** All that the run changes: resident tensors of the step, and the table of the lexicon. */
  readonly state: TensorMap
  readonly progress: Progress
}

/** A checkpoint that cannot be used; the message is the rest of a sentence that begins with "The checkpoint". */
export class CheckpointProblem extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'CheckpointProblem'
  }
}

export function writeCheckpoint({ state, progress }: Checkpoint): Uint8Array {
  return packTensors(state, { ...progress, format: checkpointFormat })
}

/** @throws CheckpointProblem when the bytes are damaged, cut short, or of a newer format */
export function readCheckpoint(bytes: Uint8Array): Checkpoint {
  let content: ReturnType<typeof unpackTensors>
  try {
    content = unpackTensors(bytes)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CheckpointProblem(`is damaged: ${reason}`, { cause: error })
  }
  const header = progressSchema.safeParse(content.extra)
  if (!header.success) throw new CheckpointProblem('does not say how far the run was')
  const { format, ...progress } = header.data
  if (format > checkpointFormat) throw new CheckpointProblem('was written by a newer version of the app')
  return { state: content.tensors, progress }
}

/** Epoch that a checkpoint was written after. @throws CheckpointProblem */
export function checkpointEpoch(checkpoint: Uint8Array): number {
  return readCheckpoint(checkpoint).progress.epoch
}

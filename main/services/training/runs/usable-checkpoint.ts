/** Which checkpoint a stopped run goes on from: the newest that can be read. */
import type { Library } from '../../../storage/index.ts'
import { CheckpointProblem } from '../../../training/index.ts'
import type { Trainer } from '../ports.ts'

export type UsableCheckpoint = {
  readonly bytes: Uint8Array
  /** It was written after this epoch. */
  readonly epoch: number
}

/** `notes`: one sentence for each checkpoint that was refused, and what follows from it. */
export type FoundCheckpoint = { readonly checkpoint?: UsableCheckpoint; readonly notes: readonly string[] }

export function findCheckpoint(
  library: Library,
  runId: string,
  trainer: Pick<Trainer, 'checkpointEpoch'>,
): FoundCheckpoint {
  const problems: string[] = []
  for (const bytes of library.runs.loadCheckpoints(runId)) {
    try {
      const checkpoint = { bytes, epoch: trainer.checkpointEpoch(bytes) }
      return { checkpoint, notes: notesOn(problems, `from the one before, after epoch ${checkpoint.epoch}`) }
    } catch (error) {
      if (!(error instanceof CheckpointProblem)) throw error
      problems.push(error.message)
    }
  }
  return { notes: notesOn(problems, 'from the start') }
}

function notesOn(problems: readonly string[], where: string): string[] {
  return problems.map(
    (problem, i) =>
      `${i === 0 ? 'The checkpoint of a run that was stopped' : 'The one before it'} ${problem}.` +
      (i === problems.length - 1 ? ` Training goes on ${where}.` : ''),
  )
}

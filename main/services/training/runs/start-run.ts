/** The run that a request for training means: an unfinished one of the same words and data, or a new one. */
import type { ProcedureInput } from '../../../contract/index.ts'
import type { Library, Run } from '../../../storage/index.ts'
import { removeActivations } from '../blocks/activation-store.ts'
import type { Pair } from '../pairs.ts'
import type { Trainer } from '../ports.ts'
import { recordOf, resumptionOf, unfinishedRun, wishesOf, type RunWishes } from './run-record.ts'
import { findCheckpoint, type FoundCheckpoint } from './usable-checkpoint.ts'

export type StartedRun = {
  readonly run: Run
  readonly plan: unknown
  readonly checkpoint?: Uint8Array | undefined
  readonly resumedAtEpoch: number | null
  /** What the user should know about an earlier run with the same choices. */
  readonly notes: readonly string[]
}

/** Equal data, wishes and seed give an equal run, so an unfinished one of these is the same run. */
export function resumeOrCreate(
  library: Library,
  trainer: Trainer,
  wishes: RunWishes,
  plan: unknown,
  data: { readonly dataHash: string; readonly pairs: readonly Pair[] },
): StartedRun {
  const same = unfinishedRun(library, wishes, data.dataHash)
  const resumption = same === undefined ? undefined : resumptionOf(same, plan, trainer)
  // A restored library has no checkpoints, whatever its records say.
  const found: FoundCheckpoint =
    same && resumption?.kind === 'resume' ? findCheckpoint(library, same.id, trainer) : { notes: [] }
  const { checkpoint } = found
  if (same !== undefined && resumption?.kind === 'resume' && checkpoint !== undefined) {
    const resumedAtEpoch = checkpoint.epoch
    library.pairRecords.dropAfter(same.id, resumedAtEpoch)
    library.runs.setState(same.id, 'running')
    const going = `Going on with a run that was stopped after epoch ${resumedAtEpoch}.`
    const notes = [...found.notes, going, ...(resumption.note === null ? [] : [resumption.note])]
    return { run: same, plan: resumption.plan, checkpoint: checkpoint.bytes, resumedAtEpoch, notes }
  }
  if (same !== undefined) {
    library.runs.setState(same.id, 'cancelled')
    library.runs.removeCheckpoint(same.id)
  }
  const run = library.runs.create({ config: recordOf(wishes, plan), seed: wishes.seed, dataHash: data.dataHash })
  library.pairRecords.setPairs(
    run.id,
    data.pairs.map(({ id, segmentId, text }) => ({ pairId: id, segmentId, text })),
  )
  const why = resumption?.kind === 'restart' && resumption.note !== null ? [resumption.note] : []
  return { run, plan, resumedAtEpoch: null, notes: [...found.notes, ...why] }
}

/**
 * A run that nobody will go on with must not wait for ever, and what it keeps of the frames not stay.
 * @returns whether there was one
 */
export function giveUpRun(
  library: Library,
  input: ProcedureInput<'train'>,
  { othersTrainBlocks }: { readonly othersTrainBlocks: boolean },
): boolean {
  const wishes = wishesOf(input)
  const run = unfinishedRun(library, wishes)
  if ((wishes.blocks?.blocks ?? 0) > 0 && !othersTrainBlocks) removeActivations(library.dir)
  if (run === undefined) return false
  library.runs.setState(run.id, 'cancelled')
  library.runs.removeCheckpoint(run.id)
  return true
}

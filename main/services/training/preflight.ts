/** What a training run would use and about how long it would take. Starts nothing. */
import type { Device, ProcedureInput, ProcedureOutput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { preflightBlocks, type BlockParts } from './blocks/block-preflight.ts'
import { gatherPairs, whatIsMissing } from './pairs.ts'
import type { Trainer } from './ports.ts'
import { askedOf, unfinishedRun, wishesOf } from './runs/run-record.ts'
import { findCheckpoint } from './runs/usable-checkpoint.ts'

/** Of one pair in one epoch on two processor cores; the first estimate, until a run on this computer is known. */
const typicalSeconds = 0.0025

export type PreflightParts = Omit<BlockParts, 'encoder'> & {
  readonly encoderId: string
  readonly trainer: Pick<Trainer, 'checkpointEpoch' | 'work'>
  /** Asked only where blocks are to be trained. */
  readonly encoder: () => Promise<BlockParts['encoder']>
}

/** @param request with the device that `auto` comes to, as far as it is known */
export async function preflight(
  parts: PreflightParts,
  request: ProcedureInput<'preflight'> & { readonly device: Device },
): Promise<ProcedureOutput<'preflight'>> {
  const { library, encoderId, trainer } = parts
  const data = gatherPairs(library, encoderId, { keepSplit: false })
  const missing = whatIsMissing(library, encoderId, data)
  const { metaSet, heldOut, leftOut } = data
  const pairs = data.pairs.length
  const wishes = wishesOf(request)
  const { epochs, stepsPerEpoch, batchSize } = trainer.work({
    ...wishes,
    ...{ pairs: Math.max(1, pairs), metaSet: metaSet.length },
  })
  const same = unfinishedRun(library, wishes, data.dataHash)
  const checkpoint = same === undefined ? undefined : findCheckpoint(library, same.id, trainer).checkpoint
  const resumes = same === undefined || checkpoint === undefined ? null : { run: same.id, epoch: checkpoint.epoch }
  const epochsLeft = resumes === null ? epochs : Math.max(0, epochs - resumes.epoch)
  const known = secondsPerPairAndEpoch(library)
  const own =
    wishes.blocks === undefined
      ? null
      : await preflightBlocks(
          { ...parts, encoder: await parts.encoder() },
          { ...wishes, blocks: wishes.blocks, device: request.device },
          { data, steps: epochsLeft * stepsPerEpoch },
        )
  const problems = [missing, ...(own?.problems ?? [])].filter((problem) => problem !== null)
  return {
    isReady: problems.length === 0,
    problems: problems.map(({ code, message }) => ({ code, message })),
    ...{ pairs, pairsLeftOut: leftOut.length, exemplars: metaSet.length + heldOut.length },
    ...{ metaSet: metaSet.length, heldOut: heldOut.length },
    concepts: new Set([...metaSet, ...heldOut].map(({ concept }) => concept)).size,
    ...{ epochs, batchSize, device: request.device === 'auto' ? 'cpu' : request.device },
    estimatedSeconds: own === null ? pairs * epochsLeft * (known ?? typicalSeconds) : own.seconds,
    estimatedFrom: own?.estimatedFrom ?? (known === null ? 'typical' : 'earlierRuns'),
    resumes,
    blocks: own?.blocks ?? null,
  }
}

/** From the newest run that went through in one go; null without one. */
function secondsPerPairAndEpoch(library: Library): number | null {
  for (const run of library.runs.all()) {
    if (run.state !== 'finished' || run.endedAtMs === null) continue
    const epochs = library.runs.curves(run.id).length
    const pairs = library.pairRecords.count(run.id)
    if (epochs === 0 || pairs === 0) continue
    const asked = askedOf(run)
    if (asked === undefined || asked.blocks !== undefined) continue // blocks take longer
    return (run.endedAtMs - run.startedAtMs) / 1000 / (epochs * pairs)
  }
  return null
}

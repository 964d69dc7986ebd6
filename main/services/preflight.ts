/** What a training run would use and about how long it would take. Starts nothing. */
import type { ProcedureInput, ProcedureOutput } from '../contract/index.ts'
import type { Library } from '../storage/index.ts'
import { gatherPairs, whatIsMissing } from './pairs.ts'
import type { Trainer } from './ports.ts'
import { askedOf, unfinishedRun } from './run-record.ts'
import { findCheckpoint } from './usable-checkpoint.ts'

/** Of one pair in one epoch on two processor cores; the first estimate, until a run on this computer is known. */
const typicalSeconds = 0.0025

export function preflight(
  library: Library,
  encoderId: string,
  trainer: Pick<Trainer, 'checkpointEpoch' | 'work'>,
  request: ProcedureInput<'preflight'>,
): ProcedureOutput<'preflight'> {
  const data = gatherPairs(library, encoderId, { keepSplit: false })
  const problem = whatIsMissing(library, encoderId, data)
  const { metaSet, heldOut, leftOut } = data
  const pairs = data.pairs.length
  const { epochs, trialEpochs, batchSize } = trainer.work({ ...request, pairs: Math.max(1, pairs) })
  const known = secondsPerPairAndEpoch(library, trainer)
  const perPair = known ?? typicalSeconds
  const same = unfinishedRun(library, request, data.dataHash)
  const checkpoint = same === undefined ? undefined : findCheckpoint(library, same.id, trainer).checkpoint
  const resumes = same === undefined || checkpoint === undefined ? null : { run: same.id, epoch: checkpoint.epoch }
  return {
    isReady: problem === null,
    problems: problem === null ? [] : [{ code: problem.code, message: problem.message }],
    ...{ pairs, pairsLeftOut: leftOut.length, exemplars: metaSet.length + heldOut.length },
    ...{ metaSet: metaSet.length, heldOut: heldOut.length },
    concepts: new Set([...metaSet, ...heldOut].map(({ concept }) => concept)).size,
    ...{ epochs, batchSize, device: request.device === 'auto' ? 'cpu' : request.device },
    estimatedSeconds: pairs * perPair * (resumes === null ? epochs + trialEpochs : Math.max(0, epochs - resumes.epoch)),
    estimatedFrom: known === null ? 'typical' : 'earlierRuns',
    resumes,
  }
}

/** From the newest run that went through in one go; null without one. */
function secondsPerPairAndEpoch(library: Library, trainer: Pick<Trainer, 'work'>): number | null {
  for (const run of library.runs.all()) {
    if (run.state !== 'finished' || run.endedAtMs === null) continue
    const epochs = library.runs.curves(run.id).length
    const pairs = library.pairRecords.count(run.id)
    if (epochs === 0 || pairs === 0) continue
    const asked = askedOf(run)
    if (asked === undefined || asked.blocks !== undefined) continue // blocks take longer
    const { trialEpochs } = trainer.work({ ...asked, epochs, pairs })
    return (run.endedAtMs - run.startedAtMs) / 1000 / ((epochs + trialEpochs) * pairs)
  }
  return null
}

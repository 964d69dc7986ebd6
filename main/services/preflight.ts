/** What a training run would use and about how long it would take. Starts nothing. */
import type { ProcedureInput, ProcedureOutput } from '../contract/index.ts'
import type { Library } from '../storage/index.ts'
import { defaultTrainingConfig, epochsFor, marginCandidates, partsOf } from '../training/index.ts'
import { gatherPairs, whatIsMissing } from './pairs.ts'
import type { Trainer } from './ports.ts'
import { unfinishedRun } from './training-runs.ts'

/** Seconds of one step with 128 pairs on two processor cores; the first estimate, until a run on this computer is known. */
const typicalStepSeconds = 0.3

export function preflight(
  library: Library,
  encoderId: string,
  trainer: Pick<Trainer, 'checkpointEpoch'>,
  request: ProcedureInput<'preflight'>,
): ProcedureOutput<'preflight'> {
  const data = gatherPairs(library, encoderId, { keepSplit: false })
  const problem = whatIsMissing(library, encoderId, data)
  const { metaSet, heldOut, leftOut } = data
  const pairs = data.pairs.length
  const epochs = request.epochs ?? epochsFor(Math.max(1, pairs), defaultTrainingConfig)
  const batchSize = Math.min(defaultTrainingConfig.batchSize, Math.max(1, pairs))
  const choosesMargin = partsOf(request.objective).margin && request.marginRadians === undefined
  // Each candidate gets a trial run of a third of the epochs.
  const allEpochs = epochs + (choosesMargin ? (marginCandidates.length * Math.max(3, epochs)) / 3 : 0)
  const known = secondsPerPairAndEpoch(library)
  const perPair = known ?? typicalStepSeconds / defaultTrainingConfig.batchSize
  const same = unfinishedRun(library, request)
  const checkpoint = same?.dataHash === data.dataHash ? library.runs.loadCheckpoint(same.id) : undefined
  const resumes =
    same === undefined || checkpoint === undefined ? null : { run: same.id, epoch: trainer.checkpointEpoch(checkpoint) }
  return {
    isReady: problem === null,
    problems: problem === null ? [] : [{ code: problem.code, message: problem.message }],
    ...{ pairs, pairsLeftOut: leftOut.length, exemplars: metaSet.length + heldOut.length },
    ...{ metaSet: metaSet.length, heldOut: heldOut.length },
    concepts: new Set([...metaSet, ...heldOut].map(({ concept }) => concept)).size,
    ...{ epochs, batchSize, device: request.device === 'auto' ? 'cpu' : request.device },
    estimatedSeconds:
      resumes === null ? allEpochs * pairs * perPair : Math.max(0, epochs - resumes.epoch) * pairs * perPair,
    estimatedFrom: known === null ? 'typical' : 'earlierRuns',
    resumes,
  }
}

/** From the newest run that went through in one go; null without one. */
function secondsPerPairAndEpoch(library: Library): number | null {
  for (const run of library.runs.all()) {
    if (run.state !== 'finished' || run.endedAtMs === null) continue
    const epochs = library.runs.curves(run.id).length
    const pairs = library.pairRecords.count(run.id)
    if (epochs === 0 || pairs === 0) continue
    const { objective, marginRadians } = (run.config ?? {}) as { objective?: 'mama'; marginRadians?: number | null }
    const chose = partsOf(objective ?? 'mama').margin && (marginRadians ?? null) === null
    const worked = epochs + (chose ? (marginCandidates.length * Math.max(3, epochs)) / 3 : 0)
    return (run.endedAtMs - run.startedAtMs) / 1000 / (worked * pairs)
  }
  return null
}

/**
 * A training run over the catalogue: collect pairs, train, record, keep the version, and promote it only when it wins on
 * the held-out exemplars. A run that is stopped or killed goes on from its last checkpoint when it is asked for again.
 */
import type { CallContext, ProcedureInput, ProcedureOutput } from '../contract/index.ts'
import { judgePromotion, scoreExemplars, type PromotionVerdict } from './held-out.ts'
import type { Library, ModelVersion, Run } from '../storage/index.ts'
import { meanAndSpread, type Recovery, type TrainedStep } from '../training/index.ts'
import { embedCatalogue, framesPerShot } from './embed.ts'
import { nameOf, nextName, resolveModel } from './model-versions.ts'
import { collectPairs, loadPairs, type Pair } from './pairs.ts'
import type { FeatureEncoder, PairFeatures, Tower, Trainer } from './ports.ts'
import { recordOf, resumptionOf, unfinishedRun, type RunWishes } from './run-record.ts'
import { createTrainingProgress } from './training-progress.ts'
import { findCheckpoint, type FoundCheckpoint } from './usable-checkpoint.ts'

export type TrainParts = {
  readonly library: Library
  readonly encoder: FeatureEncoder
  readonly trainer: Trainer
  readonly openTower: (model: ModelVersion) => Promise<Tower>
  readonly now: () => number
}

/**
 * @throws AppError `training.notEnough`, `training.tooLarge`, `training.diverged`; `library.newer` when the run that would go on was recorded in
 *   a way that this version does not understand; the abort reason, with a checkpoint kept
 */
export async function trainModel(
  parts: TrainParts,
  input: ProcedureInput<'train'>,
  { signal, onEvent }: CallContext,
): Promise<ProcedureOutput<'train'>> {
  const { library, encoder, trainer, openTower, now } = parts
  const startedMs = now()
  const data = collectPairs(library, encoder.id)
  const load = (pairs: readonly Pair[]): Promise<PairFeatures> => loadPairs(library, encoder, pairs, framesPerShot)
  const [pairs, metaSet, heldOut] = [await load(data.pairs), await load(data.metaSet), await load(data.heldOut)]
  const { objective, marginRadians, learnedShare, epochs, seed, device } = input
  const wishes: RunWishes = { objective, marginRadians, learnedShare, epochs, seed }
  const planned = trainer.plan({ ...wishes, pairs: data.pairs.length, dim: encoder.dim, frameCount: framesPerShot })
  const started = resumeOrCreate(library, trainer, wishes, planned, data)
  const { run, plan, checkpoint, resumedAtEpoch } = started
  for (const message of started.notes) onEvent({ kind: 'note', message })

  const toDo = trainer.work({ ...wishes, pairs: data.pairs.length })
  const stepsPerEpoch = Math.ceil(data.pairs.length / toDo.batchSize)
  const progress = createTrainingProgress(
    {
      ...{ epochs: toDo.epochs, stepsPerEpoch, now, epochsBefore: resumedAtEpoch ?? 0 },
      trialSteps: resumedAtEpoch === null ? toDo.trialEpochs * stepsPerEpoch : 0,
    },
    onEvent,
  )
  const recoveries: Recovery[] = []
  let lastStep: TrainedStep | undefined
  const work = trainer.train({
    ...{ plan, device, signal, checkpoint, pairs, metaSet, heldOut },
    onStep(step) {
      lastStep = step
      progress.step()
    },
    onRecovery(recovery) {
      recoveries.push(recovery)
      if (lastStep) progress.lost(lastStep.done - (recovery.epoch - 1) * lastStep.stepsPerEpoch)
      onEvent({ kind: 'note', message: recoverySentence(recovery) })
    },
    onEpoch({ epoch, epochs: total, meanLoss, meanMetaLoss = null, heldOutScore, loss, weight }) {
      library.pairRecords.save(run.id, { epoch, loss, weight })
      library.runs.saveEpoch(run.id, epoch, { meanLoss, meanMetaLoss, heldOutScore, recoveries })
      onEvent({
        kind: 'epoch',
        epoch,
        epochs: total,
        loss: meanLoss,
        metaLoss: meanMetaLoss,
        heldOutScore,
        run: run.id,
      })
      progress.epoch(epoch, total)
    },
    onNote: (message) => onEvent({ kind: 'note', message }),
    onCheckpoint: (bytes) => library.runs.saveCheckpoint(run.id, bytes),
  })
  const result = await work.catch((error: unknown) => {
    if (signal.aborted) library.runs.setState(run.id, 'paused')
    else library.runs.setState(run.id, 'failed', error instanceof Error ? error.message : String(error))
    throw error
  })

  const before = resolveModel(library, encoder.id, 'active')
  const versionConfig = {
    ...recordOf({ ...wishes, marginRadians: result.marginRadians, learnedShare: result.learnedShare }, plan),
    tower: result.config,
    ...{ device: result.device, deviceReason: result.deviceReason },
    ...(result.recoveries !== undefined && result.recoveries.length > 0 && { recoveries: result.recoveries }),
  }
  // A run that was killed after it had added its version, but before it was finished, has one already.
  const added =
    library.models.all().find(({ runId }) => runId === run.id) ??
    library.models.add({
      encoderId: encoder.id,
      name: nextName(library, objective),
      parentId: resolveModel(library, encoder.id, 'zero-shot').id,
      runId: run.id,
      weights: result.weights,
      config: versionConfig,
    })
  const scoresBefore = await scoreHeldOut(before)
  const scoresAfter = await scoreHeldOut(added)
  const verdict = judgePromotion(scoresBefore, scoresAfter)
  const [heldOutBefore, heldOutAfter] = [scoresBefore, scoresAfter].map((scores) => meanAndSpread(scores).mean) as [
    number,
    number,
  ]
  library.models.setMetrics(added.id, { heldOutScore: heldOutAfter })
  await embedCatalogue(library, encoder, added.id, () => openTower(added), signal)
  library.transaction(() => {
    if (verdict.promoted) {
      if (library.models.active(encoder.id) === undefined) library.models.promote(before.id)
      library.models.promote(added.id)
    }
    library.runs.setState(run.id, 'finished')
  })
  library.runs.removeCheckpoint(run.id)
  return {
    ...{ run: run.id, model: nameOf(added), objective },
    ...{ marginRadians: result.marginRadians, learnedShare: result.learnedShare },
    ...{ pairs: data.pairs.length, metaPairs: data.metaSet.length, heldOutPairs: data.heldOut.length },
    ...{ epochs: result.epochs, resumedAtEpoch, elapsedSeconds: (now() - startedMs) / 1000 },
    ...{ device: result.device, deviceReason: result.deviceReason },
    ...{ heldOutBefore, heldOutAfter, promoted: verdict.promoted },
    reason: promotionReason(verdict, heldOut.ids.length, nameOf(before)),
  }

  async function scoreHeldOut(model: ModelVersion): Promise<number[]> {
    const tower = await openTower(model)
    try {
      return await scoreExemplars(tower, encoder.dim, heldOut, metaSet)
    } finally {
      await tower.dispose()
    }
  }
}

type Started = {
  readonly run: Run
  readonly plan: unknown
  readonly checkpoint?: Uint8Array | undefined
  readonly resumedAtEpoch: number | null
  /** What the user should know about an earlier run with the same choices. */
  readonly notes: readonly string[]
}

/** Equal data, wishes and seed give an equal run, so an unfinished one of these is the same run. */
function resumeOrCreate(
  library: Library,
  trainer: Trainer,
  wishes: RunWishes,
  plan: unknown,
  data: { readonly dataHash: string; readonly pairs: readonly Pair[] },
): Started {
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

/** What the user should know of a step back. */
function recoverySentence({ epoch, reason, learningRateFactor }: Recovery): string {
  return (
    `Epoch ${epoch} did not come to usable numbers (${reason}). The run goes on from the epoch before, ` +
    `at ${learningRateFactor} of its learning rate.`
  )
}

/** The verdict as the end of a sentence about the new version, with the interval that it rests on. */
export function promotionReason({ promoted, gain }: PromotionVerdict, exemplars: number, before: string): string {
  const signed = (value: number): string => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`
  const verdict = promoted
    ? `it finds the held-out exemplars better than ${before}`
    : `it does not find the held-out exemplars clearly enough better than ${before}`
  return `${verdict} (mean average precision ${signed(gain.mean)}, 90 % interval ${signed(gain.low)} to ${signed(gain.high)}, ${exemplars} exemplars).`
}

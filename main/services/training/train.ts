/**
 * A training run over the catalogue: collect pairs, train, record, keep the version, and promote it only when it wins on
 * the held-out exemplars. A run that is stopped or killed goes on from its last checkpoint when it is asked for again.
 */
import { AppError, type CallContext, type ProcedureInput, type ProcedureOutput } from '../../contract/index.ts'
import type { ModelVersion } from '../../storage/index.ts'
import { type Recovery, type TrainedStep } from '../../training/index.ts'
import {
  framesPerShot,
  nameOf,
  nextName,
  readForVersion,
  resolveModel,
  seesWithOwnBlocks,
  type Tower,
} from '../models/index.ts'
import { embedCatalogue } from '../search/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { removeActivations } from './blocks/activation-store.ts'
import { learnBlockRate } from './blocks/block-rate.ts'
import { judgePromotion, rankExemplars, type ExemplarScore, type Judgement } from './held-out.ts'
import { collectPairs, loadPairs, type Pair } from './pairs.ts'
import { loadFeatures, type FeatureParts, type RunFeatures } from './run-features.ts'
import { recordOf, wishesOf } from './runs/run-record.ts'
import { resumeOrCreate } from './runs/start-run.ts'
import { leaningOf } from './runs/training-runs.ts'
import { createTrainingProgress } from './training-progress.ts'

export type TrainParts = FeatureParts & {
  readonly openTower: (model: ModelVersion) => Promise<Tower>
  /** What a version of the encoder in use sees and reads with. */
  readonly encoderOf: (model: ModelVersion) => FeatureEncoder
  /** Names the computer and what of the settings changes its speed. */
  readonly machine: () => string
}

/**
 * @throws AppError `training.notEnough`, `training.tooLarge`, `training.diverged`, `encoder.invalid` for blocks that the encoder lacks,
 *   `media.unreadable` and `disk.full` while pictures are read for blocks; `library.newer` when the run that would go on was recorded in
 *   a way that this version does not understand; the abort reason, with a checkpoint kept
 */
export async function trainModel(
  parts: TrainParts,
  input: ProcedureInput<'train'>,
  { signal, onEvent }: CallContext,
): Promise<ProcedureOutput<'train'>> {
  const { library, encoder, trainer, openTower, encoderOf, now } = parts
  const startedMs = now()
  const data = collectPairs(library, encoder.id)
  const { objective, device } = input
  const wishes = wishesOf(input)
  const counts = { pairs: data.pairs.length, metaSet: data.metaSet.length }
  const planned = trainer.plan({ ...wishes, ...counts, dim: encoder.dim, frameCount: framesPerShot })
  const { upper, plain, stepFlops, pairs, metaSet, heldOut } = await loadFeatures(parts, wishes, planned, data, {
    signal,
    onEvent,
  })
  const started = resumeOrCreate(library, trainer, wishes, planned, data)
  const { run, plan, checkpoint, resumedAtEpoch } = started
  for (const message of started.notes) onEvent({ kind: 'note', message })

  const { epochs, stepsPerEpoch, batchSize } = trainer.work({ ...wishes, ...counts })
  const progress = createTrainingProgress({ epochs, stepsPerEpoch, now, epochsBefore: resumedAtEpoch ?? 0 }, onEvent)
  const recoveries: Recovery[] = []
  let lastShare: number | null = null
  let lastStep: TrainedStep | undefined
  const epochEndsMs: number[] = []
  const work = trainer.train({
    ...{ plan, upper, plain, device, signal, checkpoint, pairs, metaSet, heldOut },
    knowsWord: (word) => encoder.knowsWord(word),
    onStep(step) {
      lastStep = step
      progress.step()
    },
    onRecovery(recovery) {
      recoveries.push(recovery)
      if (lastStep) progress.lost(lastStep.done - (recovery.epoch - 1) * lastStep.stepsPerEpoch)
      onEvent({ kind: 'note', message: recoverySentence(recovery) })
    },
    onEpoch({
      epoch,
      epochs: total,
      meanLoss,
      meanMetaLoss = null,
      heldOutScore,
      effectiveShare = null,
      loss,
      weight,
    }) {
      library.pairRecords.save(run.id, { epoch, loss, weight })
      library.runs.saveEpoch(run.id, epoch, {
        meanLoss,
        meanMetaLoss,
        heldOutScore,
        effectiveShare,
        batchSize,
        recoveries,
      })
      lastShare = effectiveShare
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
      epochEndsMs.push(now())
    },
    onNote: (message) => onEvent({ kind: 'note', message }),
    onCheckpoint: (bytes) => library.runs.saveCheckpoint(run.id, bytes),
  })
  const result = await work.catch((error: unknown) => {
    if (signal.aborted) library.runs.setState(run.id, 'paused')
    else library.runs.setState(run.id, 'failed', error instanceof Error ? error.message : String(error))
    throw error
  })

  if (result.doubts !== undefined) library.pairRecords.saveDoubts(run.id, result.doubts)
  if (stepFlops !== undefined) {
    const seconds = epochEndsMs.slice(1).map((endMs, i) => (endMs - epochEndsMs[i]!) / 1000)
    const place = { machine: parts.machine(), device: result.device }
    learnBlockRate(library.settings, place, stepFlops * stepsPerEpoch, seconds)
  }
  const before = resolveModel(library, encoder.id, 'active')
  const versionConfig = {
    ...recordOf({ ...wishes, marginRadians: result.marginRadians }, plan),
    tower: result.config,
    lexicon: result.lexicon,
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
  const judged = judgePromotion(await scoreActive(before), await scoreAdded())
  const judgement = {
    ...{ verdict: judged.verdict, odds: judged.odds, exemplars: judged.exemplars },
    ...{ firstBefore: judged.first.before, firstAfter: judged.first.after, labelsToDecide: judged.labelsToDecide },
  }
  const won = judged.verdict === 'better'
  library.models.setMetrics(added.id, { heldOutScore: judged.scores.after, won, judgement })
  // Blocks of its own have to see the catalogue, which is worth it for a version that will be used.
  const unread = won
    ? await readForVersion(parts, { model: added, encoder: encoderOf(added) }, { signal, onEvent })
    : undefined
  const promoted = won && unread?.failed.length === 0
  if (promoted || !seesWithOwnBlocks(added)) {
    await embedCatalogue(library, encoderOf(added), added.id, () => openTower(added), signal)
  }
  library.transaction(() => {
    if (promoted) {
      if (library.models.active(encoder.id) === undefined) library.models.promote(before.id)
      library.models.promote(added.id)
    }
    library.runs.setState(run.id, 'finished')
  })
  library.runs.removeCheckpoint(run.id)
  if (seesWithOwnBlocks(added)) removeActivations(library.dir)
  return {
    ...{ run: run.id, model: nameOf(added), objective },
    marginRadians: result.marginRadians,
    ...{ pairs: data.pairs.length, metaPairs: data.metaSet.length, heldOutPairs: data.heldOut.length },
    ...{ epochs: result.epochs, resumedAtEpoch, elapsedSeconds: (now() - startedMs) / 1000 },
    ...{ device: result.device, deviceReason: result.deviceReason },
    ...{ heldOutBefore: judged.scores.before, heldOutAfter: judged.scores.after, judgement, promoted },
    reason: promotionReason(judged, nameOf(before)) + unreadSentence(nameOf(added), unread?.failed.length ?? 0),
    leaning: leaningOf(objective, lastShare, batchSize),
  }

  /** A version in use that has blocks of its own is judged by what these make of the exemplars. */
  async function scoreActive(version: ModelVersion): Promise<ExemplarScore[]> {
    const own = encoderOf(version)
    if (own === encoder && wishes.blocks === undefined) return score(await openTower(version), { heldOut, metaSet })
    const unseen = new Set(library.features.segmentsWithout(own.id))
    if ([...data.heldOut, ...data.metaSet].some(({ segmentId }) => unseen.has(segmentId))) {
      const message = `Some exemplars have not been read with ${nameOf(version)}, which is in use. Run mama import or mama promote ${nameOf(version)} first.`
      throw new AppError('model.unread', message, { model: nameOf(version) })
    }
    const load = (exemplars: readonly Pair[]) => loadPairs(library, own, exemplars, framesPerShot)
    return score(await openTower(version), { heldOut: await load(data.heldOut), metaSet: await load(data.metaSet) })
  }

  async function scoreAdded(): Promise<ExemplarScore[]> {
    if (wishes.blocks === undefined) return score(await openTower(added), { heldOut, metaSet })
    const { weights, config } = result
    const blocks = { upper: upper ?? {}, settings: wishes.blocks }
    const tower = await trainer.openTower({ weights, config, dim: encoder.dim, frameCount: framesPerShot, blocks })
    return score(tower, { heldOut, metaSet })
  }

  async function score(tower: Tower, of: Pick<RunFeatures, 'heldOut' | 'metaSet'>): Promise<ExemplarScore[]> {
    try {
      return await rankExemplars(tower, encoder.dim, of.heldOut, of.metaSet)
    } finally {
      await tower.dispose()
    }
  }
}

/** What the user should know of a step back. */
function recoverySentence({ epoch, reason, learningRateFactor }: Recovery): string {
  return (
    `Epoch ${epoch} did not come to usable numbers (${reason}). The run goes on from the epoch before, ` +
    `at ${learningRateFactor} of its learning rate.`
  )
}

/** Why a version that won is not in use yet; empty when nothing is missing. */
function unreadSentence(name: string, failed: number): string {
  if (failed === 0) return ''
  return ` ${failed} videos could not be read with its blocks: run mama promote ${name} when they are back, or with --leave-out.`
}

/** The verdict as the end of a sentence about the new version, with the odds that it rests on. */
export function promotionReason(
  { verdict, odds, exemplars, first, labelsToDecide }: Judgement,
  before: string,
): string {
  const found = `it finds ${first.after} of ${exemplars} held-out exemplars first, ${before} found ${first.before}`
  const percent = (share: number): string => `${Math.round(100 * Math.min(share, 0.99))} % sure that it is`
  switch (verdict) {
    case 'better':
      return `${found}; ${percent(odds)} better.`
    case 'worse':
      return `${found}; ${percent(1 - odds)} clearly worse.`
    case 'open':
      return (
        `${found}; only ${percent(odds)} better, which does not decide it. ` +
        (labelsToDecide === null ? '' : `About ${labelsToDecide} more labels would. `) +
        'Promote it if you like what it finds.'
      )
  }
}

/**
 * A training run over the catalogue: collect pairs, train, record, keep the version, and promote it only when it wins on
 * the held-out exemplars. A run that is stopped or killed goes on from its last checkpoint when it is asked for again.
 */
import type { CallContext, ProcedureInput, ProcedureOutput } from '../contract/index.ts'
import { meanAveragePrecision } from './held-out.ts'
import type { Library, ModelVersion, Run } from '../storage/index.ts'
import { embedCatalogue, framesPerShot } from './embed.ts'
import { nameOf, nextName, resolveModel } from './model-versions.ts'
import { collectPairs, loadPairs, type Pair } from './pairs.ts'
import type { FeatureEncoder, PairFeatures, Tower, Trainer } from './ports.ts'
import { createProgressMeter } from './progress-meter.ts'

export type TrainParts = {
  readonly library: Library
  readonly encoder: FeatureEncoder
  readonly trainer: Trainer
  readonly openTower: (model: ModelVersion) => Promise<Tower>
  readonly now: () => number
}

/** A win smaller than this could be one exemplar changing its place by chance. */
const leastGain = 1e-6

/** @throws AppError `training.notEnough`, `training.diverged`; the abort reason, with a checkpoint kept */
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
  const { objective, marginRadians, epochs, seed, device } = input
  // The device is not part of it: a run may go on elsewhere.
  const config = { objective, marginRadians: marginRadians ?? null, epochs: epochs ?? null, seed }
  const { run, checkpoint, resumedAtEpoch } = resumeOrCreate(library, trainer, config, data)
  if (resumedAtEpoch !== null) {
    onEvent({ kind: 'note', message: `Going on with a run that was stopped after epoch ${resumedAtEpoch}.` })
  }

  let meter: ReturnType<typeof createProgressMeter> | undefined
  const work = trainer.train({
    ...{ objective, marginRadians, epochs, seed, device, signal, checkpoint },
    ...{ dim: encoder.dim, frameCount: framesPerShot, pairs, metaSet, heldOut },
    onEpoch({ epoch, epochs: total, meanLoss, heldOutScore, loss, weight }) {
      library.pairRecords.save(run.id, { epoch, loss, weight })
      library.runs.saveEpoch(run.id, epoch, { meanLoss, heldOutScore })
      meter ??= createProgressMeter({ stage: 'training', unit: 'epochs', total, now }, onEvent)
      onEvent({ kind: 'epoch', epoch, epochs: total, loss: meanLoss, heldOutScore })
      meter.update(epoch)
    },
    onCheckpoint: (bytes) => library.runs.saveCheckpoint(run.id, bytes),
  })
  const result = await work.catch((error: unknown) => {
    if (signal.aborted) library.runs.setState(run.id, 'paused')
    else library.runs.setState(run.id, 'failed', error instanceof Error ? error.message : String(error))
    throw error
  })

  const before = resolveModel(library, encoder.id, 'active')
  const towerConfig = { ...config, marginRadians: result.marginRadians, tower: result.config }
  // A run that was killed after it had added its version, but before it was finished, has one already.
  const added =
    library.models.all().find(({ runId }) => runId === run.id) ??
    library.models.add({
      encoderId: encoder.id,
      name: nextName(library, objective),
      parentId: resolveModel(library, encoder.id, 'zero-shot').id,
      runId: run.id,
      weights: result.weights,
      config: towerConfig,
    })
  const heldOutBefore = await scoreHeldOut(before)
  const heldOutAfter = await scoreHeldOut(added)
  library.models.setMetrics(added.id, { heldOutScore: heldOutAfter })
  await embedCatalogue(library, encoder, added.id, () => openTower(added), signal)
  const promoted = heldOutAfter > heldOutBefore + leastGain
  library.transaction(() => {
    if (promoted) {
      if (library.models.active() === undefined) library.models.promote(before.id)
      library.models.promote(added.id)
    }
    library.runs.setState(run.id, 'finished')
  })
  library.runs.removeCheckpoint(run.id)
  return {
    ...{ run: run.id, model: nameOf(added), objective, marginRadians: result.marginRadians },
    ...{ pairs: data.pairs.length, metaPairs: data.metaSet.length, heldOutPairs: data.heldOut.length },
    ...{ epochs: result.epochs, resumedAtEpoch, elapsedSeconds: (now() - startedMs) / 1000, device: result.device },
    ...{ heldOutBefore, heldOutAfter, promoted },
    reason: promoted
      ? `it finds the held-out exemplars better than ${nameOf(before)}.`
      : `it does not find the held-out exemplars better than ${nameOf(before)}.`,
  }

  async function scoreHeldOut(model: ModelVersion): Promise<number> {
    const tower = await openTower(model)
    try {
      const count = heldOut.ids.length
      const videos = await tower.videos(heldOut.frames, heldOut.mask, count)
      const texts = await tower.texts(heldOut.texts, count)
      return meanAveragePrecision(texts, videos, encoder.dim, heldOut.concepts)
    } finally {
      await tower.dispose()
    }
  }
}

type Resumed = { run: Run; checkpoint?: Uint8Array | undefined; resumedAtEpoch: number | null }

/** Equal data, config and seed give an equal run, so an unfinished one of these is the same run. */
function resumeOrCreate(
  library: Library,
  trainer: Trainer,
  config: { readonly seed: number },
  data: { readonly dataHash: string; readonly pairs: readonly Pair[] },
): Resumed {
  const same = library.runs
    .all()
    .find(
      ({ state, dataHash, config: earlier }) =>
        (state === 'running' || state === 'paused') &&
        dataHash === data.dataHash &&
        JSON.stringify(earlier) === JSON.stringify(config),
    )
  const checkpoint = same === undefined ? undefined : library.runs.loadCheckpoint(same.id)
  if (same !== undefined && checkpoint !== undefined) {
    const resumedAtEpoch = trainer.checkpointEpoch(checkpoint)
    library.pairRecords.dropAfter(same.id, resumedAtEpoch)
    library.runs.setState(same.id, 'running')
    return { run: same, checkpoint, resumedAtEpoch }
  }
  // Killed before its first checkpoint: nothing of it is worth keeping, the new run takes its place.
  if (same !== undefined) library.runs.setState(same.id, 'cancelled')
  const run = library.runs.create({ config, seed: config.seed, dataHash: data.dataHash })
  library.pairRecords.setPairs(
    run.id,
    data.pairs.map(({ id, segmentId, text }) => ({ pairId: id, segmentId, text })),
  )
  return { run, resumedAtEpoch: null }
}

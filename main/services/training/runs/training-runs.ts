/** Training runs as a window shows them: history, curves, and the learned weight of a pair by its loss. */
import { z } from 'zod'
import {
  AppError,
  objectives,
  type Leaning,
  type Objective,
  type ProcedureOutput,
  type TrainingRun,
  type WeightPoint,
} from '../../../contract/index.ts'
import type { Library, Run } from '../../../storage/index.ts'
import { blockSettingsSchema, partsOf } from '../../../training/index.ts'
import { isUnread, modelConfigSchema, modelMetricsSchema, nameOf } from '../../models/index.ts'
import { haveUsualRate } from './run-record.ts'

/** What train.ts keeps with a run and with each epoch; read back leniently, since older versions may have written less. */
const runConfigSchema = z.object({
  objective: z.enum(objectives).catch('mama'),
  marginRadians: z.number().nullable().catch(null),
  epochs: z.number().int().nullable().catch(null),
  seed: z.number().int().catch(0),
  blocks: blockSettingsSchema.nullable().catch(null),
})
const epochSchema = z.object({
  meanLoss: z.number().nullable().catch(null),
  meanMetaLoss: z.number().nullable().catch(null),
  heldOutScore: z.number().nullable().catch(null),
  effectiveShare: z.number().nullable().catch(null),
  batchSize: z.number().int().nullable().catch(null),
})

/** @param isTraining whether a run is at work in this process; one that says so otherwise was left by a crash */
export function listRuns(library: Library, isTraining: boolean): ProcedureOutput<'runs'> {
  return { runs: library.runs.all().map((run) => toRun(library, run, isTraining)) }
}

/** @param encoderId of the encoder in use  @throws AppError `model.missing` */
export function runDetail(
  library: Library,
  id: string,
  encoderId: string,
  isTraining: boolean,
): ProcedureOutput<'run'> {
  const run = library.runs.get(id)
  if (run === undefined) throw new AppError('model.missing', 'There is no such training run any more.', { run: id })
  const epochs = library.runs.curves(id).map(({ epoch, values }) => ({ epoch, ...epochSchema.parse(values ?? {}) }))
  const records = epochs.map(({ epoch, meanLoss, meanMetaLoss, heldOutScore, effectiveShare }) => ({
    ...{ epoch, loss: meanLoss, metaLoss: meanMetaLoss, heldOutScore, effectiveShare },
  }))
  const last = epochs.at(-1)
  const model = run.modelId === null ? undefined : library.models.get(run.modelId)
  return {
    ...toRun(library, run, isTraining),
    isUnread: model !== undefined && isUnread(library, model),
    isOfOtherEncoder: model !== undefined && model.encoderId !== encoderId,
    ...{ records, weightCurves: weightCurves(library, id) },
    leaning: leaningOf(objectiveOf(run), last?.effectiveShare ?? null, last?.batchSize ?? null),
  }
}

/** A run whose batches lean on less of themselves than this has weights that are not to be relied on. */
const leastEffectiveShare = 1 / 3

/** Pairs that a batch leans on; null for a run without weights, or one that did not record it. Pure. */
export function leaningOf(
  objective: Objective,
  effectiveShare: number | null,
  batchSize: number | null,
): Leaning | null {
  if (effectiveShare === null || batchSize === null || !partsOf(objective).weights) return null
  return { pairs: effectiveShare * batchSize, batchSize, isFew: effectiveShare < leastEffectiveShare }
}

export function objectiveOf(run: Run): Objective {
  return runConfigSchema.parse(run.config ?? {}).objective
}

function toRun(library: Library, run: Run, isTraining: boolean): TrainingRun {
  const config = runConfigSchema.parse(run.config ?? {})
  const model = run.modelId === null ? undefined : library.models.get(run.modelId)
  const metrics = model === undefined ? undefined : modelMetricsSchema.safeParse(model.metrics ?? {}).data
  const { blocks } = config
  const chosenMargin = z
    .object({ marginRadians: z.number() })
    .safeParse(model === undefined ? {} : modelConfigSchema.parse(model.config ?? {})).data?.marginRadians
  const state = run.state === 'running' && !isTraining ? 'paused' : run.state
  return {
    ...{ id: run.id, state, objective: config.objective, marginRadians: chosenMargin ?? config.marginRadians },
    ...{ epochs: config.epochs, epochsDone: library.runs.curves(run.id).at(-1)?.epoch ?? 0, seed: config.seed },
    pairs: library.pairRecords.count(run.id),
    startedAt: new Date(run.startedAtMs).toISOString(),
    endedAt: run.endedAtMs === null ? null : new Date(run.endedAtMs).toISOString(),
    failure: run.failure,
    model: model === undefined ? null : nameOf(model),
    modelState: model === undefined ? null : model.active ? 'active' : model.status,
    ...{ heldOutScore: metrics?.heldOutScore ?? null, won: metrics?.won ?? null },
    judgement: metrics?.judgement ?? null,
    blocks: blocks && { count: blocks.blocks, texts: blocks.texts ?? 0, rank: blocks.rank },
    // A window does not ask for a rate, so that the same choices there would be another run.
    isResumable: state === 'paused' && run.hasCheckpoint && (blocks === null || haveUsualRate(blocks)),
  }
}

/** Epochs whose curve is shown: the last, and a few before it. */
const shownCurves = 4

function weightCurves(library: Library, runId: string): ProcedureOutput<'run'>['weightCurves'] {
  const epochs = library.pairRecords.epochs(runId)
  const chosen = Array.from({ length: shownCurves }, (_, i) =>
    epochs.at(Math.round(((i + 1) * epochs.length) / shownCurves) - 1),
  )
  return [...new Set(chosen)].flatMap((epoch) => {
    const record = epoch === undefined ? undefined : library.pairRecords.read(runId, epoch)
    if (record === undefined || !hasWeights(record.weight)) return []
    return [{ epoch: record.epoch, points: weightCurve(record.loss, relativeWeights(record.weight)) }]
  })
}

/** Whether a run learned weights: without them all are equal. */
export function hasWeights(weight: Float32Array): boolean {
  const first = weight.find((value) => !Number.isNaN(value)) ?? 0
  return weight.some((value) => Math.abs(value - first) > 1e-6)
}

/** [N]: weights relative to that of the average pair, so that 1 is as much as that. Pairs that an epoch did not see (NaN) stay so. */
export function relativeWeights(weight: Float32Array): Float32Array {
  const seen = weight.filter((value) => !Number.isNaN(value))
  const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length
  return mean > 0 ? weight.map((value) => value / mean) : weight.slice()
}

/**
 * The curve through the scatter: pairs by rising loss in groups of equal size, each as its mean. Pairs that the epoch
 * did not see (NaN) are left out. Pure.
 */
export function weightCurve(loss: Float32Array, weight: Float32Array, groups = 24): WeightPoint[] {
  const seen = [...loss.keys()].filter((i) => !Number.isNaN(loss[i]!) && !Number.isNaN(weight[i]!))
  seen.sort((a, b) => loss[a]! - loss[b]!)
  const count = Math.min(groups, seen.length)
  return Array.from({ length: count }, (_, group) => {
    const members = seen.slice(
      Math.floor((group * seen.length) / count),
      Math.floor(((group + 1) * seen.length) / count),
    )
    const mean = (values: Float32Array): number => members.reduce((sum, i) => sum + values[i]!, 0) / members.length
    return { loss: mean(loss), weight: mean(weight), pairs: members.length }
  })
}

/** What a run costs, known before what it trains on is prepared: whether it fits into memory, and how long its steps will take. */
import { trainedParts, type UpperModels } from './block-settings.ts'
import type { TrainingConfig } from './config.ts'
import { towerOver, type TrainedParts } from './encoder-tower.ts'
import type { TrainingPlan } from './plan.ts'
import { planSteps } from './plan-steps.ts'
import { checkMemory } from './predict-memory.ts'
import type { TemporalTowerConfig } from './towers.ts'

/** As `trainTowers` takes it. */
export type CostedRun = TrainedParts & { readonly tower: TemporalTowerConfig; readonly config: TrainingConfig }

/** Pairs and trusted pairs that there will be. */
export type RunCounts = { readonly pairs: number; readonly metaSet: number }

export type RunCost = {
  /** Pairs a step. */
  readonly batchSize: number
  /** What its steps hold, see `predictMemory`. */
  readonly memoryBytes: number
  /** Floating-point operations of the matrix products of one step. */
  readonly stepFlops: number
}

/** @param upper what lies above the cuts of the blocks that the plan trains */
export function costedRun({ config, tower, trained }: TrainingPlan, upper: UpperModels): CostedRun {
  return { tower, config, ...trainedParts(upper, trained) }
}

/** Builds the graphs of a step, which takes a few tenths of a second for blocks of an encoder. */
export function costOfRun(run: CostedRun, counts: RunCounts): RunCost {
  const { config, tower } = run
  const rows = counts.pairs + config.trustedRepeats * counts.metaSet
  const given = { signals: config.weighsStartLoss ? 1 : 0, keeps: config.keepWeight > 0 }
  const planned = planSteps(towerOver(tower, run), tower.width, config, { ...counts, pairs: rows }, given)
  const { batchSize, memory, flops } = planned
  return { batchSize, memoryBytes: memory.totalBytes, stepFlops: flops() }
}

/**
 * @param counts with the bytes of what is trained on that will be held in memory
 * @throws AppError `training.tooLarge` with both numbers
 */
export function checkRunMemory(
  run: CostedRun,
  { heldBytes = 0, ...counts }: RunCounts & { readonly heldBytes?: number | undefined },
  availableBytes: number,
): RunCost {
  const cost = costOfRun(run, counts)
  checkMemory({ totalBytes: cost.memoryBytes + heldBytes }, availableBytes, cost.batchSize)
  return cost
}

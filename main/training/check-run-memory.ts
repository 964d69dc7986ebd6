/** Whether a run fits into memory, asked before what it trains on is prepared. */
import type { TrainingConfig } from './config.ts'
import { towerOver, type TrainedPart } from './encoder-tower.ts'
import { planSteps } from './plan-steps.ts'
import { checkMemory } from './predict-memory.ts'
import type { TemporalTowerConfig } from './towers.ts'

/**
 * @param run as `trainTowers` takes it
 * @param counts pairs and trusted pairs that there will be
 * @throws AppError `training.tooLarge` with both numbers
 */
export function checkRunMemory(
  run: {
    readonly tower: TemporalTowerConfig
    readonly vision?: TrainedPart | undefined
    readonly config: TrainingConfig
  },
  counts: { readonly pairs: number; readonly metaSet: number },
  availableBytes: number,
): void {
  const planned = planSteps(towerOver(run.tower, run.vision), run.tower.width, run.config, counts)
  checkMemory(planned.memory, availableBytes, planned.batchSize)
}

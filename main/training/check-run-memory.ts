/** Whether a run fits into memory, asked before what it trains on is prepared. */
import type { TrainingConfig } from './config.ts'
import { towerOver, type TrainedParts } from './encoder-tower.ts'
import { planSteps } from './plan-steps.ts'
import { checkMemory } from './predict-memory.ts'
import type { TemporalTowerConfig } from './towers.ts'

/**
 * @param run as `trainTowers` takes it
 * @param counts pairs and trusted pairs that there will be, and bytes of what they are that will be held in memory
 * @throws AppError `training.tooLarge` with both numbers
 */
export function checkRunMemory(
  run: TrainedParts & { readonly tower: TemporalTowerConfig; readonly config: TrainingConfig },
  counts: { readonly pairs: number; readonly metaSet: number; readonly heldBytes?: number | undefined },
  availableBytes: number,
): void {
  const { memory, batchSize } = planSteps(towerOver(run.tower, run), run.tower.width, run.config, counts)
  checkMemory({ ...memory, totalBytes: memory.totalBytes + (counts.heldBytes ?? 0) }, availableBytes, batchSize)
}

/** Chooses how the steps of a run are computed, whole or in pieces, and says what that needs before anything is opened. */
import { matMulFlops } from '../graph/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { defaultAdam } from './adam.ts'
import { buildPieces, openChunkedRunner, piecesFlops } from './chunked-runner.ts'
import { partsOf, type TrainingConfig } from './config.ts'
import { predictMemory, type MemoryNeed } from './predict-memory.ts'
import { metaLearnedShapes, trainedShapes, type StepConfig } from './step-parts.ts'
import { buildSteps, openStepRunner, type StepPlan, type StepRunner } from './step-runner.ts'
import type { Tower } from './towers.ts'

/** The optimiser of towers and weighting network. */
export const runAdam = { ...defaultAdam, beta2: 0.98 }

export type PlannedSteps = {
  readonly batchSize: number
  readonly metaBatchSize: number
  readonly config: StepConfig
  readonly memory: MemoryNeed
  /** Floating-point operations of the matrix products of one step. */
  flops(): number
  /** @throws AppError `runtime.failed` */
  open(runtime: Runtime): Promise<StepRunner>
}

export function learnsMargin({ objective, marginLearningRate }: TrainingConfig): boolean {
  return objective === 'mama' && marginLearningRate > 0
}

/**
 * @param width D, of the embeddings
 * @param counts pairs and trusted pairs that there are
 * @param given what beside its features each pair comes with
 */
export function planSteps(
  tower: Tower,
  width: number,
  config: TrainingConfig,
  counts: { readonly pairs: number; readonly metaSet: number },
  given: { readonly signals: number; readonly keeps: boolean } = { signals: 0, keeps: false },
): PlannedSteps {
  const stepConfig: StepConfig = {
    batchSize: Math.min(config.batchSize, counts.pairs),
    metaBatchSize: Math.min(config.metaBatchSize, counts.metaSet),
    weights: partsOf(config.objective).weights,
    weightStep: config.weightUpdate,
    marginMode: config.marginMode,
    marginBounds: learnsMargin(config) ? config.marginBoundsRadians : undefined,
    attachedWeights: config.attachedWeights,
    weightNetHidden: config.weightNetHidden,
    signals: given.signals,
    keepsWidth: given.keeps ? width : undefined,
    maxLogitScale: config.maxLogitScale,
    scaleLooksAhead: false,
    centresWeights: true,
    clipNorm: config.clipNorm,
    parameterAdam: { ...runAdam, weightDecay: config.weightDecay },
    weightNetAdam: runAdam,
  }
  const plan: StepPlan = { tower, config: stepConfig, restsBetween: config.weightUpdateEvery > 1 }
  const { batchSize, metaBatchSize } = stepConfig
  const inPieces = config.encodeChunk > 0 && config.encodeChunk < batchSize
  const shapes = { ...trainedShapes(tower, stepConfig), ...metaLearnedShapes(stepConfig) }
  if (inPieces) {
    const pieces = buildPieces(plan, width, config.encodeChunk)
    return {
      ...{ batchSize, metaBatchSize, config: stepConfig },
      memory: predictMemory(Object.values(pieces.pieces), shapes),
      flops: () => piecesFlops(pieces),
      open: (runtime) => openChunkedRunner(runtime, pieces, config.objective),
    }
  }
  const steps = buildSteps(plan)
  return {
    ...{ batchSize, metaBatchSize, config: stepConfig },
    memory: predictMemory(Object.values(steps), shapes),
    flops: () => matMulFlops(Object.values(steps.moving.outputs)),
    open: (runtime) => openStepRunner(runtime, steps, config.objective),
  }
}

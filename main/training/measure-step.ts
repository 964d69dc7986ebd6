/** How long a small MAMA step takes on a runtime: what the choice of a device rests on. */
import { createRandom, floatTensor, sizeOf, type Tensor, type TensorMap } from '../base/index.ts'
import { matMulFlops } from '../graph/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { adamFeeds, defaultAdam } from './adam.ts'
import { defaultTrainingConfig } from './config.ts'
import { buildStep, momentShapes, type StepGraph } from './mama-step.ts'
import { initialWeightNet } from './sample-weights.ts'
import { temporalTower } from './towers.ts'

/** A step of the usual kind, at about a tenth of the usual work. */
const tower = { width: 128, frames: 8, blocks: 1, heads: 4, mlpRatio: 4, textHidden: 256, masked: true }
const [batchSize, metaBatchSize] = [32, 32]

/** In the time after the first step, which builds what later ones use. */
const budgetMs = 2000
const mostSteps = 10
/** A first step that takes longer than any compiling of kernels would is measured enough, such as one of a software driver. */
const hopelessMs = 10_000

export type MeasureOptions = {
  /** Milliseconds, from any start. */
  readonly now: () => number
  readonly signal?: AbortSignal | undefined
}

/**
 * Mean milliseconds of a step after the first, over two seconds or ten steps, whichever ends first; of the first itself
 * when it took more than ten seconds. A step that has begun is waited for.
 * @throws AppError `runtime.failed`; the abort reason
 */
export async function measureStep(runtime: Runtime, { now, signal }: MeasureOptions): Promise<number> {
  const step = buildMeasured()
  const random = createRandom(1)
  const session = await runtime.createSession(step.model, { label: 'measured step', state: step.state })
  try {
    const phi = initialWeightNet(defaultTrainingConfig.weightNetHidden, random.fork('weights'))
    await session.writeState({
      ...temporalTower(tower).initialParameters(random),
      log_scale: floatTensor([], [Math.log(defaultTrainingConfig.initialLogitScale)]),
      ...Object.fromEntries(Object.entries(phi).map(([name, value]) => [`phi.${name}`, value])),
      ...Object.fromEntries(Object.entries(momentShapes(step)).map(([name, shape]) => [name, filled(shape, () => 0)])),
    })
    const feeds = { ...batch('train', batchSize), ...batch('meta', metaBatchSize), ...scalars() }
    const run = (): Promise<TensorMap> => session.run(feeds, { outputs: ['perSample', 'trainLoss', 'metaLoss'] })
    const openedMs = now()
    await run()
    const startedMs = now()
    if (startedMs - openedMs > hopelessMs) return startedMs - openedMs
    let steps = 0
    do {
      signal?.throwIfAborted()
      await run()
      steps++
    } while (steps < mostSteps && now() - startedMs < budgetMs)
    return (now() - startedMs) / steps
  } finally {
    await session.dispose()
  }

  function batch(prefix: string, count: number): TensorMap {
    const numbers = random.fork(prefix)
    return {
      [`${prefix}.frames`]: filled([count, tower.frames, tower.width], () => numbers.normal()),
      [`${prefix}.mask`]: filled([count, tower.frames], () => 1),
      [`${prefix}.text`]: filled([count, tower.width], () => numbers.normal()),
    }
  }
}

/** Floating-point operations of the matrix products of the step that is measured. */
export function measuredStepFlops(): number {
  return matMulFlops(Object.values(buildMeasured().outputs))
}

function buildMeasured(): StepGraph {
  const config = defaultTrainingConfig
  return buildStep(temporalTower(tower), {
    ...{ batchSize, metaBatchSize, weights: true, marginMode: config.marginMode, attachedWeights: false },
    ...{ weightNetHidden: config.weightNetHidden, maxLogitScale: config.maxLogitScale, clipNorm: config.clipNorm },
    ...{ parameterAdam: { ...defaultAdam, weightDecay: config.weightDecay }, weightNetAdam: defaultAdam },
  })
}

function filled(shape: readonly number[], value: () => number): Tensor {
  return floatTensor(shape, Float32Array.from({ length: sizeOf(shape) }, value))
}

function scalars(): TensorMap {
  const values = {
    ...{ margin: 0.02, metaMargin: 0, lookAheadRate: 0.1 },
    ...adamFeeds('theta', defaultAdam, 1e-4, 1),
    ...adamFeeds('phi', defaultAdam, 1e-4, 1),
  }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, floatTensor([], [value])]))
}

/**
 * The training loop: epochs of steps, and a record of every pair. Without IO: it is handed features and reports through
 * callbacks. The same seed, config and data give the same run on one machine.
 *
 * [Note: Stepping back] Numbers that are not finite are found in the step that makes them (loss, gradient norm, weights)
 * or at the end of its epoch (parameters), and never reach a checkpoint. The run goes back to the end of its last good
 * epoch and on from there at half the learning rate. Which epoch that was, and the rate, are in every checkpoint, so that
 * a run that is stopped later goes on equally.
 */
import { assert, createRandom, floatTensor, sizeOf, type TensorMap } from '../base/index.ts'
import { AppError } from '../contract/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { adamFeeds } from './adam.ts'
import { openBatchSource } from './batch-source.ts'
import { readCheckpoint, writeCheckpoint, type Checkpoint, type Recovery } from './checkpoint.ts'
import { partsOf, type TrainingConfig } from './config.ts'
import { towerOver, type TrainedParts } from './encoder-tower.ts'
import { createLexiconTable } from './lexicon-table.ts'
import { momentShapes } from './mama-step.ts'
import type { PairSet } from './pair-set.ts'
import { learnsMargin, planSteps, runAdam } from './plan-steps.ts'
import { checkMemory } from './predict-memory.ts'
import { initialWeightNet } from './sample-weights.ts'
import { createRunState, type RunState } from './run-state.ts'
import { learningRateAt } from './schedule.ts'
import {
  marginName,
  metaLearnedShapes,
  trainedShapes,
  weightNetPrefix,
  withPrefix,
  type StepConfig,
} from './step-parts.ts'
import { faultIn, faultOf } from './step-runner.ts'
import type { TemporalTowerConfig, Tower } from './towers.ts'

export type TrainedEpoch = {
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  readonly meanLoss: number
  readonly meanMetaLoss: number | null
  /** As `scoreHeldOut` gave it; higher is better. */
  readonly heldOutScore: number | null
  /** [N], in the order of the pairs. */
  readonly loss: Float32Array
  /** [N]: the weighting network's output in (0, 1); 1 where no weights are learned. */
  readonly weight: Float32Array
  /**
   * Pairs that a batch leans on, as a share of it: (sum w)^2 / (B sum w^2), mean over the epoch's batches, in (0, 1]. 1 where
   * all weigh the same.
   */
  readonly effectiveShare: number
}

/** One step done. `done` counts from the start of the run, epochs of an earlier process included. */
export type TrainedStep = { readonly done: number; readonly total: number; readonly stepsPerEpoch: number }

/** Of halves whose upper blocks are trained too, the pairs hold what lies below these. */
export type TrainTowersOptions = TrainedParts & {
  readonly runtime: Runtime
  readonly tower: TemporalTowerConfig
  readonly config: TrainingConfig
  readonly pairs: PairSet
  readonly metaSet: PairSet
  /** V: entries of the lexicon that `facts.entries` of both sets name; default 0: the tower has none. */
  readonly lexiconSize?: number | undefined
  /** Scores parameters on the held-out exemplars after each epoch, for the record: they choose nothing. */
  readonly scoreHeldOut?: ((parameters: TensorMap) => Promise<number>) | undefined
  readonly checkpoint?: Uint8Array | undefined
  /** Free memory of the machine; undefined: nothing is refused. */
  readonly availableBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onStep?: ((step: TrainedStep) => void) | undefined
  readonly onEpoch?: ((epoch: TrainedEpoch) => void) | undefined
  readonly onCheckpoint?: ((bytes: Uint8Array, epoch: number) => void) | undefined
  /** The run stepped back. `done` of `onStep` then counts from an earlier number. */
  readonly onRecovery?: ((recovery: Recovery) => void) | undefined
}

export type TrainedTowers = {
  /** Before the first step, and after the last epoch. */
  readonly start: TensorMap
  readonly last: TensorMap
  /** At the end: as it was given, unless it was learned. */
  readonly marginRadians: number
  readonly recoveries: readonly Recovery[]
}

/** So often a run may step back before it is given up. */
export const mostRecoveries = 3

function initialState(config: TrainingConfig, tower: Tower, stepConfig: StepConfig): TensorMap {
  const random = createRandom(config.seed).fork('initial')
  const shapes = {
    parameterShapes: trainedShapes(tower, stepConfig),
    metaLearnedShapes: metaLearnedShapes(stepConfig),
  }
  const zeros = Object.fromEntries(
    Object.entries(momentShapes(shapes)).map(([name, shape]) => [
      name,
      floatTensor(shape, new Float32Array(sizeOf(shape))),
    ]),
  )
  const phi = partsOf(config.objective).weights
    ? initialWeightNet(config.weightNetHidden, random.fork('weights'), stepConfig.signals)
    : {}
  return {
    ...tower.initialParameters(random),
    log_scale: floatTensor([], [Math.log(config.initialLogitScale)]),
    ...withPrefix(phi, weightNetPrefix),
    ...(learnsMargin(config) ? { [marginName]: floatTensor([], [config.marginRadians]) } : {}),
    ...zeros,
  }
}

type Schedule = { readonly stepsPerEpoch: number; readonly totalSteps: number; readonly warmUpSteps: number }
type EpochRecord = Pick<TrainedEpoch, 'meanLoss' | 'meanMetaLoss' | 'loss' | 'weight' | 'effectiveShare'>

/**
 * Trains towers on `pairs`. When aborted, the last checkpoint (one an epoch) resumes the run exactly; no further step is
 * begun.
 * @throws AppError `training.diverged` when stepping back did not help, `training.tooLarge`; CheckpointProblem; the abort
 *   reason
 */
export async function trainTowers(options: TrainTowersOptions): Promise<TrainedTowers> {
  const { runtime, config, pairs, metaSet, signal, scoreHeldOut } = options
  const { weights, margin } = partsOf(config.objective)
  assert(pairs.count >= 2, `training needs at least 2 pairs, got ${pairs.count}`)
  assert(!weights || metaSet.count >= 2, `learned weights need at least 2 trusted pairs, got ${metaSet.count}`)
  const resumed = options.checkpoint === undefined ? undefined : readCheckpoint(options.checkpoint)
  const { width } = options.tower
  const lexiconSize = options.lexiconSize ?? 0
  const source = await openBatchSource({ runtime, pairs, metaSet, config, width, lexiconSize })
  const lexicon = lexiconSize === 0 ? undefined : { rows: source.lexiconRows, rateFactor: config.lexiconRateFactor }
  const tower = towerOver(options.tower, { ...options, lexicon })
  const planned = planSteps(tower, width, config, { pairs: source.count, metaSet: metaSet.count }, source)
  const table = lexicon && createLexiconTable({ size: lexiconSize, rows: lexicon.rows, width, adam: runAdam })
  const { batchSize, metaBatchSize } = planned
  if (options.availableBytes !== undefined) checkMemory(planned.memory, options.availableBytes, batchSize)
  const runner = await planned.open(runtime)
  try {
    return await runEpochs(runner.parameterNames, createRunState(runner, table))
  } finally {
    await runner.dispose()
  }

  async function runEpochs(parameterNames: readonly string[], training: RunState): Promise<TrainedTowers> {
    const initial = { ...initialState(config, tower, planned.config), ...table?.state() }
    const pick = (from: TensorMap, names: readonly string[]): TensorMap =>
      Object.fromEntries(names.map((name) => [name, from[name]!]))
    const start = pick(initial, parameterNames)
    // What the run steps back to: the end of the last good epoch.
    let good: Checkpoint = resumed ?? { state: pick(initial, training.names), progress: { epoch: 0, recoveries: [] } }
    let recoveries = good.progress.recoveries
    const stepsPerEpoch = Math.ceil(source.count / batchSize)
    await training.write(good.state, good.progress.epoch * stepsPerEpoch)

    const totalSteps = config.epochs * stepsPerEpoch
    const schedule = {
      ...{ stepsPerEpoch, totalSteps },
      warmUpSteps: Math.max(1, Math.round(totalSteps * config.warmUpFraction)),
    }
    while (good.progress.epoch < config.epochs) {
      const epoch = good.progress.epoch + 1
      const record = await runEpoch(training.run, epoch, schedule, recoveries.at(-1)?.learningRateFactor ?? 1)
      const state = await training.read(epoch * stepsPerEpoch)
      const fault = typeof record === 'string' ? record : faultIn(state)
      if (typeof record === 'string' || fault !== undefined) {
        recoveries = stepBack(recoveries, epoch, fault!)
        options.onRecovery?.(recoveries.at(-1)!)
        await training.write(good.state, good.progress.epoch * stepsPerEpoch)
        continue
      }
      const heldOutScore = scoreHeldOut === undefined ? null : await scoreHeldOut(pick(state, parameterNames))
      good = { state, progress: { epoch, recoveries } }
      options.onEpoch?.({ ...record, epoch, epochs: config.epochs, heldOutScore })
      options.onCheckpoint?.(writeCheckpoint(good), epoch)
      signal?.throwIfAborted()
    }
    const { state } = good
    return {
      ...{ start, last: pick(state, parameterNames), recoveries },
      marginRadians: learnsMargin(config) ? Number(state[marginName]!.data[0]) : config.marginRadians,
    }
  }

  /** The epoch's record, or in words what was not finite in it. */
  async function runEpoch(
    run: RunState['run'],
    epoch: number,
    { stepsPerEpoch, totalSteps, warmUpSteps }: Schedule,
    learningRateFactor: number,
  ): Promise<EpochRecord | string> {
    const random = createRandom(config.seed).fork(`epoch ${epoch}`)
    const metaOrder = random.fork('meta')
    const loss = new Float32Array(pairs.count)
    const weight = new Float32Array(pairs.count).fill(1)
    const metaLosses: number[] = []
    const effective: number[] = []
    const phiRate = epoch > config.weightNetDelayEpochs ? config.weightNetLearningRate * learningRateFactor : 0
    for (const [i, rows] of source.batches(batchSize, random).entries()) {
      signal?.throwIfAborted()
      const number = (epoch - 1) * stepsPerEpoch + i + 1
      const rate = learningRateAt(number, {
        ...{ peak: config.learningRate * learningRateFactor, warmUpSteps, totalSteps, finalFraction: 0.02 },
      })
      const metaRows = weights ? source.metaRows(metaBatchSize, metaOrder) : []
      const active = source.activeEntries(rows, metaRows)
      const movesWeights = weights && (number - 1) % config.weightUpdateEvery === 0
      const result = await run({
        movesWeights,
        train: source.trainFeeds(rows, active, tower.batchShapes),
        meta: movesWeights ? source.metaFeeds(metaRows, active, tower.batchShapes) : {},
        ...{ number, lexiconRate: rate * config.lexiconRateFactor, activeEntries: active },
        scalars: {
          ...(learnsMargin(config)
            ? { 'margin.learningRate': config.marginLearningRate * learningRateFactor }
            : { [marginName]: margin ? config.marginRadians : 0 }),
          ...(source.keeps && { keepWeight: config.keepWeight }),
          ...adamFeeds('theta', runAdam, rate, number),
          ...(movesWeights && {
            metaMargin: config.metaMarginRadians,
            lookAheadRate: config.lookAheadRate,
            ...adamFeeds('phi', runAdam, phiRate, Math.ceil(number / config.weightUpdateEvery)),
          }),
        },
      })
      const fault = faultOf(result)
      if (fault !== undefined) return fault
      rows.forEach((row, k) => {
        if (row >= pairs.count) return
        loss[row] = result.perSample[k]!
        if (result.rawWeights) weight[row] = result.rawWeights[k]!
      })
      effective.push(result.rawWeights === null ? 1 : effectiveShare(result.rawWeights))
      if (result.metaLoss !== null) metaLosses.push(result.metaLoss)
      options.onStep?.({ done: number, total: totalSteps, stepsPerEpoch })
    }
    const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0)
    return {
      meanLoss: sum(loss) / pairs.count,
      meanMetaLoss: metaLosses.length === 0 ? null : sum(metaLosses) / metaLosses.length,
      effectiveShare: sum(effective) / effective.length,
      loss,
      weight,
    }
  }
}

/** (sum w)^2 / (B sum w^2): the share of a batch that its weights lean on, in (0, 1]. */
export function effectiveShare(weights: Float32Array): number {
  let [sum, squares] = [0, 0]
  for (const weight of weights) {
    sum += weight
    squares += weight ** 2
  }
  return squares === 0 ? 1 : sum ** 2 / (weights.length * squares)
}

/** @throws AppError `training.diverged` when the run has stepped back often enough */
function stepBack(recoveries: readonly Recovery[], epoch: number, reason: string): Recovery[] {
  if (recoveries.length >= mostRecoveries) {
    throw new AppError(
      'training.diverged',
      `Training diverged in epoch ${epoch} (${reason}), also after the learning rate was halved ${mostRecoveries} times. ` +
        'Check the clips and descriptions that were added last, or train with a smaller margin.',
      { epoch },
    )
  }
  const learningRateFactor = (recoveries.at(-1)?.learningRateFactor ?? 1) / 2
  return [...recoveries, { epoch, reason, learningRateFactor }]
}

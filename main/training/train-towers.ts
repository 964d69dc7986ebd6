/**
 * The training loop: epochs of steps, a record of every pair, the best epoch on the held-out exemplars. Without IO: it
 * is handed features and reports through callbacks. The same seed, config and data give the same run on one machine.
 */
import { assert, createRandom, float32Data, floatTensor, sizeOf, type TensorMap } from '../base/index.ts'
import { AppError } from '../contract/index.ts'
import type { GraphSession, Runtime } from '../runtime/index.ts'
import { adamFeeds, defaultAdam } from './adam.ts'
import { partsOf, type TrainingConfig } from './config.ts'
import { buildStep, momentShapes, type StepGraph } from './mama-step.ts'
import { batchFeeds, epochBatches, type PairSet } from './pair-set.ts'
import { initialWeightNet } from './sample-weights.ts'
import { learningRateAt } from './schedule.ts'
import { packTensors, unpackTensors } from './tensor-file.ts'
import { towerOver, type TrainedPart } from './encoder-tower.ts'
import type { TemporalTowerConfig } from './towers.ts'

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
}

export type TrainTowersOptions = {
  readonly runtime: Runtime
  readonly tower: TemporalTowerConfig
  /** Upper blocks of the encoder of frames that are trained too; `frames` are then what lies below them. */
  readonly vision?: TrainedPart | undefined
  readonly config: TrainingConfig
  readonly pairs: PairSet
  readonly metaSet: PairSet
  /** Scores parameters on the held-out exemplars; the epoch with the highest score is kept. */
  readonly scoreHeldOut?: ((parameters: TensorMap) => Promise<number>) | undefined
  readonly checkpoint?: Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEpoch?: ((epoch: TrainedEpoch) => void) | undefined
  readonly onCheckpoint?: ((bytes: Uint8Array, epoch: number) => void) | undefined
}

export type TrainedTowers = {
  /** Of the best epoch. */
  readonly parameters: TensorMap
  /** Before the first step, and after the last epoch. */
  readonly start: TensorMap
  readonly last: TensorMap
  /** Epoch whose parameters these are; 0 for the start. */
  readonly bestEpoch: number
  readonly bestScore: number | null
}

const adam = { ...defaultAdam, beta2: 0.98 }

/** Epoch that a checkpoint was written after. @throws when the bytes are no checkpoint */
export function checkpointEpoch(checkpoint: Uint8Array): number {
  return (unpackTensors(checkpoint).extra as Progress).epoch
}

/** What the run that a checkpoint belongs to had chosen. @throws when the bytes are no checkpoint */
export function checkpointSettings(checkpoint: Uint8Array): RunSettings {
  const { marginRadians, weightNetLearningRate, weightNetDelayEpochs } = unpackTensors(checkpoint).extra as Saved
  return { marginRadians, weightNetLearningRate, weightNetDelayEpochs }
}

/** What a checkpoint holds beside the tensors: how far the run is, and what it may have chosen by itself. */
type Progress = { epoch: number; bestEpoch: number; bestScore: number | null }
type RunSettings = Pick<TrainingConfig, 'marginRadians' | 'weightNetLearningRate' | 'weightNetDelayEpochs'>
type Saved = Progress & RunSettings

/** Stored names of the best epoch's parameters in a checkpoint. */
const bestPrefix = 'best.'

function pick(tensors: TensorMap, prefix: string): TensorMap {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  )
}

function initialState(options: TrainTowersOptions, step: StepGraph): TensorMap {
  const { config } = options
  const random = createRandom(config.seed).fork('initial')
  const zeros = Object.fromEntries(
    Object.entries(momentShapes(step)).map(([name, shape]) => [
      name,
      floatTensor(shape, new Float32Array(sizeOf(shape))),
    ]),
  )
  const phi = partsOf(config.objective).weights ? initialWeightNet(config.weightNetHidden, random.fork('weights')) : {}
  return {
    ...towerOver(options.tower, options.vision).initialParameters(random),
    log_scale: floatTensor([], [Math.log(config.initialLogitScale)]),
    ...Object.fromEntries(Object.entries(phi).map(([name, value]) => [`phi.${name}`, value])),
    ...zeros,
  }
}

/**
 * Trains towers on `pairs`. When aborted, the last checkpoint (one an epoch) resumes the run exactly.
 * @throws AppError `training.diverged`; the abort reason
 */
export async function trainTowers(options: TrainTowersOptions): Promise<TrainedTowers> {
  const { runtime, config, pairs, metaSet, signal, scoreHeldOut } = options
  const { weights, margin } = partsOf(config.objective)
  assert(pairs.count >= 2, `training needs at least 2 pairs, got ${pairs.count}`)
  assert(!weights || metaSet.count >= 2, `learned weights need at least 2 trusted pairs, got ${metaSet.count}`)
  const batchSize = Math.min(config.batchSize, pairs.count)
  const metaBatchSize = Math.min(config.metaBatchSize, metaSet.count)
  const features = { ...options.tower, ...(options.vision && { frameShape: options.vision.model.cutShape }) }
  const step = buildStep(towerOver(options.tower, options.vision), {
    batchSize,
    metaBatchSize,
    weights,
    marginMode: config.marginMode,
    attachedWeights: config.attachedWeights,
    weightNetHidden: config.weightNetHidden,
    maxLogitScale: config.maxLogitScale,
    clipNorm: config.clipNorm,
    parameterAdam: { ...adam, weightDecay: config.weightDecay },
    weightNetAdam: adam,
  })
  const session = await runtime.createSession(step.model, { label: `${config.objective} step`, state: step.state })
  try {
    return await runEpochs(session)
  } finally {
    await session.dispose()
  }

  async function runEpochs(training: GraphSession): Promise<TrainedTowers> {
    const parameterNames = Object.keys(step.parameterShapes)
    const resumed = options.checkpoint === undefined ? undefined : unpackTensors(options.checkpoint)
    const initial = initialState(options, step)
    const start = Object.fromEntries(parameterNames.map((name) => [name, initial[name]!]))
    const saved = resumed?.tensors ?? initial
    await training.writeState(Object.fromEntries(Object.keys(step.state).map((name) => [name, saved[name]!])))
    let progress = (resumed?.extra as Progress | undefined) ?? { epoch: 0, bestEpoch: 0, bestScore: null }
    let best = resumed === undefined ? start : pick(saved, bestPrefix)

    const stepsPerEpoch = Math.ceil(pairs.count / batchSize)
    const totalSteps = config.epochs * stepsPerEpoch
    const warmUpSteps = Math.max(1, Math.round(totalSteps * config.warmUpFraction))
    for (let epoch = progress.epoch + 1; epoch <= config.epochs; epoch++) {
      const record = await runEpoch(training, epoch, { stepsPerEpoch, totalSteps, warmUpSteps })
      const parameters = await training.readState(parameterNames)
      const heldOutScore = scoreHeldOut === undefined ? null : await scoreHeldOut(parameters)
      const isBest = heldOutScore === null || progress.bestScore === null || heldOutScore >= progress.bestScore
      if (isBest) best = parameters
      progress = isBest ? { epoch, bestEpoch: epoch, bestScore: heldOutScore } : { ...progress, epoch }
      options.onEpoch?.({ ...record, epoch, epochs: config.epochs, heldOutScore })
      if (options.onCheckpoint) {
        const state = await training.readState()
        const bestTensors = Object.entries(best).map(([name, value]) => [bestPrefix + name, value] as const)
        const { marginRadians, weightNetLearningRate, weightNetDelayEpochs } = config
        const extra: Saved = { ...progress, marginRadians, weightNetLearningRate, weightNetDelayEpochs }
        options.onCheckpoint(packTensors({ ...state, ...Object.fromEntries(bestTensors) }, extra), epoch)
      }
      signal?.throwIfAborted()
    }
    const last = await training.readState(parameterNames)
    return { parameters: best, start, last, bestEpoch: progress.bestEpoch, bestScore: progress.bestScore }
  }

  async function runEpoch(
    training: GraphSession,
    epoch: number,
    { stepsPerEpoch, totalSteps, warmUpSteps }: { stepsPerEpoch: number; totalSteps: number; warmUpSteps: number },
  ): Promise<Pick<TrainedEpoch, 'meanLoss' | 'meanMetaLoss' | 'loss' | 'weight'>> {
    const random = createRandom(config.seed).fork(`epoch ${epoch}`)
    const metaOrder = random.fork('meta')
    const loss = new Float32Array(pairs.count)
    const weight = new Float32Array(pairs.count).fill(1)
    let metaSum = 0
    for (const [i, rows] of epochBatches(pairs.count, batchSize, random).entries()) {
      signal?.throwIfAborted()
      const number = (epoch - 1) * stepsPerEpoch + i + 1
      const rate = (peak: number): number =>
        learningRateAt(number, { peak, warmUpSteps, totalSteps, finalFraction: 0.02 })
      const metaRows = metaOrder.shuffled([...Array(metaSet.count).keys()]).slice(0, metaBatchSize)
      const scalars: Record<string, number> = {
        margin: margin ? config.marginRadians : 0,
        ...adamFeeds('theta', adam, rate(config.learningRate), number),
        ...(weights && {
          metaMargin: config.metaMarginRadians,
          lookAheadRate: config.lookAheadRate,
          ...adamFeeds('phi', adam, epoch > config.weightNetDelayEpochs ? config.weightNetLearningRate : 0, number),
        }),
      }
      const out = await training.run(
        {
          ...batchFeeds(pairs, rows, 'train', features),
          ...(weights && batchFeeds(metaSet, metaRows, 'meta', features)),
          ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, floatTensor([], [value])])),
        },
        { outputs: ['perSample', 'trainLoss', ...(weights ? ['rawWeights', 'metaLoss'] : [])], transfer: true },
      )
      const trainLoss = float32Data(out['trainLoss']!)[0]!
      if (!Number.isFinite(trainLoss)) {
        throw new AppError(
          'training.diverged',
          `Training diverged in epoch ${epoch} (the loss is ${trainLoss}). Try a smaller learning rate or margin.`,
          { epoch },
        )
      }
      const perSample = float32Data(out['perSample']!)
      const raw = weights ? float32Data(out['rawWeights']!) : undefined
      rows.forEach((row, k) => {
        loss[row] = perSample[k]!
        if (raw) weight[row] = raw[k]!
      })
      if (weights) metaSum += float32Data(out['metaLoss']!)[0]!
    }
    return {
      meanLoss: loss.reduce((sum, value) => sum + value, 0) / pairs.count,
      meanMetaLoss: weights ? metaSum / stepsPerEpoch : null,
      loss,
      weight,
    }
  }
}

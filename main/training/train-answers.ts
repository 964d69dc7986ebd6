/**
 * Trains the answer head: the MAMA step on a fusion tower. What is the same as for towers is in mama-step.ts; what differs
 * is what the weighting network sees, because questions of different types have losses of different scales: each loss less
 * the usual one of its type, the loss before training, and how common the answer is.
 */
import { assert, createRandom, float32Data, floatTensor, type Tensor, type TensorMap } from '../base/index.ts'
import { Graph, toModel } from '../graph/index.ts'
import type { GraphSession, Runtime } from '../runtime/index.ts'
import { adamFeeds, defaultAdam } from './adam.ts'
import { answerBatch, answerTargets, frequencySignals, type AnswerRow, type AnswerTables } from './answer-rows.ts'
import { defaultTrainingConfig, partsOf, type Objective } from './config.ts'
import { fusionInputs, fusionTower, type FusionConfig } from './fusion-tower.ts'
import { momentShapes } from './mama-step.ts'
import { initialWeightNet } from './sample-weights.ts'
import { learningRateAt } from './schedule.ts'
import { buildSteps, faultOf, openStepRunner } from './step-runner.ts'

export type AnswerTraining = {
  readonly objective: Objective
  readonly epochs: number
  readonly batchSize: number
  readonly metaBatchSize: number
  readonly learningRate: number
  readonly weightNetLearningRate: number
  readonly lookAheadRate: number
  /** How often an epoch trains on each trusted pair. */
  readonly trustedRepeats: number
  readonly seed: number
}

/** There is no margin in the choice of an answer: `angular` is plain cross-entropy and `mama` the same as `reweight`. */
export const defaultAnswerTraining: AnswerTraining = {
  objective: 'mama',
  epochs: 6,
  batchSize: 128,
  metaBatchSize: 64,
  learningRate: 3e-4,
  weightNetLearningRate: 1e-3,
  lookAheadRate: 0.1,
  trustedRepeats: 3,
  seed: 1,
}

export type AnswerHead = {
  readonly config: FusionConfig
  /** [A, D] */
  readonly answers: Tensor
  readonly parameters: TensorMap
}

export type TrainAnswersOptions = {
  readonly runtime: Runtime
  readonly config: FusionConfig
  readonly answers: Tensor
  readonly tables: AnswerTables
  readonly pairs: readonly AnswerRow[]
  readonly trusted: readonly AnswerRow[]
  readonly training: AnswerTraining
  readonly signal?: AbortSignal | undefined
  readonly onEpoch?: ((epoch: TrainedAnswersEpoch) => void) | undefined
}

export type TrainedAnswersEpoch = {
  readonly epoch: number
  readonly meanLoss: number
  /** Of each pair, as the epoch last saw it; weights are 1 where none are learned. */
  readonly loss: Float32Array
  readonly weight: Float32Array
}

const signalCount = 2
/** How fast the usual loss of a type follows its batches. */
const usualLossRate = 0.1
const warmUpSteps = 50

/** @throws AppError `runtime.failed`; an AbortError */
export async function trainAnswers(options: TrainAnswersOptions): Promise<AnswerHead> {
  const { runtime, config, answers, tables, pairs, trusted, training, signal, onEpoch } = options
  const { weights: learnsWeights } = partsOf(training.objective)
  const weights = learnsWeights && trusted.length > 0
  // Trusted pairs come as often as `trustedRepeats` says; they are weighed like the others.
  const rows = [...pairs, ...Array.from({ length: training.trustedRepeats }, () => trusted).flat()]
  assert(rows.length > 0, 'there is a pair to train on')
  const batchSize = Math.min(training.batchSize, rows.length)
  const metaBatchSize = Math.min(training.metaBatchSize, Math.max(1, trusted.length))
  const parameterAdam = { ...defaultAdam, beta2: 0.98, weightDecay: defaultTrainingConfig.weightDecay }
  const tower = fusionTower(config, answers)
  const graphs = buildSteps({
    tower,
    restsBetween: false,
    config: {
      ...{ batchSize, metaBatchSize, weights, marginMode: 'hinge', attachedWeights: false },
      ...{ weightNetHidden: defaultTrainingConfig.weightNetHidden, signals: signalCount, shiftsLosses: true },
      ...{ fixedLogitScale: 1, maxLogitScale: 1, clipNorm: defaultTrainingConfig.clipNorm },
      ...{ parameterAdam, weightNetAdam: defaultAdam },
      withoutDecay: (name) => /(\.pos|\.gain|\.bias|\.b1|\.b2|\.bo)$/.test(name),
    },
  })
  const runner = await openStepRunner(runtime, graphs, 'answers')
  try {
    const random = createRandom(training.seed)
    const phi = weights
      ? initialWeightNet(defaultTrainingConfig.weightNetHidden, random.fork('weights'), signalCount)
      : {}
    await runner.writeState({
      ...tower.initialParameters(random.fork('tower')),
      ...Object.fromEntries(Object.entries(phi).map(([name, value]) => [`phi.${name}`, value])),
      ...Object.fromEntries(Object.entries(momentShapes(graphs.moving)).map(([name, shape]) => [name, zeros(shape)])),
    })
    const frequency = frequencySignals(rows, pairs)
    const usual = new Map<number, number>()
    const stepsPerEpoch = Math.max(1, Math.floor(rows.length / batchSize))
    const totalSteps = stepsPerEpoch * training.epochs
    const order = random.fork('order')
    const judges = random.fork('meta')
    let step = 0
    const loss = new Float32Array(rows.length)
    const weight = new Float32Array(rows.length).fill(1)
    for (let epoch = 1; epoch <= training.epochs; epoch++) {
      const shuffled = order.shuffled(rows.map((_, i) => i))
      let sum = 0
      for (let at = 0; at < stepsPerEpoch; at++) {
        signal?.throwIfAborted()
        step += 1
        const chosen = shuffled.slice(at * batchSize, (at + 1) * batchSize)
        const batch = chosen.map((i) => rows[i]!)
        const meta = Array.from({ length: metaBatchSize }, () => trusted[judges.integer(Math.max(1, trusted.length))])
        const rate = learningRateAt(step, {
          ...{ peak: training.learningRate, warmUpSteps: Math.min(warmUpSteps, totalSteps), totalSteps },
        })
        const result = await runner.run({
          train: {
            ...batchWithAnswers(batch, 'train.'),
            'train.lossShift': floatTensor(
              [batchSize],
              Float32Array.from(batch, ({ type }) => usual.get(type) ?? 0),
            ),
            'train.signals': floatTensor(
              [batchSize, signalCount],
              Float32Array.from(chosen.flatMap((i) => [rows[i]!.startLoss, frequency[i]!])),
            ),
          },
          meta: weights ? batchWithAnswers(meta as AnswerRow[], 'meta.') : {},
          scalars: {
            lookAheadRate: training.lookAheadRate,
            ...adamFeeds('theta', parameterAdam, rate, step),
            ...adamFeeds('phi', defaultAdam, training.weightNetLearningRate, step),
          },
          movesWeights: weights,
        })
        const fault = faultOf(result)
        assert(fault === undefined, `a step of the answer head went wrong: ${fault}`)
        follow(usual, batch, result.perSample)
        chosen.forEach((row, i) => {
          loss[row] = result.perSample[i]!
          weight[row] = result.rawWeights?.[i] ?? 1
        })
        sum += result.trainLoss
      }
      onEpoch?.({
        ...{ epoch, meanLoss: sum / stepsPerEpoch },
        ...{ loss: loss.slice(0, pairs.length), weight: weight.slice(0, pairs.length) },
      })
    }
    return { config, answers, parameters: await runner.readState(runner.parameterNames) }
  } finally {
    await runner.dispose()
  }

  function batchWithAnswers(batch: readonly AnswerRow[], prefix: string): TensorMap {
    const count = answers.shape[0]!
    return {
      ...answerBatch(tables, batch, config, prefix),
      [`${prefix}answer`]: floatTensor([batch.length, count], answerTargets(batch, count)),
    }
  }
}

function zeros(shape: readonly number[]): Tensor {
  return floatTensor(shape, new Float32Array(shape.reduce((size, axis) => size * axis, 1)))
}

/** Moves the usual loss of each type towards what this batch had; the first batch says it alone. */
function follow(usual: Map<number, number>, batch: readonly AnswerRow[], losses: Float32Array): void {
  for (const type of new Set(batch.map((row) => row.type))) {
    const own = batch.flatMap((row, i) => (row.type === type ? [losses[i]!] : []))
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length
    const before = usual.get(type)
    usual.set(type, before === undefined ? mean : (1 - usualLossRate) * before + usualLossRate * mean)
  }
}

/** An unusual batch size that `toModel` turns into a dynamic axis. */
const batch = 7919

/** A trained head as an ONNX model that holds its weights: a batch without `answer` -> `logits` [N, A]. */
export function answerModel({ config, answers, parameters }: AnswerHead): Uint8Array {
  const graph = new Graph()
  const tower = fusionTower(config, answers)
  const constants = Object.keys(tower.parameterShapes).map((name) => [name, graph.constant(parameters[name]!)] as const)
  const inputs = Object.entries(fusionInputs(config)).map(
    ([name, shape]) => [name, graph.input(name, 'float32', [batch, ...shape])] as const,
  )
  const logits = tower.logits(Object.fromEntries(constants), Object.fromEntries(inputs))
  return toModel({ logits }, { name: 'answers', dynamicAxis: { size: batch, name: 'N' } })
}

export type AnswerScorer = {
  /** [N, A] */
  logits(tables: AnswerTables, rows: readonly Omit<AnswerRow, 'answer' | 'type' | 'startLoss'>[]): Promise<Float32Array>
  dispose(): Promise<void>
}

const rowsAtOnce = 256

/** @throws AppError `runtime.failed` */
export async function openAnswerScorer(runtime: Runtime, head: AnswerHead): Promise<AnswerScorer> {
  const session: GraphSession = await runtime.createSession(answerModel(head), { label: 'answers' })
  const count = head.answers.shape[0]!
  return {
    async logits(tables, rows) {
      const all = new Float32Array(rows.length * count)
      for (let from = 0; from < rows.length; from += rowsAtOnce) {
        const feeds = answerBatch(tables, rows.slice(from, from + rowsAtOnce), head.config)
        const out = await session.run(feeds, { outputs: ['logits'] })
        all.set(float32Data(out['logits']!), from * count)
      }
      return all
    },
    dispose: () => session.dispose(),
  }
}

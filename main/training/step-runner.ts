/** Runs training steps: one graph for each kind of step, all on the same resident tensors. */
import { float32Data, floatTensor, type TensorMap } from '../base/index.ts'
import type { GraphSession, Runtime } from '../runtime/index.ts'
import { buildStep, type StepGraph } from './mama-step.ts'
import { mapValues, type StepConfig, type WeightStep } from './step-parts.ts'
import type { Tower } from './towers.ts'

/** What a step is given. What its graph does not ask for is left out. */
export type StepFeeds = {
  /** `train.*`, all of the batch. */
  readonly train: TensorMap
  /** `meta.*` */
  readonly meta: TensorMap
  readonly scalars: Readonly<Record<string, number>>
  /** Whether the weighting network (and a learned margin) moves in this step. */
  readonly movesWeights: boolean
}

export type StepResult = {
  /** [B] */
  readonly perSample: Float32Array
  /** [B], null where no weights are learned. */
  readonly rawWeights: Float32Array | null
  readonly trainLoss: number
  /** Null in a step without a meta batch. */
  readonly metaLoss: number | null
  /** Before clipping. */
  readonly gradientNorm: number
}

export type StepRunner = {
  /** Of what is trained. */
  readonly parameterNames: readonly string[]
  /** Of everything that a run changes: what a checkpoint must hold. */
  readonly stateNames: readonly string[]
  writeState(values: TensorMap): Promise<void>
  /** Default: all state. */
  readState(names?: readonly string[]): Promise<TensorMap>
  /** @throws AppError `runtime.failed` */
  run(feeds: StepFeeds): Promise<StepResult>
  dispose(): Promise<void>
}

export type StepPlan = {
  readonly tower: Tower
  readonly config: StepConfig
  /** Whether there are steps in which the weighting network rests. */
  readonly restsBetween: boolean
}

/** The graphs of a run: `moving` is that of a plain step where no weights are learned. */
export type StepGraphs = { readonly moving: StepGraph; readonly resting?: StepGraph }

export function buildSteps({ tower, config, restsBetween }: StepPlan): StepGraphs {
  const moving = buildStep(tower, config)
  if (!config.weights || !restsBetween) return { moving }
  return { moving, resting: buildStep(tower, { ...config, weightStep: 'none' satisfies WeightStep }) }
}

/** Runs whole steps: the batch at once, in one graph. @throws AppError `runtime.failed` */
export async function openStepRunner(runtime: Runtime, graphs: StepGraphs, label: string): Promise<StepRunner> {
  const { moving, resting } = graphs
  const sessions: GraphSession[] = []
  const open = async ({ model, state, constants }: StepGraph, name: string): Promise<GraphSession> => {
    const sharesStateOf = sessions[0]
    const options = { label: name, state, constants, ...(sharesStateOf && { sharesStateOf }) }
    const session = await runtime.createSession(model, options)
    sessions.push(session)
    return session
  }
  const dispose = async (): Promise<void> => {
    for (const session of sessions) await session.dispose()
  }
  try {
    const main = await open(moving, `${label} step`)
    const between = resting && (await open(resting, `${label} step between updates`))
    return {
      parameterNames: Object.keys(moving.parameterShapes),
      stateNames: Object.keys(moving.state),
      writeState: (values) => main.writeState(values),
      readState: (names) => main.readState(names),
      async run({ train, meta, scalars, movesWeights }) {
        const session = movesWeights || between === undefined ? main : between
        const wanted = ['perSample', 'trainLoss', 'gradientNorm', 'rawWeights', 'metaLoss'].filter((name) =>
          session.outputs.some((output) => output.name === name),
        )
        const all = { ...train, ...meta, ...scalarFeeds(scalars) }
        const out = await session.run(pickFeeds(session, all), { outputs: wanted, transfer: true })
        const number = (name: string): number => float32Data(out[name]!)[0]!
        return {
          perSample: float32Data(out['perSample']!),
          rawWeights: out['rawWeights'] === undefined ? null : float32Data(out['rawWeights']),
          trainLoss: number('trainLoss'),
          metaLoss: out['metaLoss'] === undefined ? null : number('metaLoss'),
          gradientNorm: number('gradientNorm'),
        }
      },
      dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

export function scalarFeeds(scalars: Readonly<Record<string, number>>): TensorMap {
  return mapValues(scalars, (value) => floatTensor([], [value]))
}

/** Those of `feeds` that the session's graph has an input for. */
export function pickFeeds(session: GraphSession, feeds: TensorMap): TensorMap {
  const asked = new Set(session.inputs.map(({ name }) => name))
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => asked.has(name)))
}

/** Why the numbers of a step cannot be trained on, in words; undefined when all are finite. */
export function faultOf(result: StepResult): string | undefined {
  const { trainLoss, metaLoss, gradientNorm, rawWeights } = result
  if (!Number.isFinite(trainLoss)) return `the loss is ${trainLoss}`
  if (!Number.isFinite(gradientNorm)) return `the gradient's norm is ${gradientNorm}`
  if (metaLoss !== null && !Number.isFinite(metaLoss)) return `the loss on the meta-set is ${metaLoss}`
  if (rawWeights?.every(Number.isFinite) === false) return 'a weight is not a number'
  return undefined
}

/** The same for parameters. */
export function faultIn(tensors: TensorMap): string | undefined {
  const name = Object.keys(tensors).find((key) => !float32Data(tensors[key]!).every(Number.isFinite))
  return name === undefined ? undefined : `the parameter ${name} is not finite`
}

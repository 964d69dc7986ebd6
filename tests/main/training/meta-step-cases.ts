/** The stored cases of the training step (tests/fixtures/reference/meta_step.json), and three steps of one on a runtime. */
import { floatTensor, sizeOf, type TensorMap } from '../../../main/base/index.ts'
import type { Runtime } from '../../../main/runtime/index.ts'
import { adamFeeds } from '../../../main/training/adam.ts'
import { buildStep, momentShapes, type StepGraph } from '../../../main/training/mama-step.ts'
import { linearTower, temporalTower, type Tower } from '../../../main/training/towers.ts'
import { readCases, tensorOf, type Nested } from './reference.ts'

export type Tensors = Record<string, Nested>
type Adam = { lr: number; beta1: number; beta2: number; eps: number; weight_decay: number }
export type Case = {
  name: string
  tower: Record<string, number | string>
  config: {
    margin: number
    meta_margin: number
    mode: 'hinge' | 'reflect'
    scale: number
    alpha: number
    detach_vnet_input: boolean
    clip_norm: number | null
    phi_optimizer: Adam
    params_optimizer: Adam
  }
  params: Tensors
  phi: Tensors
  batches: { train: Tensors; meta: Tensors }[]
  step_1: Record<string, Nested> & {
    g_phi: Tensors
    look_ahead_grads: Tensors
    look_ahead_params: Tensors
    final_grads: Tensors
  }
  each_step: {
    per_sample: Nested
    meta_loss: number
    g_margin: number
    g_phi: Tensors
    new_weights: Nested
    grad_norm: number
  }[]
  params_after_3: Tensors
  phi_after_3: Tensors
}

export const cases = readCases<Case>('meta_step.json')

function prefixed(values: Tensors, prefix: string): TensorMap {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, tensorOf(value)]))
}

/**
 * The key bias of attention (middle third of bqkv) has gradient 0 in exact arithmetic; Adam turns its rounding noise
 * into steps of full size. It does not change any output and is left out, as the reference advises.
 */
export function withoutKeyBias(name: string, values: readonly number[]): number[] {
  if (!name.endsWith('attn.bqkv')) return [...values]
  const third = values.length / 3
  return values.filter((_, i) => i < third || i >= 2 * third)
}

function towerOf(test: Case): Tower {
  const t = test.tower as Record<string, number>
  if (test.tower['name'] === 'linear') return linearTower(t['video_dim']!, t['text_dim']!, t['embed_dim']!)
  return temporalTower({
    width: t['dim']!,
    frames: t['frames']!,
    blocks: t['blocks']!,
    heads: t['heads']!,
    mlpRatio: t['mlp_ratio']!,
    textHidden: t['text_hidden']!,
    masked: true,
  })
}

function stepOf(test: Case): StepGraph {
  const { config } = test
  const adam = (from: Adam): Parameters<typeof buildStep>[1]['parameterAdam'] => ({
    beta1: from.beta1,
    beta2: from.beta2,
    epsilon: from.eps,
    weightDecay: from.weight_decay,
  })
  const rows = (batch: Tensors): number => (Object.values(batch)[0] as Nested[]).length
  return buildStep(towerOf(test), {
    batchSize: rows(test.batches[0]!.train),
    metaBatchSize: rows(test.batches[0]!.meta),
    weights: true,
    marginMode: config.mode,
    attachedWeights: !config.detach_vnet_input,
    weightNetHidden: (test.phi['b1'] as number[]).length,
    ...('log_scale' in test.params ? {} : { fixedLogitScale: config.scale }),
    maxLogitScale: 1e6,
    ...(config.clip_norm === null ? {} : { clipNorm: config.clip_norm }),
    parameterAdam: adam(config.params_optimizer),
    weightNetAdam: adam(config.phi_optimizer),
    trace: true,
    withoutDecay: (name) => name === 'log_scale',
  })
}

export const scalars = (values: Record<string, number>): TensorMap =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, floatTensor([], [value])]))

/** The optimisers' moments before the first step. */
export function zeroMoments(step: StepGraph): TensorMap {
  return Object.fromEntries(
    Object.entries(momentShapes(step)).map(([name, shape]) => [
      name,
      floatTensor(shape, new Float32Array(sizeOf(shape))),
    ]),
  )
}

/** The outputs of each step of a case, and the resident tensors after the last. */
export async function runCase(
  runtime: Runtime,
  test: Case,
): Promise<{ results: readonly TensorMap[]; finalState: TensorMap }> {
  const step = stepOf(test)
  const session = await runtime.createSession(step.model, { label: test.name, state: step.state })
  await session.writeState({ ...prefixed(test.params, ''), ...prefixed(test.phi, 'phi.'), ...zeroMoments(step) })
  const { config } = test
  const results: TensorMap[] = []
  for (const [i, batch] of test.batches.entries()) {
    const theta = config.params_optimizer
    const phi = config.phi_optimizer
    const feeds = {
      margin: config.margin,
      metaMargin: config.meta_margin,
      lookAheadRate: config.alpha,
      ...adamFeeds('theta', { ...theta, epsilon: theta.eps, weightDecay: theta.weight_decay }, theta.lr, i + 1),
      ...adamFeeds('phi', { ...phi, epsilon: phi.eps, weightDecay: 0 }, phi.lr, i + 1),
    }
    results.push(
      await session.run({ ...prefixed(batch.train, 'train.'), ...prefixed(batch.meta, 'meta.'), ...scalars(feeds) }),
    )
  }
  const finalState = await session.readState()
  await session.dispose()
  return { results, finalState }
}

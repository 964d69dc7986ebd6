/**
 * The training step against the float64 values of an independent reference (tests/fixtures/reference/meta_step.json).
 * Bounds: 1e-4 for losses and first-order gradients, 1e-3 for hypergradients and for parameters after three steps,
 * relative to the largest entry (at least 1), in float32.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { float32Data, type Tensor, type TensorMap } from '../../../main/base/index.ts'
import { createRuntime, type Runtime } from '../../../main/runtime/index.ts'
import { cases, runCase, withoutKeyBias } from './meta-step-cases.ts'
import { flat, relativeError, tensorOf } from './reference.ts'

describe.each(cases)('one MAMA step: $name', (test) => {
  let runtime: Runtime
  let results: readonly TensorMap[]
  let finalState: TensorMap

  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1 })
    ;({ results, finalState } = await runCase(runtime, test))
  })

  afterAll(async () => {
    await runtime.dispose()
  })

  const first = (name: string): Tensor => results[0]![name]!

  it.each([
    ['similarity', 'similarity'],
    ['logits', 'logits'],
    ['perSample', 'per_sample'],
    ['firstRawWeights', 'raw_weights'],
    ['firstWeights', 'weights'],
    ['firstTrainLoss', 'train_loss'],
    ['metaPerSample', 'meta_per_sample'],
    ['metaLoss', 'meta_loss'],
    ['rawWeights', 'new_raw_weights'],
    ['weights', 'new_weights'],
    ['trainLoss', 'new_train_loss'],
    ['gradientNorm', 'grad_norm'],
  ])('%s equals the reference to 1e-4', (ours, theirs) => {
    expect(relativeError(first(ours), test.step_1[theirs]!)).toBeLessThan(1e-4)
  })

  it('first-order gradients equal the reference to 1e-4, and the look-ahead moves every parameter', () => {
    for (const [name, expected] of Object.entries(test.step_1.look_ahead_grads)) {
      expect(relativeError(first(`lookAheadGradient.${name}`), expected), name).toBeLessThan(1e-4)
      expect(relativeError(first(`lookAhead.${name}`), test.step_1.look_ahead_params[name]!), name).toBeLessThan(1e-4)
      expect(relativeError(first(`gradient.${name}`), test.step_1.final_grads[name]!), name).toBeLessThan(1e-4)
    }
  })

  it('the hypergradients of the weighting network and of the margin equal the reference to 1e-3', () => {
    for (const [name, expected] of Object.entries(test.step_1.g_phi)) {
      const wanted = flat(expected)
      const largest = Math.max(...Object.values(test.step_1.g_phi).flatMap((value) => flat(value).map(Math.abs)))
      const worst = Math.max(...wanted.map((value, i) => Math.abs(value - Number(first(`g_phi.${name}`).data[i]))))
      expect(worst / largest, name).toBeLessThan(1e-3)
    }
    expect(relativeError(first('marginGradient'), test.step_1['g_margin']!)).toBeLessThan(1e-3)
  })

  it('each of three steps has the reference losses and weights', () => {
    test.each_step.forEach((expected, i) => {
      const at = (name: string): Tensor => results[i]![name]!
      expect(relativeError(at('perSample'), expected.per_sample)).toBeLessThan(1e-3)
      expect(relativeError(at('metaLoss'), expected.meta_loss)).toBeLessThan(1e-3)
      expect(relativeError(at('weights'), expected.new_weights)).toBeLessThan(1e-3)
    })
  })

  it('parameters and weighting network after three steps equal the reference to 1e-3', () => {
    for (const [name, expected] of Object.entries(test.params_after_3)) {
      const actual = tensorOf(withoutKeyBias(name, [...float32Data(finalState[name]!)]))
      expect(relativeError(actual, withoutKeyBias(name, flat(expected))), name).toBeLessThan(1e-3)
    }
    for (const [name, expected] of Object.entries(test.phi_after_3)) {
      expect(relativeError(finalState[`phi.${name}`]!, expected), name).toBeLessThan(1e-3)
    }
  })
})

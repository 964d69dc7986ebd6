/**
 * The angular margin loss against an independent reference in float64 (loss.json, gradients.json), against hand-computed
 * 2x2 batches and against the plain contrastive loss.
 *
 * We compute in float32; the bound is 1e-4, relative to the largest entry (at least 1). The one looser bound: the
 * derivative with respect to the margin where pairs coincide or oppose each other (1e-3). There the derivative is the sine
 * of the angle, sqrt((1 - c)(1 + c)), and float32 knows 1 - c only to 6e-8, that is the sine to 2e-4 (reference: "d_margin
 * 1e-3 near angle 0").
 */
import { describe, expect, it } from 'vitest'
import { floatTensor, type Tensor, type TensorMap } from '../../../main/base/index.ts'
import {
  Graph,
  gradients,
  mul,
  normalizeRows,
  reduceMean,
  reduceSum,
  toModel,
  type Value,
} from '../../../main/graph/index.ts'
import { angularMarginLoss } from '../../../main/training/angular-margin-loss.ts'
import type { MarginMode } from '../../../main/training/config.ts'
import { readCases, relativeError, shapeOf, tensorOf, type Nested } from './reference.ts'
import { runOnce, useRuntime } from '../graph/runtime-in-tests.ts'

type LossCase = {
  name: string
  mode: MarginMode
  margin: number
  scale: number
  x_v: Nested
  x_t: Nested
  similarity: Nested
  logits: Nested
  per_sample: Nested
  mean: number
}

const derivatives = ['d_logits', 'd_similarity', 'd_v', 'd_t', 'd_x_v', 'd_x_t', 'd_scale', 'd_margin'] as const
type Derivatives = Record<(typeof derivatives)[number], Nested> & { objective: number }
type GradientCase = LossCase & { sample_weights: Nested; mean: Derivatives; weighted: Derivatives }

const lossCases = readCases<LossCase>('loss.json')
const gradientCases = readCases<GradientCase>('gradients.json')

const shared = useRuntime()

const evaluate = (outputs: Record<string, Value>, feeds: TensorMap): Promise<TensorMap> =>
  runOnce(shared.runtime, toModel(outputs), feeds, { label: 'loss test', graphOptimizationLevel: 'basic' })

/** Every value of the loss and every derivative of its mean and of a weighted sum, by name. */
async function compute(
  test: Pick<LossCase, 'mode' | 'margin' | 'scale' | 'x_v' | 'x_t'>,
  weights?: Nested,
): Promise<Record<string, Tensor>> {
  const graph = new Graph()
  const input = (name: string, shape: readonly number[]): Value => graph.input(name, 'float32', shape)
  const [xv, xt] = [input('x_v', shapeOf(test.x_v)), input('x_t', shapeOf(test.x_t))]
  const [scale, margin] = [input('scale', []), input('margin', [])]
  const [v, t] = [normalizeRows(xv), normalizeRows(xt)]
  const losses = angularMarginLoss(v, t, scale, margin, test.mode)
  const outputs: Record<string, Value> = { ...losses, mean: reduceMean(losses.perSample) }
  const differentiate = (name: string, objective: Value): void => {
    outputs[`${name}.objective`] = objective
    const wrt = [losses.logits, losses.similarity, v, t, xv, xt, scale, margin]
    gradients(objective, wrt).forEach((slope, i) => (outputs[`${name}.${derivatives[i]!}`] = slope))
  }
  differentiate('mean', outputs['mean']!)
  if (weights) {
    differentiate('weighted', reduceSum(mul(losses.perSample, input('sampleWeights', shapeOf(weights)))))
  }
  return evaluate(outputs, {
    x_v: tensorOf(test.x_v),
    x_t: tensorOf(test.x_t),
    scale: floatTensor([], [test.scale]),
    margin: floatTensor([], [test.margin]),
    ...(weights ? { sampleWeights: tensorOf(weights) } : {}),
  })
}

describe('against the reference', () => {
  it('there are 30 cases of each kind', () => {
    expect([lossCases.length, gradientCases.length]).toEqual([30, 30])
  })

  it.each(lossCases)('values of $name', async (test) => {
    const results = await compute(test)
    expect(relativeError(results['similarity']!, test.similarity)).toBeLessThan(1e-4)
    expect(relativeError(results['logits']!, test.logits)).toBeLessThan(1e-4)
    expect(relativeError(results['perSample']!, test.per_sample)).toBeLessThan(1e-4)
    expect(relativeError(results['mean']!, test.mean)).toBeLessThan(1e-4)
  })

  it.each(gradientCases)('derivatives of $name', async (test) => {
    const results = await compute(test, test.sample_weights)
    const onTheClamp = test.name.startsWith('exact_and_opposite')
    for (const objective of ['mean', 'weighted'] as const) {
      expect(relativeError(results[`${objective}.objective`]!, test[objective].objective)).toBeLessThan(1e-4)
      for (const name of derivatives) {
        const bound = onTheClamp && name === 'd_margin' ? 1e-3 : 1e-4
        expect(
          relativeError(results[`${objective}.${name}`]!, test[objective][name]),
          `${objective} ${name}`,
        ).toBeLessThan(bound)
      }
    }
  })
})

describe('by hand', () => {
  /** Unit vectors at these angles (radians) in the plane, so that angles between them are differences. */
  const at = (...angles: number[]): Nested => angles.map((angle) => [Math.cos(angle), Math.sin(angle)])
  const crossEntropy = (own: number, other: number): number => Math.log(1 + Math.exp(other - own))

  it('a 2x2 batch without margin', async () => {
    // Angles: video 0 to texts 0.5 and 1.2; video 1 (at 1) to texts 0.5 and 0.2.
    const { perSample } = await compute({ mode: 'hinge', margin: 0, scale: 3, x_v: at(0, 1), x_t: at(0.5, 1.2) })
    const [a, b, c, d] = [0.5, 1.2, 0.5, 0.2].map((angle) => 3 * Math.cos(angle)) as [number, number, number, number]
    const expected = [(crossEntropy(a, b) + crossEntropy(a, c)) / 2, (crossEntropy(d, c) + crossEntropy(d, b)) / 2]
    expect(relativeError(perSample!, expected)).toBeLessThan(1e-6)
  })

  it('a margin of 0.3 turns the matching pairs closer, to angle 0 at most', async () => {
    const batch = { margin: 0.3, scale: 3, x_v: at(0, 1), x_t: at(0.5, 1.2) }
    // Matching angles 0.5 and 0.2; the second is within the margin: 0 with hinge, -0.1 with reflect.
    const { logits: hinge } = await compute({ ...batch, mode: 'hinge' })
    expect(relativeError(hinge!, [3 * Math.cos(0.2), 3 * Math.cos(1.2), 3 * Math.cos(0.5), 3])).toBeLessThan(1e-6)
    const { logits: reflect } = await compute({ ...batch, mode: 'reflect' })
    expect(
      relativeError(reflect!, [3 * Math.cos(0.2), 3 * Math.cos(1.2), 3 * Math.cos(0.5), 3 * Math.cos(0.1)]),
    ).toBeLessThan(1e-6)
  })

  it('a negative within the margin is moved by reflect only', async () => {
    const batch = { margin: 0.3, scale: 1, x_v: at(0, 1), x_t: at(0.9, 0.1) } // crossed: negatives at 0.1
    const { logits: hinge } = await compute({ ...batch, mode: 'hinge' })
    expect(relativeError(hinge!, [0.6, 0.1, 0.1, 0.6].map(Math.cos))).toBeLessThan(1e-6)
    const { logits: reflect } = await compute({ ...batch, mode: 'reflect' })
    expect(relativeError(reflect!, [0.6, -0.2, -0.2, 0.6].map(Math.cos))).toBeLessThan(1e-6)
  })

  it('a pair within a hinge margin has no gradient through its own logit, so it is left alone', async () => {
    const results = await compute({ mode: 'hinge', margin: 0.3, scale: 3, x_v: at(0, 1), x_t: at(0.5, 1.2) })
    const slopes = [...results['mean.d_similarity']!.data]
    expect(slopes[0]).not.toBe(0)
    expect(slopes[3]).toBe(0)
  })
})

describe('margin 0', () => {
  const random = lossCases.filter(({ name, mode }) => name.startsWith('random') && mode === 'hinge')

  it.each(['hinge', 'reflect'] as const)('%s equals the plain contrastive loss', async (mode) => {
    for (const test of random) {
      const { similarity, perSample } = await compute({ ...test, mode, margin: 0 })
      const size = shapeOf(test.x_v)[0]!
      const logit = (i: number, j: number): number => test.scale * Number(similarity!.data[i * size + j])
      const all = [...Array(size).keys()]
      const logSum = (values: number[]): number => {
        const top = Math.max(...values)
        return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0))
      }
      const plain = all.map(
        (i) => (logSum(all.map((j) => logit(i, j))) + logSum(all.map((j) => logit(j, i)))) / 2 - logit(i, i),
      )
      expect(relativeError(perSample!, plain), test.name).toBeLessThan(1e-5)
    }
  })
})

describe('numerical traps', () => {
  it.each(['hinge', 'reflect'] as const)(
    'identical and opposite pairs, and a row of zeros, give finite %s gradients',
    async (mode) => {
      for (const margin of [0, 0.02, 0.5]) {
        const rows = [
          [1, 0, 0],
          [0, 2, 0],
          [0, 0, 0],
        ]
        const opposite = [
          [1, 0, 0],
          [0, -1, 0],
          [0, 0, 1],
        ]
        const results = await compute({ mode, margin, scale: 100, x_v: rows, x_t: opposite })
        for (const [name, { data }] of Object.entries(results)) {
          expect(Array.from(data, Number).every(Number.isFinite), `${name}, margin ${margin}`).toBe(true)
        }
      }
    },
  )

  it('logits of 100 and more do not overflow', async () => {
    const batch = {
      mode: 'hinge',
      margin: 0.02,
      x_v: [
        [1, 0],
        [0, 1],
      ],
      x_t: [
        [0, 1],
        [1, 0],
      ],
    } as const
    const { perSample } = await compute({
      ...batch,
      x_v: batch.x_v.map((row) => [...row]),
      x_t: batch.x_t.map((row) => [...row]),
      scale: 1000,
    })
    for (const loss of Array.from(perSample!.data, Number)) expect(loss).toBeCloseTo(1000 * (1 - Math.sin(0.02)), 1)
  })

  it('batches of different sizes are refused with both shapes', () => {
    const graph = new Graph()
    const [v, t] = [graph.input('v', 'float32', [2, 3]), graph.input('t', 'float32', [4, 3])]
    expect(() => angularMarginLoss(v, t, 1, graph.float(0), 'hinge')).toThrow(/\[2,3\].*\[4,3\]/)
  })
})

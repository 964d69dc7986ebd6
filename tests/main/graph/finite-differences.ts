/** Holds the gradients of a small graph against finite differences, at first and second order. */
import {
  assert,
  createRandom,
  sizeOf,
  tensor,
  type Random,
  type Tensor,
  type TensorMap,
} from '../../../main/base/index.ts'
import { add, Graph, gradients, mul, reduceSum, toModel, type Shape, type Value } from '../../../main/graph/index.ts'
import type { Runtime } from '../../../main/runtime/index.ts'

export type FloatType = 'float32' | 'float64'

export type Range = {
  /** Bounds of the size of each element. The lower bound keeps clear of kinks and poles at 0. */
  readonly from: number
  readonly to: number
  /** Whether half of the elements are negative. */
  readonly signed: boolean
}

export const anyNumber: Range = { from: 0.2, to: 1.7, signed: true }
export const positive: Range = { from: 0.5, to: 2, signed: false }

export type GradientCase = {
  readonly name: string
  readonly shapes: readonly Shape[]
  readonly build: (inputs: readonly Value[], graph: Graph) => Value
  /** Sizes of the inputs' elements; `anyNumber` by default. */
  readonly range?: Range
  /** float64 by default. */
  readonly dtype?: FloatType
  /** Of the random numbers; 1 by default. Another one where two operands of Max or Min happen to be within a step. */
  readonly seed?: number
}

/**
 * Steps and bounds. The five-point formula errs by h^4/30 times the fifth derivative, plus rounding / h.
 * float64: 3e-16 + 1e-12, so that 1e-8 leaves room for large derivatives. float32, for what the runtime has no float64
 * kernel for: 2e-7 + 2e-6, each times what the normalisations make of it, measured as 5e-5 at most: 2e-4.
 */
const settings = { float64: { step: 3e-4, bound: 1e-8 }, float32: { step: 0.05, bound: 2e-4 } } as const

function randomTensor(dtype: FloatType, shape: Shape, { from, to, signed }: Range, random: Random): Tensor {
  const data = dtype === 'float64' ? new Float64Array(sizeOf(shape)) : new Float32Array(sizeOf(shape))
  return tensor(
    dtype,
    shape,
    data.map(() => (signed && random.uniform() < 0.5 ? -1 : 1) * (from + (to - from) * random.uniform())),
  )
}

const total = (values: readonly Value[]): Value => values.reduce((sum, value) => add(sum, value))

/** The same feeds with one element moved. */
function moved(feeds: TensorMap, name: string, index: number, by: number): TensorMap {
  const { dtype, shape, data } = feeds[name]!
  const copy = (data as Float64Array).slice()
  copy[index] = copy[index]! + by
  return { ...feeds, [name]: tensor(dtype, shape, copy) }
}

export type Comparison = { readonly first: number; readonly second: number; readonly bound: number }

/**
 * Largest errors of the gradients, relative to the largest derivative (at least 1), over every element of every input.
 *
 * With y = f(x...) and random directions r and u: first order is d<y, r>/dx, built with r as the seed; second order is
 * d<grad, u>/dx, the gradient of a gradient. Each is compared with differences of the value one order below.
 */
export async function compareWithDifferences(runtime: Runtime, test: GradientCase): Promise<Comparison> {
  const { shapes, dtype = 'float64', range = anyNumber } = test
  const { step, bound } = settings[dtype]
  const graph = new Graph()
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, dtype, shape))
  const y = test.build(inputs, graph)
  assert(y.dtype === dtype, `${test.name}: result is ${y.dtype}`)
  const seed = graph.input('seed', dtype, y.shape)
  const first = gradients(y, inputs, seed)
  const directions = shapes.map((shape, i) => graph.input(`u${i}`, dtype, shape))
  const along = total(first.map((gradient, i) => reduceSum(mul(gradient, directions[i]!))))
  const second = gradients(along, inputs)
  const model = toModel({
    value: reduceSum(mul(y, seed)),
    along,
    ...Object.fromEntries(first.map((gradient, i) => [`first${i}`, gradient])),
    ...Object.fromEntries(second.map((gradient, i) => [`second${i}`, gradient])),
  })

  const random = createRandom(test.seed ?? 1).fork(test.name)
  const session = await runtime.createSession(model, { label: test.name, graphOptimizationLevel: 'disabled' })
  const declared = new Set(session.inputs.map(({ name }) => name))
  const all: TensorMap = {
    ...Object.fromEntries(shapes.map((shape, i) => [`x${i}`, randomTensor(dtype, shape, range, random)])),
    ...Object.fromEntries(shapes.map((shape, i) => [`u${i}`, randomTensor(dtype, shape, anyNumber, random)])),
    seed: randomTensor(dtype, y.shape, anyNumber, random),
  }
  const feeds = Object.fromEntries(Object.entries(all).filter(([name]) => declared.has(name)))
  const analytic = await session.run(feeds)

  const errors = { first: 0, second: 0 }
  const largest = { first: 1, second: 1 }
  for (const [i, shape] of shapes.entries()) {
    for (let element = 0; element < sizeOf(shape); element++) {
      const at = async (steps: number): Promise<{ value: number; along: number }> => {
        const result = await session.run(moved(feeds, `x${i}`, element, steps * step), { outputs: ['value', 'along'] })
        return { value: Number(result['value']!.data[0]), along: Number(result['along']!.data[0]) }
      }
      const [a, b, c, d] = await Promise.all([at(-2), at(-1), at(1), at(2)])
      const difference = (of: 'value' | 'along'): number => (a[of] - 8 * b[of] + 8 * c[of] - d[of]) / (12 * step)
      for (const [order, of] of [
        ['first', 'value'],
        ['second', 'along'],
      ] as const) {
        const expected = difference(of)
        const actual = Number(analytic[`${order}${i}`]!.data[element])
        const error = Math.abs(actual - expected)
        errors[order] = Number.isFinite(error) ? Math.max(errors[order], error) : Infinity
        largest[order] = Math.max(largest[order], Math.abs(expected))
      }
    }
  }
  await session.dispose()
  return { first: errors.first / largest.first, second: errors.second / largest.second, bound }
}

/** Operators of the nodes that lie between `inputs` and `y`. */
export function operatorsBetween(inputs: readonly Value[], y: Value): Set<string> {
  const depends = new Map<number, boolean>(inputs.map((input) => [input.id, true]))
  const found = new Set<string>()
  const visit = (value: Value): boolean => {
    const known = depends.get(value.id)
    if (known !== undefined) return known
    const result = value.node.inputs.map((input) => input !== undefined && visit(input)).includes(true)
    if (result) found.add(value.node.op)
    depends.set(value.id, result)
    return result
  }
  visit(y)
  return found
}

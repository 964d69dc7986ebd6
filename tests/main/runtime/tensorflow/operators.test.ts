/**
 * Every operator of the engine tensorflow against ONNX Runtime on random inputs. Bound: 2e-5 of the largest value (at
 * least 1) in float32, which holds TensorFlow's approximations of erf and softplus; integers and truth values exactly.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TensorMap } from '../../../../main/base/index.ts'
import { differentiableOperators } from '../../../../main/graph/index.ts'
import { createRuntime, type Runtime } from '../../../../main/runtime/index.ts'
import { operators } from '../../../../main/runtime/tensorflow/operators/index.ts'
import { runOnce } from '../../graph/runtime-in-tests.ts'
import { inputName, nodeModel, type OperatorCase } from './node-model.ts'
import { operatorCases } from './operator-cases.ts'

let reference: Runtime
beforeAll(async () => {
  reference = await createRuntime({ threads: 1 })
})
afterAll(async () => {
  await reference.dispose()
})

function feedsOf(test: OperatorCase): TensorMap {
  return Object.fromEntries(
    test.inputs.flatMap((value, i) =>
      value === undefined || test.weights?.includes(i) ? [] : [[inputName(i), value] as const],
    ),
  )
}

describe.each(['javascript', 'wasm'] as const)('the operators on the backend %s', (tensorFlowBackend) => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await createRuntime({ provider: 'tensorflow', tensorFlowBackend })
  })
  afterAll(async () => {
    await runtime.dispose()
  })

  it.each(operatorCases.map((test) => [test.name, test] as const))('%s', async (_, test) => {
    const model = nodeModel(test)
    const expected = await runOnce(reference, model, feedsOf(test), { label: test.name })
    const actual = await runOnce(runtime, model, feedsOf(test), { label: test.name })
    expect(Object.keys(actual)).toEqual(Object.keys(expected))
    for (const [name, value] of Object.entries(expected)) {
      expect(actual[name]!.dtype).toBe(value.dtype)
      expect(actual[name]!.shape).toEqual(value.shape)
      if (value.dtype !== 'float32') {
        expect(actual[name]!.data).toEqual(value.data)
        continue
      }
      const numbers = Array.from(value.data, Number)
      const largest = Math.max(1, ...numbers.map(Math.abs))
      const worst = Math.max(...numbers.map((number, i) => Math.abs(number - Number(actual[name]!.data[i]))))
      expect(worst / largest).toBeLessThan(2e-5)
    }
  })
})

it('every operator of the engine has a case', () => {
  const tested = new Set(operatorCases.map(({ op }) => op))
  // Constant has no inputs to vary; whole graphs hold it.
  expect(Object.keys(operators).filter((op) => !tested.has(op))).toEqual(['Constant'])
})

it('every operator that a training step can contain is there', () => {
  expect(differentiableOperators().filter((op) => operators[op] === undefined)).toEqual([])
})

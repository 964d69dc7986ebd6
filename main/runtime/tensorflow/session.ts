/** Runs one ONNX graph operator by operator on TensorFlow.js, with resident tensors. Runs in the worker thread. */
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core'
import { readFile } from 'node:fs/promises'
import { defined, type Tensor, type TensorMap } from '../../base/index.ts'
import type { ModelSource, SessionOptions, ValueInfo } from '../types.ts'
import { checkNames, checkResident, plainOutputs, residentNames, type WorkerSession } from '../worker-session.ts'
import type { TensorFlow } from './backends.ts'
import { operators } from './operators/index.ts'
import { runNode } from './run-node.ts'
import { readGraph } from './read-graph.ts'
import { planRun, type RunPlan } from './run-plan.ts'
import { fromTf, toTf } from './values.ts'

/** Resident tensors by name, and how many sessions use them. */
export type TfResident = { readonly tensors: Map<string, TfTensor>; users: number }

/** @throws Error when the model cannot be read, or needs an operator that the engine does not have (by name) */
export async function openTensorFlowSession(
  tf: TensorFlow,
  source: ModelSource,
  options: Omit<SessionOptions, 'sharesStateOf'>,
  resident: TfResident,
): Promise<WorkerSession> {
  const graph = readGraph('path' in source ? await readFile(source.path) : source)
  for (const { op, name } of graph.nodes) {
    if (operators[op] !== undefined) continue
    throw new Error(`Node (${name}): the engine tensorflow does not have the operator ${op}.`)
  }
  const inputs = [...graph.inputs]
  const outputs = [...graph.outputs]
  const names = residentNames(options, inputs, outputs)
  const dtypes = new Map([...inputs, ...outputs].map(({ name, dtype }) => [name, dtype]))
  // Weights become tensors when a node first needs them: many are only lists of axes, read on the host.
  const weights = new Map<string, TfTensor>()
  const plans = new Map<string, RunPlan>()
  resident.users++

  const weight = (name: string): TfTensor | undefined => {
    const content = graph.weights[name]
    if (content === undefined) return undefined
    const made = weights.get(name) ?? tf.keep(toTf(tf, name, content))
    weights.set(name, made)
    return made
  }
  const planFor = (wanted: readonly string[]): RunPlan => {
    const key = JSON.stringify(wanted)
    const plan = plans.get(key) ?? planRun(graph.nodes, wanted)
    plans.set(key, plan)
    return plan
  }

  /** Computes `wanted`; everything else that is made on the way is freed. */
  function compute(feeds: ReadonlyMap<string, TfTensor>, wanted: readonly string[]): Map<string, TfTensor> {
    const values = new Map<string, TfTensor>()
    const find = (name: string): TfTensor => {
      const value = values.get(name) ?? feeds.get(name) ?? weight(name)
      if (value === undefined) throw new Error(`The value "${name}" is not computed by any node before it is used.`)
      return value
    }
    const kept = tf.tidy(() => {
      const plan = planFor(wanted)
      plan.nodes.forEach((node, i) => {
        runNode(tf, node, find, (name) => graph.weights[name]).forEach((value, k) => {
          const name = node.outputs[k]
          if (name) values.set(name, value)
        })
        for (const name of plan.freedAfter[i]!) {
          values.get(name)?.dispose()
          values.delete(name)
        }
      })
      // A clone, so that no output is an input or another output under a second name.
      return wanted.map((name) => tf.keep(find(name).clone()))
    })
    return new Map(wanted.map((name, i) => [name, kept[i]!]))
  }

  function feedsOf(feeds: TensorMap): { all: Map<string, TfTensor>; made: TfTensor[] } {
    const all = new Map<string, TfTensor>()
    const made: TfTensor[] = []
    for (const { name } of inputs) {
      const given = feeds[name]
      const value = names.inputs.has(name) ? resident.tensors.get(name) : given && toTf(tf, name, fits(given, name))
      if (value === undefined) {
        tf.dispose(made)
        throw new Error(`The input "${name}" has no value.`)
      }
      all.set(name, value)
      if (!names.inputs.has(name)) made.push(value)
    }
    return { all, made }
  }

  function fits(value: Tensor, name: string): Tensor {
    const { dtype, shape } = defined<ValueInfo>(
      inputs.find((input) => input.name === name),
      name,
    )
    const matches = shape.length === value.shape.length && shape.every((size, i) => fitsSize(size, value.shape[i]!))
    if (matches && dtype === value.dtype) return value
    throw new Error(`The input "${name}" is ${dtype} [${shape}], but was given ${value.dtype} [${value.shape}].`)
  }

  return {
    inputs,
    outputs,
    async run(feeds, wanted = plainOutputs(outputs, names)) {
      checkNames('input', Object.keys(feeds), inputs)
      checkNames('output', wanted, outputs)
      const { all, made } = feedsOf(feeds)
      let computed: Map<string, TfTensor>
      try {
        computed = compute(all, [...new Set([...wanted, ...names.stateOutputs])])
      } finally {
        tf.dispose(made)
      }
      const read = (name: string): Tensor =>
        fromTf(defined(computed.get(name), name), defined(dtypes.get(name), `the type of ${name}`))
      const returned = Object.fromEntries(wanted.map((name) => [name, read(name)]))
      for (const [input, output] of names.state) {
        resident.tensors.get(input)?.dispose()
        resident.tensors.set(input, defined(computed.get(output), output))
        computed.delete(output)
      }
      tf.dispose([...computed.values()])
      return returned
    },
    async write(values) {
      checkResident(values, names)
      for (const [name, value] of Object.entries(values)) {
        const made = tf.keep(toTf(tf, name, fits(value, name)))
        resident.tensors.get(name)?.dispose()
        resident.tensors.set(name, made)
      }
    },
    async read(wanted = [...names.state.keys()]) {
      return Object.fromEntries(
        wanted.map((name) => {
          const value = resident.tensors.get(name)
          if (value === undefined) throw new Error(`The resident tensor "${name}" has no value.`)
          return [name, fromTf(value, defined(dtypes.get(name), `the type of ${name}`))]
        }),
      )
    },
    async release() {
      tf.dispose([...weights.values()])
      weights.clear()
      if (--resident.users > 0) return
      tf.dispose([...resident.tensors.values()])
      resident.tensors.clear()
    },
  }
}

/** A size that is known only when the graph runs fits any. */
function fitsSize(declared: number | string, given: number): boolean {
  return typeof declared === 'string' || declared === given
}

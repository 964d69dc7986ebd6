/** Runs one node of a graph: hands the operator its inputs, frees what it made on the way, names the node in failures. */
import type { Tensor } from '../../base/index.ts'
import type { TensorFlow } from './backends.ts'
import type { TfTensor } from './operator.ts'
import { operators } from './operators/index.ts'
import type { GraphNode } from './read-graph.ts'

/**
 * @param find a value by name; throws when there is none
 * @param hostValue the content of a weight, without a way to the device and back
 * @returns the outputs in order, each a tensor of its own
 */
export function runNode(
  tf: TensorFlow,
  node: GraphNode,
  find: (name: string) => TfTensor,
  hostValue: (name: string) => Tensor | undefined,
): TfTensor[] {
  const operator = operators[node.op]
  if (operator === undefined) throw new Error(`internal: the operator ${node.op} was checked before`)
  const has = (index: number): boolean => Boolean(node.inputs[index])
  const taken = new Set<TfTensor>()
  const input = (index: number): TfTensor => {
    if (!has(index)) throw new Error(`Input ${index} is left out.`)
    const value = find(node.inputs[index]!)
    taken.add(value)
    return value
  }
  const integers = (index: number): number[] | undefined => {
    if (!has(index)) return undefined
    const known = hostValue(node.inputs[index]!)
    return Array.from(known === undefined ? input(index).dataSync() : known.data, Number)
  }
  try {
    return tf.tidy(() => {
      const made = operator({ tf, node, inputCount: node.inputs.length, input, has, integers })
      return (Array.isArray(made) ? made : [made]).map((value) => (taken.has(value) ? value.clone() : value))
    })
  } catch (error) {
    throw new Error(`Node (${node.name}): ${node.op} failed: ${(error as Error).message}`, { cause: error })
  }
}

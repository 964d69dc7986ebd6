/** What an operator's function is given: its inputs as tensors, its attributes, and inputs that are lists of integers. */
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core'
import type { Tensor } from '../../base/index.ts'
import type { TensorFlow } from './backends.ts'
import type { GraphNode, NodeAttribute } from './read-graph.ts'

export type { TfTensor }

/** One use of an operator in a graph. */
export type Call = {
  readonly tf: TensorFlow
  readonly node: GraphNode
  /** Number of inputs that the node names, left-out ones included. */
  readonly inputCount: number
  /** @throws Error when the input is left out */
  input(index: number): TfTensor
  has(index: number): boolean
  /** An input as integers on the host, such as axes and shapes; undefined when it is left out. */
  integers(index: number): number[] | undefined
}

/**
 * Computes the outputs of a node from its inputs. What it makes on the way is freed by the caller; an output may share
 * its data with an input.
 * @throws Error for a variant that it does not have, by name
 */
export type Operator = (call: Call) => TfTensor | TfTensor[]

function attribute<T extends NodeAttribute>(
  node: GraphNode,
  name: string,
  fits: (value: NodeAttribute) => value is T,
): T | undefined {
  const value = node.attributes[name]
  if (value === undefined || fits(value)) return value
  throw new Error(`The attribute "${name}" of ${node.op} is of another kind than expected.`)
}

const isNumber = (value: NodeAttribute): value is number => typeof value === 'number'
const isText = (value: NodeAttribute): value is string => typeof value === 'string'
const isList = (value: NodeAttribute): value is readonly number[] => Array.isArray(value)
const isTensor = (value: NodeAttribute): value is Tensor => typeof value === 'object' && 'dtype' in value

export function numberOf(node: GraphNode, name: string, otherwise: number): number {
  return attribute(node, name, isNumber) ?? otherwise
}

export function textOf(node: GraphNode, name: string, otherwise: string): string {
  return attribute(node, name, isText) ?? otherwise
}

export function listOf(node: GraphNode, name: string): readonly number[] | undefined {
  return attribute(node, name, isList)
}

export function tensorOf(node: GraphNode, name: string): Tensor | undefined {
  return attribute(node, name, isTensor)
}

/** An axis counted from the start. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis
}

/** Refuses a variant of an operator that the engine does not have. */
export function unsupported(node: GraphNode, what: string): Error {
  return new Error(`The engine tensorflow has no ${node.op} ${what}, which node "${node.name}" needs.`)
}

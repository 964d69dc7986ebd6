/**
 * Values and nodes: what a graph is made of. A graph is a set of values that were computed from each other; there is no
 * node list. What an output does not reach is never written out (dead-node removal), and building the same node twice
 * gives the first one (common-subexpression sharing). See [Note: Sharing by construction] in graph.ts.
 */
import type { DType, Tensor } from '../base/index.ts'
import type { Graph } from './graph.ts'

export type Shape = readonly number[]

/** Attribute values, in the forms that ONNX has and that we use. */
export type Attribute = number | string | readonly number[] | { readonly float: number }

export type Attributes = Readonly<Record<string, Attribute>>

/** The result of a node: immutable, with a static shape. */
export type Value = {
  readonly graph: Graph
  /** Grows with creation: a value's inputs always have smaller ids, so id order is a topological order. */
  readonly id: number
  readonly dtype: DType
  readonly shape: Shape
  readonly node: Node
  /** Which output of `node` this is. */
  readonly index: number
}

export type Node = {
  /** ONNX operator, or `Input` / `Constant`. */
  readonly op: string
  /** '' for the ONNX standard, 'com.microsoft' for the runtime's own operators. */
  readonly domain: string
  readonly inputs: readonly (Value | undefined)[]
  readonly attributes: Attributes
  readonly outputs: readonly Value[]
  /** Only for `Input`. */
  readonly name?: string
  /** Only for `Constant`. */
  readonly tensor?: Tensor
}

/** "MatMul#12 [64,8] float32": for messages. */
export function describe(value: Value): string {
  return `${value.node.name ?? value.node.op}#${value.id} [${value.shape}] ${value.dtype}`
}

/** Values as the operators know them: their types, which graph.ts has, and how messages name them. */
import type { Value } from './graph.ts'

export type { Attribute, Attributes, Node, Shape, Value } from './graph.ts'

/** "MatMul#12 [64,8] float32": for messages. */
export function describe(value: Value): string {
  return `${value.node.name ?? value.node.op}#${value.id} [${value.shape}] ${value.dtype}`
}

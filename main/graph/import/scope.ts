/**
 * Names in the graphs that nodes hold. What a branch of an `If` names stands together with the names of the model's own
 * graph, under a prefix that no model can write, so that a branch may use a name of the graph around it for itself.
 */
import type { NodeProto } from 'onnx-buf'
import type { ModelGraph } from './importable-model.ts'

export type Scope = {
  readonly part: ModelGraph
  /** Before each of its names; '' for the model's own graph. */
  readonly prefix: string
  /** Whose names are visible too. */
  readonly outer: Scope | undefined
}

const separator = '\0'

export function rootScope(part: ModelGraph): Scope {
  return { part, prefix: '', outer: undefined }
}

export function branchScope(outer: Scope, node: NodeProto, branch: string, part: ModelGraph): Scope {
  return { part, outer, prefix: [outer.prefix + node.output[0]!, branch, ''].join(separator) }
}

/** The innermost graph that makes or holds `name`. What none does is an input of the model. */
export function homeOf(name: string, scope: Scope): Scope {
  const { part, outer } = scope
  return outer === undefined || part.makers.has(name) || part.holds(name) ? scope : homeOf(name, outer)
}

/** Whether the name is one of a branch. */
export function isInBranch(name: string): boolean {
  return name.includes(separator)
}

/** Which nodes a run needs, and after which of them each value is no longer needed. Pure. */
import type { GraphNode } from './read-graph.ts'

export type RunPlan = {
  readonly nodes: readonly GraphNode[]
  /** For each node: the computed values that nothing after it uses. */
  readonly freedAfter: readonly (readonly string[])[]
}

/** @param wanted values that must be there at the end */
export function planRun(nodes: readonly GraphNode[], wanted: readonly string[]): RunPlan {
  const needed = new Set(wanted)
  const used: GraphNode[] = []
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue
    used.push(node)
    for (const name of node.inputs) needed.add(name)
  }
  used.reverse()
  const last = new Map<string, number>()
  used.forEach((node, i) => {
    for (const name of [...node.inputs, ...node.outputs]) if (name !== '') last.set(name, i)
  })
  for (const name of wanted) last.delete(name)
  const freedAfter = used.map((): string[] => [])
  for (const [name, i] of last) freedAfter[i]!.push(name)
  return { nodes: used, freedAfter }
}

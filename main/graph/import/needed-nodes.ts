/** Which nodes of a graph are needed for values that are wanted, and which of their outputs. */
import type { NodeProto } from 'onnx-buf'
import type { ModelGraph } from './importable-model.ts'
import { operatorName } from './operation.ts'

export type NeededNodes = {
  /** In the order of the file, which is a topological one. */
  readonly nodes: readonly NodeProto[]
  /** What is wanted, and what that needs. */
  readonly names: ReadonlySet<string>
}

/** @param isGiven ends the search */
export function neededNodes(
  part: ModelGraph,
  wanted: readonly string[],
  isGiven: (name: string) => boolean,
): NeededNodes {
  const names = new Set<string>()
  const needed = new Set<NodeProto>()
  const waiting = [...wanted]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = names.has(name) || isGiven(name) ? undefined : part.makers.get(name)
    if (node === undefined) continue
    names.add(name)
    needed.add(node)
    waiting.push(...inputPlacesFor(name, node, isGiven).map((i) => node.input[i]!))
  }
  return { nodes: part.graph.node.filter((node) => needed.has(node)), names }
}

/**
 * [Note: Cuts inside of fused operators] A fused normalisation gives the sum that it normalises too, and that sum is where a
 * block begins: a cut there lies inside of the node. So what is normalised is made from a sum that is given, and the inputs
 * that were added up are not looked for. By operator: the output that is the sum, and the inputs that count after it.
 */
export const sumsOfFusedNormalisations: Readonly<
  Record<string, { readonly sum: number; readonly after: readonly number[] }>
> = {
  'com.microsoft::SkipLayerNormalization': { sum: 3, after: [2, 3] },
  'com.microsoft::SkipSimplifiedLayerNormalization': { sum: 3, after: [2] },
  'com.microsoft::EmbedLayerNormalization': { sum: 2, after: [5, 6] },
}

/**
 * The places of the inputs that one output of a node needs. What a branch of an `If` reads is no input of the node: it is
 * looked for once the branch is chosen.
 */
export function inputPlacesFor(output: string, node: NodeProto, isGiven: (name: string) => boolean): number[] {
  const operator = operatorName(node)
  const [place, places] = [node.output.indexOf(output), [...node.input.keys()]]
  // A mask that all blocks read is no reason to look up the words again above a cut.
  if (operator === 'com.microsoft::EmbedLayerNormalization' && place === 1) return places.filter((i) => i === 7)
  const fused = sumsOfFusedNormalisations[operator]
  if (fused === undefined) return places
  if (place === fused.sum) return places.filter((i) => !fused.after.includes(i))
  return isGiven(node.output[fused.sum] ?? '') ? places.filter((i) => fused.after.includes(i)) : places
}

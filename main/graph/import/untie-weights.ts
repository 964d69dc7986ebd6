/**
 * [Note: Weights on both sides of a cut] Optimised exports hold equal tensors once: the gains of all normalisations, say, that
 * were 1 when training started. What is trained above a cut must not change what lies below, whose results were kept. So a
 * weight that is read on both sides becomes two before it is replaced: what lies above reads an `Identity` of it.
 */
import { create } from '@bufbuild/protobuf'
import { AttributeProtoSchema, GraphProtoSchema, NodeProtoSchema, type GraphProto, type NodeProto } from 'onnx-buf'
import { namesUsed } from '../extract-part.ts'
import { inputPlacesFor, sumsOfFusedNormalisations } from './needed-nodes.ts'
import { operatorName } from './operation.ts'

export type UntiedGraph = {
  readonly graph: GraphProto
  /** New names, of what lies above the cut, by the names that they had. */
  readonly renamed: ReadonlyMap<string, string>
}

/** @param cut name of the value at the cut  @param weights names of those that will be replaced */
export function untied(graph: GraphProto, cut: string, weights: readonly string[]): UntiedGraph {
  const below = placesReadFor(graph, cut)
  const readBelow = new Set(
    [...below].flatMap(([node, places]) => [...[...places].map((i) => node.input[i]!), ...namesCaptured(node)]),
  )
  const renamed = new Map(weights.filter((name) => readBelow.has(name)).map((name) => [name, above(name)]))
  if (renamed.size === 0) return { graph, renamed }
  const names = new Map(renamed)
  const fed = dependents(graph)
  const nodes = graph.node.flatMap((node) => {
    const places = below.get(node)
    if (places === undefined) return [withNames(node, names)]
    // What only prepares a weight (a transposed matrix) is there twice, as is a normalisation that the cut lies inside of.
    const sums = sumsOfFusedNormalisations[operatorName(node)]
    const fused = sums !== undefined && node.output[sums.sum] === cut ? sums : undefined
    if (fused === undefined && node.output.some((name) => fed.has(name))) return [node]
    const twin = withNames(node, names, fused?.after)
    if (twin === node) return [node]
    for (const name of node.output) if (name !== '' && name !== cut) names.set(name, above(name))
    const output = node.output.map((name) => (name === cut ? '' : (names.get(name) ?? name)))
    return [node, create(NodeProtoSchema, { ...twin, name: above(node.name), output })]
  })
  const identities = [...renamed].map(([from, to]) =>
    create(NodeProtoSchema, { name: to, opType: 'Identity', input: [from], output: [to] }),
  )
  return { graph: create(GraphProtoSchema, { ...graph, node: [...identities, ...nodes] }), renamed }
}

const above = (name: string): string => `${name}/above`

/** Nodes that a value needs, and the places of the inputs that they need for it. */
function placesReadFor(graph: GraphProto, value: string): ReadonlyMap<NodeProto, ReadonlySet<number>> {
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)))
  const found = new Map<NodeProto, Set<number>>()
  const seen = new Set([''])
  const waiting = [value]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = seen.has(name) ? undefined : makers.get(name)
    seen.add(name)
    if (node === undefined) continue
    const places = inputPlacesFor(name, node, () => false)
    found.set(node, new Set([...(found.get(node) ?? []), ...places]))
    waiting.push(...places.map((i) => node.input[i]!), ...namesCaptured(node))
  }
  return found
}

/** What the graphs inside of a node read. */
function namesCaptured(node: NodeProto): string[] {
  return node.attribute.some(({ g }) => g !== undefined)
    ? namesUsed(create(NodeProtoSchema, { ...node, input: [] }))
    : []
}

/** Names that depend on what is fed. */
function dependents({ node, input, initializer }: GraphProto): ReadonlySet<string> {
  const held = new Set(initializer.map(({ name }) => name))
  const found = new Set(input.map(({ name }) => name).filter((name) => !held.has(name)))
  for (const each of node) {
    if (namesUsed(each).some((name) => found.has(name))) each.output.forEach((name) => found.add(name))
  }
  return found
}

/** The node reading other names, at these places of its inputs; the node itself where it reads none of them. */
function withNames(node: NodeProto, names: ReadonlyMap<string, string>, places?: readonly number[]): NodeProto {
  const input = node.input.map((name, i) => (places?.includes(i) === false ? name : (names.get(name) ?? name)))
  const isSame =
    !namesCaptured(node).some((name) => names.has(name)) && input.every((name, i) => name === node.input[i])
  if (isSame) return node
  const attribute = node.attribute.map((each) =>
    each.g === undefined ? each : create(AttributeProtoSchema, { ...each, g: graphWithNames(each.g, names) }),
  )
  return create(NodeProtoSchema, { ...node, input, attribute })
}

/** A graph inside of a node, where names that it makes itself stay what they are. */
function graphWithNames(graph: GraphProto, names: ReadonlyMap<string, string>): GraphProto {
  const own = new Set([...graph.initializer.map(({ name }) => name), ...graph.node.flatMap(({ output }) => output)])
  const visible = new Map([...names].filter(([name]) => !own.has(name)))
  return create(GraphProtoSchema, { ...graph, node: graph.node.map((node) => withNames(node, visible)) })
}

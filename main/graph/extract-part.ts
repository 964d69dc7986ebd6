/**
 * Cuts out of an ONNX model what one of its outputs needs. Published models of pictures and texts often come as one graph
 * that wants both at every run; its two halves are independent. Pure.
 */
import { create, toBinary } from '@bufbuild/protobuf'
import { GraphProtoSchema, ModelProtoSchema, type GraphProto, type NodeProto } from 'onnx-buf'
import { ModelProblem, readModel, subgraphsOf } from './inspect-model.ts'

/**
 * The model that computes `output` alone; inputs, weights and nodes that it does not need are left out.
 * @throws ModelProblem when the bytes are no ONNX model or have no such output
 */
export function extractPart(bytes: Uint8Array, output: string): Uint8Array {
  const model = readModel(bytes)
  const graph = model.graph!
  const wanted = graph.output.filter(({ name }) => name === output)
  if (wanted.length === 0) throw new ModelProblem(`it has no output "${output}"`)
  const maker = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)))
  const kept = new Set<NodeProto>()
  const needed = new Set<string>()
  const waiting = [output]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === '' || needed.has(name)) continue
    needed.add(name)
    const node = maker.get(name)
    if (node === undefined || kept.has(node)) continue
    kept.add(node)
    waiting.push(...namesUsed(node))
  }
  const part = create(GraphProtoSchema, {
    ...graph,
    node: graph.node.filter((node) => kept.has(node)),
    initializer: graph.initializer.filter(({ name }) => needed.has(name)),
    sparseInitializer: graph.sparseInitializer.filter(({ values }) => needed.has(values?.name ?? '')),
    input: graph.input.filter(({ name }) => needed.has(name)),
    output: wanted,
    valueInfo: graph.valueInfo.filter(({ name }) => needed.has(name)),
    quantizationAnnotation: [],
  })
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...model, graph: part }))
}

/** What a node reads; nodes inside its subgraphs may read names of the graph around it. */
function namesUsed(node: NodeProto): string[] {
  const inside = (graph: GraphProto): string[] => [
    ...graph.node.flatMap(namesUsed),
    ...graph.output.map(({ name }) => name),
  ]
  return [...node.input, ...node.attribute.flatMap(subgraphsOf).flatMap(inside)]
}

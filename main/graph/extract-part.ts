/**
 * Cuts out of an ONNX model what one of its outputs needs, or one value inside of it. Published models of pictures and texts
 * often come as one graph that wants both at every run; its two halves are independent. Pure.
 */
import { create, toBinary } from '@bufbuild/protobuf'
import {
  AttributeProto_AttributeType as AttributeType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  ValueInfoProtoSchema,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type ValueInfoProto,
} from 'onnx-buf'
import { onnxTypeCodes } from './elementwise.ts'
import { ModelProblem, readModel, subgraphsOf } from './inspect-model.ts'

/**
 * The model that computes `output` alone; inputs, weights and nodes that it does not need are left out.
 * @throws ModelProblem when the bytes are no ONNX model or have no such output
 */
export function extractPart(bytes: Uint8Array, output: string): Uint8Array {
  const model = readModel(bytes)
  const wanted = model.graph!.output.filter(({ name }) => name === output)
  if (wanted.length === 0) throw new ModelProblem(`it has no output "${output}"`)
  return partOf(model, output, wanted, [])
}

/** Name of the output of `extractInner`. */
export const innerOutput = 'activations'

/**
 * The model that computes `name`, a value inside of the graph, as its one output `activations`, in float32.
 * @param rank number of axes of that value
 * @throws ModelProblem when the bytes are no ONNX model or nothing in it has that name
 */
export function extractInner(bytes: Uint8Array, name: string, rank: number): Uint8Array {
  const model = readModel(bytes)
  if (!model.graph!.node.some(({ output }) => output.includes(name))) throw new ModelProblem(`it computes no "${name}"`)
  const float = onnxTypeCodes.float32
  const widen = create(NodeProtoSchema, {
    ...{ name: `${innerOutput}_cast`, opType: 'Cast', input: [name], output: [innerOutput] },
    attribute: [{ name: 'to', type: AttributeType.INT, i: BigInt(float) }],
  })
  const shape = { dim: Array.from({ length: rank }, () => ({})) }
  const output = create(ValueInfoProtoSchema, {
    ...{ name: innerOutput, type: { value: { case: 'tensorType', value: { elemType: float, shape } } } },
  })
  return partOf(model, name, [output], [widen])
}

/** The part of a model that `name` needs, with these outputs and further nodes. */
function partOf(model: ModelProto, name: string, output: ValueInfoProto[], added: NodeProto[]): Uint8Array {
  const graph = model.graph!
  const maker = new Map(graph.node.flatMap((node) => node.output.map((made) => [made, node] as const)))
  const kept = new Set<NodeProto>()
  const needed = new Set<string>()
  const waiting = [name]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === '' || needed.has(next)) continue
    needed.add(next)
    const node = maker.get(next)
    if (node === undefined || kept.has(node)) continue
    kept.add(node)
    waiting.push(...namesUsed(node))
  }
  const part = create(GraphProtoSchema, {
    ...graph,
    node: [...graph.node.filter((node) => kept.has(node)), ...added],
    initializer: graph.initializer.filter((tensor) => needed.has(tensor.name)),
    sparseInitializer: graph.sparseInitializer.filter(({ values }) => needed.has(values?.name ?? '')),
    input: graph.input.filter((input) => needed.has(input.name)),
    output,
    valueInfo: graph.valueInfo.filter((info) => needed.has(info.name)),
    quantizationAnnotation: [],
  })
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...model, graph: part }))
}

/** What a node reads; nodes inside its subgraphs may read names of the graph around it. */
export function namesUsed(node: NodeProto): string[] {
  const inside = (graph: GraphProto): string[] => [
    ...graph.node.flatMap(namesUsed),
    ...graph.output.map(({ name }) => name),
  ]
  return [...node.input, ...node.attribute.flatMap(subgraphsOf).flatMap(inside)]
}

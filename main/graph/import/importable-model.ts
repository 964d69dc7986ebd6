/**
 * A model from outside, opened for import: its graph, operator sets and tensors. Half precision is widened to single
 * here, once, so that everything that follows computes in float32; the data of a tensor is decoded when it is first used
 * and then stays the same object, by which a graph knows that two imports share a weight.
 */
import type { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto } from 'onnx-buf'
import { TensorProto_DataLocation as DataLocation } from 'onnx-buf'
import { decodeHalves, floatTensor, sizeOf, type Tensor } from '../../base/index.ts'
import { ModelProblem, readModel } from '../inspect-model.ts'
import { readTensor } from '../model.ts'

/** The oldest and newest operator set whose meaning the importer knows. */
export const importableOpsets = { from: 13, to: 21 } as const

/** A graph with what it holds: the model's own, or one inside of a node. */
export type ModelGraph = {
  readonly graph: GraphProto
  /** The node that makes a value. */
  readonly makers: ReadonlyMap<string, NodeProto>
  /** Whether there is an initializer of that name. */
  holds(name: string): boolean
  /** The initializer of that name, half precision widened; undefined when there is none. */
  tensor(name: string): Tensor | undefined
}

export type ImportableModel = ModelGraph & {
  readonly proto: ModelProto
  /** Version of the standard operator set. */
  readonly opset: number
  /** Inputs that are no initializers. */
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** A graph that a node of the model holds. */
  inner(graph: GraphProto): ModelGraph
  /** The tensor in a node's attribute, half precision widened. */
  attributeTensor(attribute: AttributeProto): Tensor
}

/** Bytes of a file of weights that lies beside the model. */
export type ExternalData = (location: string) => Uint8Array

/** @throws ModelProblem when the bytes are no ONNX model, or its operator set is not one that can be imported */
export function openModel(bytes: Uint8Array, externalData?: ExternalData): ImportableModel {
  const proto = readModel(bytes)
  const graph = proto.graph!
  const opset = Number(proto.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1n)
  const { from, to } = importableOpsets
  if (opset < from || opset > to) {
    throw new ModelProblem(
      `it is written for opset ${opset}; models of opset ${from} to ${to} can be imported for training, so export it again with one of these`,
    )
  }
  const decoded = new Map<TensorProto, Tensor>()
  const decode = (source: TensorProto): Tensor => {
    const existing = decoded.get(source)
    if (existing !== undefined) return existing
    const tensor = decodeTensor(source, externalData)
    decoded.set(source, tensor)
    return tensor
  }
  const opened = new Map<GraphProto, ModelGraph>()
  const open = (part: GraphProto): ModelGraph => {
    const existing = opened.get(part)
    if (existing !== undefined) return existing
    const made = graphOf(part, decode)
    opened.set(part, made)
    return made
  }
  const own = open(graph)
  return {
    ...{ ...own, proto, opset },
    inputNames: graph.input.map(({ name }) => name).filter((name) => !own.holds(name)),
    outputNames: graph.output.map(({ name }) => name),
    inner: open,
    attributeTensor: (attribute) => decode(attribute.t!),
  }
}

function graphOf(graph: GraphProto, decode: (source: TensorProto) => Tensor): ModelGraph {
  const protos = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]))
  return {
    graph,
    // An output that is left out is called ''.
    makers: new Map(graph.node.flatMap((node) => node.output.flatMap((name) => (name ? [[name, node] as const] : [])))),
    holds: (name) => protos.has(name),
    tensor(name) {
      const source = protos.get(name)
      return source && decode(source)
    },
  }
}

function decodeTensor(proto: TensorProto, externalData: ExternalData | undefined): Tensor {
  const read = readTensor(inlineTensor(proto, externalData))
  if (read.dtype !== 'float16') return read
  const { buffer, byteOffset, byteLength } = read.data
  return floatTensor(read.shape, decodeHalves(new Uint8Array(buffer, byteOffset, byteLength)))
}

/** The tensor with its bytes from the file beside the model, where they lie there. @throws ModelProblem */
export function inlineTensor(proto: TensorProto, externalData: ExternalData | undefined): TensorProto {
  if (proto.dataLocation !== DataLocation.EXTERNAL) return proto
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]))
  const location = entries.get('location') ?? ''
  if (externalData === undefined) throw new ModelProblem(`its weights lie in another file, "${location}"`)
  const start = Number(entries.get('offset') ?? 0)
  const length = entries.get('length')
  const bytes = externalData(location).subarray(start, length === undefined ? undefined : start + Number(length))
  const isShort = length === undefined ? bytes.length === 0 : bytes.length < Number(length)
  if (sizeOf(proto.dims.map(Number)) > 0 && isShort) {
    throw new ModelProblem(`the file "${location}" ends before its tensor "${proto.name}"`)
  }
  return { ...proto, externalData: [], rawData: new Uint8Array(bytes), dataLocation: DataLocation.DEFAULT }
}

/** A model whose weights lie in files beside it, as one that holds them itself: what can be cut and written back as bytes. */
import { create, toBinary } from '@bufbuild/protobuf'
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type GraphProto,
  type TensorProto,
} from 'onnx-buf'
import { inspectModel, ModelProblem, readModel } from '../inspect-model.ts'
import { inlineTensor, type ExternalData } from './importable-model.ts'

/** A protobuf message cannot be larger. */
const mostBytes = 2 ** 31 - 1

/**
 * The same model with its weights inside; the bytes as they are when none lies outside.
 * @throws ModelProblem when a file is too short, or everything together would not fit into one ONNX file
 */
export function withInlineWeights(bytes: Uint8Array, externalData: ExternalData): Uint8Array {
  const { externalTensors } = inspectModel(bytes)
  if (externalTensors.length === 0) return bytes
  const totalBytes = externalTensors.reduce((sum, { lengthBytes }) => sum + lengthBytes, bytes.length)
  if (totalBytes > mostBytes) {
    throw new ModelProblem(
      `its weights take ${(totalBytes / 1e9).toFixed(1)} GB, and blocks can be trained of graphs up to 2 GB`,
    )
  }
  const model = readModel(bytes)
  const inlined = inlineGraph(model.graph!, (tensor) => inlineTensor(tensor, externalData))
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...model, graph: inlined }))
}

/** With the tensors of nodes, and of graphs inside of them. */
function inlineGraph(graph: GraphProto, inline: (tensor: TensorProto) => TensorProto): GraphProto {
  const node = graph.node.map((each) => {
    if (each.attribute.every(({ t, g }) => t === undefined && g === undefined)) return each
    const attribute = each.attribute.map((held) =>
      create(AttributeProtoSchema, {
        ...held,
        ...(held.t && { t: inline(held.t) }),
        ...(held.g && { g: inlineGraph(held.g, inline) }),
      }),
    )
    return create(NodeProtoSchema, { ...each, attribute })
  })
  return create(GraphProtoSchema, { ...graph, node, initializer: graph.initializer.map(inline) })
}

/** Reads the bytes of an ONNX model into what the engine walks through: nodes in order, weights, inputs and outputs. */
import { TensorProto_DataLocation as DataLocation, type AttributeProto, type ValueInfoProto } from 'onnx-buf'
import type { DType, Tensor, TensorMap } from '../../base/index.ts'
import { parseModel, readTensor, readWeights } from '../../graph/index.ts'
import type { ValueInfo } from '../types.ts'

export type NodeAttribute = number | string | readonly number[] | Tensor

export type GraphNode = {
  readonly op: string
  readonly name: string
  /** '' where an optional input is left out. */
  readonly inputs: readonly string[]
  /** '' where an output is not wanted. */
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, NodeAttribute>>
}

export type ReadGraph = {
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly weights: TensorMap
  /** In an order in which they can be computed, as ONNX demands. */
  readonly nodes: readonly GraphNode[]
}

/** @throws Error when the bytes are no model, or its weights lie in other files */
export function readGraph(bytes: Uint8Array): ReadGraph {
  const model = parseModel(bytes)
  const graph = model.graph
  if (graph === undefined || graph.output.length === 0) throw new Error('The bytes are no ONNX model that computes.')
  if (graph.initializer.some(({ dataLocation }) => dataLocation === DataLocation.EXTERNAL)) {
    throw new Error('The weights lie in files beside the model, which the engine tensorflow does not read.')
  }
  const weights = readWeights(model)
  return {
    weights,
    inputs: graph.input.filter(({ name }) => weights[name] === undefined).map(valueInfo),
    outputs: graph.output.map(valueInfo),
    nodes: graph.node.map((node) => ({
      op: node.domain === '' || node.domain === 'ai.onnx' ? node.opType : `${node.domain}.${node.opType}`,
      name: node.name || node.output[0] || node.opType,
      inputs: node.input,
      outputs: node.output,
      attributes: Object.fromEntries(node.attribute.map((attribute) => [attribute.name, attributeOf(attribute)])),
    })),
  }
}

/** Codes of ONNX element types that this engine takes and gives. */
const dtypeOfCode: Readonly<Record<number, DType>> = { 1: 'float32', 2: 'uint8', 6: 'int32', 7: 'int64', 9: 'bool' }

/** @throws Error for an element type that the engine does not have */
export function dtypeOf(code: number, name: string): DType {
  const dtype = dtypeOfCode[code]
  if (dtype !== undefined) return dtype
  throw new Error(`The value "${name}" has an element type (${code}) that the engine tensorflow does not have.`)
}

function valueInfo({ name, type }: ValueInfoProto): ValueInfo {
  const content = type?.value
  if (content?.case !== 'tensorType') throw new Error(`The value "${name}" is not a tensor.`)
  const shape = (content.value.shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : (value.value ?? ''),
  )
  return { name, dtype: dtypeOf(content.value.elemType, name), shape }
}

const attributeKinds = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 }

function attributeOf(attribute: AttributeProto): NodeAttribute {
  switch (attribute.type as number) {
    case attributeKinds.float:
      return attribute.f
    case attributeKinds.int:
      return Number(attribute.i)
    case attributeKinds.string:
      return new TextDecoder().decode(attribute.s)
    case attributeKinds.tensor:
      return readTensor(attribute.t!)
    case attributeKinds.floats:
      return attribute.floats
    case attributeKinds.ints:
      return attribute.ints.map(Number)
    default:
      throw new Error(`The attribute "${attribute.name}" is of a kind that the engine tensorflow does not read.`)
  }
}

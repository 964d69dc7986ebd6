/** Writes a graph as an ONNX model and reads weights back, through the schema of the onnx-buf library. */
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf'
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  type AttributeProtoSchema,
  type ModelProto,
  type NodeProtoSchema,
  type TensorProto,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from 'onnx-buf'
import { allocate, assert, sizeOf, tensor, type DType, type Tensor, type TensorMap } from '../base/index.ts'
import { onnxTypeCodes } from './elementwise.ts'
import { opset } from './graph.ts'
import { ancestorsOf } from './gradients.ts'
import type { Attribute, Value } from './value.ts'

export type ModelOptions = {
  /** Shown in error messages and in model viewers. */
  name?: string
  /**
   * [Note: A dynamic axis] Shapes in a graph are static. To write a model whose batch may vary, build it with an
   * unusual batch size (a prime such as 7919) and name it here: every axis of that size becomes the named one, and
   * reshape targets that contain it become -1.
   */
  dynamicAxis?: { readonly size: number; readonly name: string }
}

type TensorInit = MessageInitShape<typeof TensorProtoSchema>

function bytesOf(content: Tensor): Uint8Array<ArrayBuffer> {
  return new Uint8Array(content.data.buffer as ArrayBuffer, content.data.byteOffset, content.data.byteLength)
}

function tensorInit(name: string, content: Tensor): TensorInit {
  return { name, dataType: onnxTypeCodes[content.dtype], dims: content.shape.map(BigInt), rawData: bytesOf(content) }
}

function attributeInit(name: string, value: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) }
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float }
  return { name, type: AttributeType.INTS, ints: value.map(BigInt) }
}

/**
 * The ONNX model (opset 18) that computes `outputs`. Only what they need is written; inputs keep their names.
 *
 * @param outputs name -> value; the model's outputs in this order
 */
export function toModel(outputs: Readonly<Record<string, Value>>, options: ModelOptions = {}): Uint8Array {
  const dynamic = options.dynamicAxis
  const values = ancestorsOf(Object.values(outputs))
  const names = new Map<number, string>()
  const nodes: MessageInitShape<typeof NodeProtoSchema>[] = []
  const initializers: TensorInit[] = []
  const inputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = []

  const info = (name: string, value: Value): MessageInitShape<typeof ValueInfoProtoSchema> => ({
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: onnxTypeCodes[value.dtype],
          shape: {
            dim: value.shape.map((size) => ({
              value:
                dynamic && size === dynamic.size
                  ? { case: 'dimParam' as const, value: dynamic.name }
                  : { case: 'dimValue' as const, value: BigInt(size) },
            })),
          },
        },
      },
    },
  })

  // Reshape targets are the only constants that mention the dynamic size.
  const reshapeTargets = new Set(values.flatMap(({ node }) => (node.op === 'Reshape' ? [node.inputs[1]!.id] : [])))
  const constantContent = (value: Value): Tensor => {
    const content = value.node.tensor!
    if (!dynamic || !reshapeTargets.has(value.id)) return content
    const sizes = Array.from(content.data as BigInt64Array, Number)
    const replaced = sizes.map((size) => (size > 0 && size % dynamic.size === 0 ? -1 : size))
    assert(replaced.filter((size) => size === -1).length <= 1, `reshape to [${sizes}] has two dynamic axes`)
    return tensor('int64', content.shape, BigInt64Array.from(replaced, BigInt))
  }

  // A computed value is named after the (first) output that it is; only other outputs need an Identity of their own.
  const outputNames = new Map<number, string>()
  for (const [name, value] of Object.entries(outputs)) {
    const computed = value.node.op !== 'Input' && value.node.op !== 'Constant'
    if (computed && !outputNames.has(value.id)) outputNames.set(value.id, name)
  }

  for (const value of values) {
    const { node, index } = value
    const name = node.name ?? outputNames.get(value.id) ?? `${node.op}_${value.id}`
    names.set(value.id, name)
    if (node.op === 'Input') inputs.push(info(name, value))
    else if (node.op === 'Constant') initializers.push(tensorInit(name, constantContent(value)))
    else if (index === node.outputs.length - 1) {
      nodes.push({
        name: `${node.op}_${node.outputs[0]!.id}`,
        opType: node.op,
        domain: node.domain,
        input: node.inputs.map((input) => (input ? names.get(input.id)! : '')),
        output: node.outputs.map((output) => names.get(output.id)!),
        attribute: Object.entries(node.attributes).flatMap(([key, attribute]) =>
          key.startsWith('_') ? [] : [attributeInit(key, attribute)],
        ),
      })
    }
  }
  const graphOutputs = Object.entries(outputs).map(([name, value]) => {
    const source = names.get(value.id)!
    if (source !== name) nodes.push({ name: `output_${name}`, opType: 'Identity', input: [source], output: [name] })
    return info(name, value)
  })
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 9n,
      producerName: 'mama-studio',
      opsetImport: [
        { domain: '', version: BigInt(opset) },
        { domain: 'com.microsoft', version: 1n },
      ],
      graph: {
        name: options.name ?? 'graph',
        node: nodes,
        initializer: initializers,
        input: inputs,
        output: graphOutputs,
      },
    }),
  )
}

/** Parses an ONNX model; throws when the bytes are none. */
export function parseModel(bytes: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, bytes)
}

const dtypeOfCode = new Map(Object.entries(onnxTypeCodes).map(([dtype, code]) => [code, dtype as DType]))

/** The content of a tensor that a model holds. */
export function readTensor(proto: TensorProto): Tensor {
  const dtype = dtypeOfCode.get(proto.dataType)
  assert(dtype !== undefined, `tensor ${proto.name} has an unsupported type ${proto.dataType}`)
  const shape = proto.dims.map(Number)
  const data = allocate(dtype, sizeOf(shape))
  if (proto.rawData.length > 0) {
    assert(proto.rawData.length === data.byteLength, `tensor ${proto.name} has ${proto.rawData.length} bytes`)
    new Uint8Array(data.buffer).set(proto.rawData)
  } else if (data instanceof BigInt64Array) data.set(proto.int64Data)
  else if (data instanceof Float64Array) data.set(proto.doubleData)
  else data.set(dtype === 'float32' ? proto.floatData : proto.int32Data)
  return tensor(dtype, shape, data)
}

/** The initializers of a model by name. */
export function readWeights(model: ModelProto): TensorMap {
  return Object.fromEntries((model.graph?.initializer ?? []).map((proto) => [proto.name, readTensor(proto)]))
}

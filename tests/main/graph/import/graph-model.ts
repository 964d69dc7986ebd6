/** Small ONNX models, written node by node as any exporter would write them. */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf'
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  type AttributeProtoSchema,
  type GraphProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from 'onnx-buf'
import { float32Data, tensor, type DType, type Tensor } from '../../../../main/base/index.ts'

export type FloatType = 'float32' | 'float64'

export type AttributeValue = number | { readonly float: number } | string | readonly number[] | Tensor | GraphOfNodes

export type ModelNode = {
  /** "the Gemm" by default. */
  readonly name?: string
  /** `domain::type` */
  readonly operator: string
  /** Names; '' leaves one out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, AttributeValue>>
}

/** A graph without inputs, as a branch of an `If` is one. */
export type GraphOfNodes = {
  readonly nodes: readonly ModelNode[]
  readonly tensors?: Readonly<Record<string, Tensor>>
  readonly outputs: readonly string[]
}

export type GraphModel = GraphOfNodes & {
  /** A dimension is a size, or a name where it is open. */
  readonly inputs: Readonly<Record<string, { readonly dtype: DType; readonly shape: readonly (number | string)[] }>>
  /** Of the standard operators. */
  readonly opset: number
}

const typeCodes: Readonly<Record<string, number>> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 }

function attributeInit(
  name: string,
  value: AttributeValue,
  dtype: FloatType,
): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) }
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float }
  if ('dtype' in value) return { name, type: AttributeType.TENSOR, t: tensorInit('', value) }
  if ('nodes' in value) return { name, type: AttributeType.GRAPH, g: graphInit(value, dtype) }
  return { name, type: AttributeType.INTS, ints: value.map(BigInt) }
}

function tensorInit(name: string, { dtype, shape, data }: Tensor): MessageInitShape<typeof TensorProtoSchema> {
  const rawData = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
  return { name, dataType: typeCodes[dtype]!, dims: shape.map(BigInt), rawData }
}

/** Float tensors that the model holds follow the precision of its inputs. */
function inPrecision(held: Tensor, dtype: FloatType): Tensor {
  if (held.dtype !== 'float32' || dtype === 'float32') return held
  return tensor(dtype, held.shape, Float64Array.from(float32Data(held)))
}

function nodeInit({ operator, name, inputs, outputs, attributes = {} }: ModelNode, dtype: FloatType) {
  const [domain, opType] = operator.includes('::') ? operator.split('::') : ['', operator]
  const init: MessageInitShape<typeof NodeProtoSchema> = {
    ...{ name: name ?? `the ${opType}`, opType: opType!, domain: domain!, input: [...inputs], output: [...outputs] },
    attribute: Object.entries(attributes).map(([key, value]) => attributeInit(key, value, dtype)),
  }
  return init
}

function graphInit({ nodes, tensors = {}, outputs }: GraphOfNodes, dtype: FloatType) {
  const init: MessageInitShape<typeof GraphProtoSchema> = {
    name: 'graph',
    node: nodes.map((node) => nodeInit(node, dtype)),
    initializer: Object.entries(tensors).map(([name, held]) => tensorInit(name, inPrecision(held, dtype))),
    output: outputs.map((name) => ({ name })),
  }
  return init
}

function inputInit(name: string, dtype: DType, shape: readonly (number | string)[]) {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }))
  const init: MessageInitShape<typeof ValueInfoProtoSchema> = {
    ...{ name, type: { value: { case: 'tensorType', value: { elemType: typeCodes[dtype]!, shape: { dim } } } } },
  }
  return init
}

/** @param dtype of the float tensors that it holds */
export function modelOfNodes(model: GraphModel, dtype: FloatType = 'float32'): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [
        { domain: '', version: BigInt(model.opset) },
        { domain: 'com.microsoft', version: 1n },
      ],
      graph: {
        ...graphInit(model, dtype),
        input: Object.entries(model.inputs).map(([name, { dtype: type, shape }]) => inputInit(name, type, shape)),
      },
    }),
  )
}

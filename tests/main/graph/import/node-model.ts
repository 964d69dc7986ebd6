/** ONNX models of one node, written as any exporter would write them. */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf'
import { AttributeProto_AttributeType as AttributeType, ModelProtoSchema, type AttributeProtoSchema } from 'onnx-buf'
import { float32Data, tensor, type Tensor } from '../../../../main/base/index.ts'
import type { Shape } from '../../../../main/graph/index.ts'

type AttributeValue = number | { readonly float: number } | string | readonly number[] | Tensor

/** An input that is fed (its shape), a tensor that the model holds, or one that is left out. */
export type NodeInput = Shape | Tensor | undefined

export type NodeModel = {
  /** `domain::type` */
  readonly operator: string
  readonly inputs: readonly NodeInput[]
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  /** Of the standard operators; 17 by default. */
  readonly opset?: number
  /** 1 by default. */
  readonly outputs?: number
}

const typeCodes: Readonly<Record<string, number>> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 }

export const isTensor = (input: NodeInput): input is Tensor => input !== undefined && 'dtype' in input

function attributeInit(name: string, value: AttributeValue): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) }
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float }
  if ('dtype' in value) return { name, type: AttributeType.TENSOR, t: tensorInit('', value) }
  return { name, type: AttributeType.INTS, ints: value.map(BigInt) }
}

function tensorInit(name: string, { dtype, shape, data }: Tensor) {
  const rawData = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
  return { name, dataType: typeCodes[dtype]!, dims: shape.map(BigInt), rawData }
}

/** Float tensors that the model holds follow the precision of its inputs. */
function inPrecision(held: Tensor, dtype: 'float32' | 'float64'): Tensor {
  if (held.dtype !== 'float32' || dtype === 'float32') return held
  return tensor(dtype, held.shape, Float64Array.from(float32Data(held)))
}

/** Inputs `x0`, `x1`, ... in `dtype`, outputs `y0`, `y1`, ... */
export function nodeModel(node: NodeModel, dtype: 'float32' | 'float64' = 'float32'): Uint8Array {
  const { operator, inputs, attributes = {}, opset = 17, outputs = 1 } = node
  const [domain, opType] = operator.includes('::') ? operator.split('::') : ['', operator]
  const named = inputs.map((input, i) => (input === undefined ? '' : `x${i}`))
  const info = (name: string, shape?: Shape) => ({
    name,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: shape === undefined ? 0 : typeCodes[dtype]!,
          ...(shape && {
            shape: { dim: shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } })) },
          }),
        },
      },
    },
  })
  const made = Array.from({ length: outputs }, (_, i) => `y${i}`)
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [
        { domain: '', version: BigInt(opset) },
        { domain: 'com.microsoft', version: 1n },
      ],
      graph: {
        name: 'one node',
        node: [
          {
            ...{ name: `the ${opType}`, opType: opType!, domain: domain!, input: named, output: made },
            attribute: Object.entries(attributes).map(([name, value]) => attributeInit(name, value)),
          },
        ],
        initializer: inputs.flatMap((input, i) =>
          isTensor(input) ? [tensorInit(`x${i}`, inPrecision(input, dtype))] : [],
        ),
        input: inputs.flatMap((input, i) => (input === undefined || isTensor(input) ? [] : [info(`x${i}`, input)])),
        output: made.map((name) => ({ name })),
      },
    }),
  )
}

/** A model of one node, with its integer inputs as weights where a case says so. */
import { create, toBinary } from '@bufbuild/protobuf'
import { AttributeProto_AttributeType as AttributeType, ModelProtoSchema, TensorProto_DataType as Type } from 'onnx-buf'
import type { DType, Tensor } from '../../../../main/base/index.ts'

export type OperatorCase = {
  readonly name: string
  readonly op: string
  /** Fed; undefined: left out. */
  readonly inputs: readonly (Tensor | undefined)[]
  /** Positions of inputs that are written into the model, as axes and shapes are. */
  readonly weights?: readonly number[]
  readonly attributes?: Readonly<Record<string, number | string | readonly number[] | { float: number }>>
  /** Element types of the outputs; default: one float32. */
  readonly outputs?: readonly DType[]
}

const codes = {
  float32: Type.FLOAT,
  float64: Type.DOUBLE,
  float16: Type.FLOAT16,
  int64: Type.INT64,
  int32: Type.INT32,
  uint8: Type.UINT8,
  bool: Type.BOOL,
} as const satisfies Record<DType, Type>

export const inputName = (index: number): string => `input.${index}`
export const outputName = (index: number): string => `output.${index}`

function attribute(name: string, value: number | string | readonly number[] | { float: number }) {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) }
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float }
  return { name, type: AttributeType.INTS, ints: value.map(BigInt) }
}

/** Shapes of outputs are left open, so that each engine finds them by itself. */
export function nodeModel(test: OperatorCase): Uint8Array {
  const isWeight = (index: number): boolean => test.weights?.includes(index) ?? false
  const used = test.inputs.flatMap((value, index) => (value === undefined ? [] : [{ value, index }]))
  const type = (dtype: DType, shape?: readonly number[]) => ({
    value: {
      case: 'tensorType' as const,
      value: {
        elemType: codes[dtype],
        ...(shape && {
          shape: { dim: shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } })) },
        }),
      },
    },
  })
  const outputs = test.outputs ?? ['float32']
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 9n,
      opsetImport: [{ domain: '', version: test.op === 'Gelu' ? 20n : 18n }],
      graph: {
        name: test.name,
        node: [
          {
            name: 'only',
            opType: test.op,
            input: test.inputs.map((value, index) => (value === undefined ? '' : inputName(index))),
            output: outputs.map((_, index) => outputName(index)),
            attribute: Object.entries(test.attributes ?? {}).map(([name, value]) => attribute(name, value)),
          },
        ],
        initializer: used
          .filter(({ index }) => isWeight(index))
          .map(({ value, index }) => ({
            name: inputName(index),
            dataType: codes[value.dtype],
            dims: value.shape.map(BigInt),
            rawData: new Uint8Array(value.data.buffer as ArrayBuffer, value.data.byteOffset, value.data.byteLength),
          })),
        input: used
          .filter(({ index }) => !isWeight(index))
          .map(({ value, index }) => ({ name: inputName(index), type: type(value.dtype, value.shape) })),
        output: outputs.map((dtype, index) => ({ name: outputName(index), type: type(dtype) })),
      },
    }),
  )
}

/** Tiny ONNX models for the tests, written with the protobuf schema. */
import { create, toBinary } from '@bufbuild/protobuf'
import { AttributeProto_AttributeType, ModelProtoSchema, TensorProto_DataType } from 'onnx-buf'

export type ModelValue = { name: string; shape: readonly (number | string)[]; type?: keyof typeof TensorProto_DataType }
/** `name` is by default that of the first output; `integers` are attributes. */
export type ModelNode = {
  op: string
  name?: string
  inputs: string[]
  outputs: string[]
  integers?: Record<string, number>
}

/** ONNX bytes (opset 18) of a graph; values are float32 unless they say otherwise. */
export function modelOf(
  nodes: readonly ModelNode[],
  inputs: readonly ModelValue[],
  outputs: readonly ModelValue[],
): Uint8Array {
  const info = ({ name, shape, type = 'FLOAT' }: ModelValue) => ({
    name,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: TensorProto_DataType[type],
          shape: {
            dim: shape.map((size) => ({
              value:
                typeof size === 'number'
                  ? { case: 'dimValue' as const, value: BigInt(size) }
                  : { case: 'dimParam' as const, value: size },
            })),
          },
        },
      },
    },
  })
  const model = create(ModelProtoSchema, {
    irVersion: 9n,
    opsetImport: [{ domain: '', version: 18n }],
    graph: {
      name: 'test',
      node: nodes.map(({ op, inputs: input, outputs: output, name = output[0]!, integers = {} }) => ({
        ...{ opType: op, name, input, output },
        attribute: Object.entries(integers).map(([attribute, value]) => ({
          name: attribute,
          type: AttributeProto_AttributeType.INT,
          i: BigInt(value),
        })),
      })),
      input: inputs.map(info),
      output: outputs.map(info),
    },
  })
  return toBinary(ModelProtoSchema, model)
}

/** One training-like step on state `p` and `m`: m' = m + x, p' = p - m'; returns `sum` = total of the old p. */
export function stepModel(size: number): Uint8Array {
  const vector = (name: string): ModelValue => ({ name, shape: [size] })
  return modelOf(
    [
      { op: 'Add', name: 'momentum', inputs: ['m', 'x'], outputs: ['m.next'] },
      { op: 'Sub', name: 'update', inputs: ['p', 'm.next'], outputs: ['p.next'] },
      { op: 'ReduceSum', name: 'total', inputs: ['p'], outputs: ['sum'] },
    ],
    [vector('p'), vector('m'), vector('x')],
    [vector('p.next'), vector('m.next'), { name: 'sum', shape: [1] }],
  )
}

/** `length` products of `x` with the square matrix `w`. */
export function matMulChain(size: number, length: number): Uint8Array {
  const square = (name: string): ModelValue => ({ name, shape: [size, size] })
  const nodes = Array.from({ length }, (_, i) => ({
    op: 'MatMul',
    name: `product.${i}`,
    inputs: [i === 0 ? 'x' : `y.${i - 1}`, 'w'],
    outputs: [i === length - 1 ? 'y' : `y.${i}`],
  }))
  return modelOf(nodes, [square('x'), square('w')], [square('y')])
}

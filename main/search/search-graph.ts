/** The ONNX graph of exact search: every query against every row, and the best k of each. Pure: returns model bytes. */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf'
import { AttributeProto_AttributeType as AttributeType, ModelProtoSchema, TensorProto_DataType as Type } from 'onnx-buf'
import type { ValueInfoProtoSchema } from 'onnx-buf'

type ValueInit = MessageInitShape<typeof ValueInfoProtoSchema>

function value(name: string, elemType: Type, shape: readonly (string | number)[]): ValueInit {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'string'
        ? { case: 'dimParam' as const, value: size }
        : { case: 'dimValue' as const, value: BigInt(size) },
  }))
  return { name, type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } } }
}

/**
 * matrix [N, D], queries [Q, D], k [1], stride [1] ->
 * scores [Q, K] and rows [Q, K], best first; sample [Q, ceil(N / stride)]: every stride-th score, in catalogue order.
 *
 * The product is written as one Gemm with a transposed operand, so that the stored matrix stays row-major and a row can
 * be replaced without touching the others.
 */
export function searchModel(dim: number): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 9n,
      producerName: 'mama-studio',
      opsetImport: [{ domain: '', version: 18n }],
      graph: {
        name: 'exact-search',
        initializer: [
          { name: 'zero', dataType: Type.INT64, dims: [1n], int64Data: [0n] },
          { name: 'end', dataType: Type.INT64, dims: [1n], int64Data: [2n ** 62n] },
          { name: 'item_axis', dataType: Type.INT64, dims: [1n], int64Data: [1n] },
        ],
        node: [
          {
            name: 'all_scores',
            opType: 'Gemm',
            input: ['queries', 'matrix'],
            output: ['all_scores'],
            attribute: [{ name: 'transB', type: AttributeType.INT, i: 1n }],
          },
          {
            name: 'best',
            opType: 'TopK',
            input: ['all_scores', 'k'],
            output: ['scores', 'rows'],
            attribute: [{ name: 'axis', type: AttributeType.INT, i: 1n }],
          },
          {
            name: 'sample',
            opType: 'Slice',
            input: ['all_scores', 'zero', 'end', 'item_axis', 'stride'],
            output: ['sample'],
          },
        ],
        input: [
          value('matrix', Type.FLOAT, ['items', dim]),
          value('queries', Type.FLOAT, ['queries', dim]),
          value('k', Type.INT64, [1]),
          value('stride', Type.INT64, [1]),
        ],
        output: [
          value('scores', Type.FLOAT, ['queries', 'k']),
          value('rows', Type.INT64, ['queries', 'k']),
          value('sample', Type.FLOAT, ['queries', 'sample']),
        ],
      },
    }),
  )
}

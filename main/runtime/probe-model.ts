/** A graph of one addition: the smallest thing that shows whether an execution provider works. */
import { create, toBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema, TensorProto_DataType } from 'onnx-buf'
import { floatTensor, type TensorMap } from '../base/index.ts'

export function probeModel(): Uint8Array {
  const pair = (name: string) => ({
    name,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: TensorProto_DataType.FLOAT,
          shape: { dim: [{ value: { case: 'dimValue' as const, value: 2n } }] },
        },
      },
    },
  })
  const model = create(ModelProtoSchema, {
    irVersion: 9n,
    opsetImport: [{ domain: '', version: 18n }],
    graph: {
      name: 'probe',
      node: [{ name: 'sum', opType: 'Add', input: ['a', 'a'], output: ['b'] }],
      input: [pair('a')],
      output: [pair('b')],
    },
  })
  return toBinary(ModelProtoSchema, model)
}

export function probeFeeds(): TensorMap {
  return { a: floatTensor([2], [1, 2]) }
}

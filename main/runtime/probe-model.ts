/** A graph of one addition: the smallest thing that shows whether an execution provider works. */
import { create, toBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema, TensorProto_DataType } from 'onnx-buf'
import { floatTensor } from '../base/index.ts'
import type { WorkerEngine } from './worker-session.ts'

/** Builds and runs it. @throws when the engine cannot */
export async function runProbe(engine: WorkerEngine): Promise<void> {
  const session = await engine.open(probeModel(), { label: 'probe' })
  try {
    await session.run({ a: floatTensor([2], [1, 2]) })
  } finally {
    await session.release()
  }
}

function probeModel(): Uint8Array {
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

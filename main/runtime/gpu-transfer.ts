/**
 * Moves tensors between main memory and the GPU of the WebGPU provider. The Node binding of ONNX Runtime 1.30 can leave an
 * output on the GPU and take it as an input, but it cannot download one (asking it to ends the process), so both ways go
 * through a graph of one Identity. Runs in the worker thread.
 */
import { create, toBinary } from '@bufbuild/protobuf'
import { InferenceSession, type Tensor as OrtTensor } from 'onnxruntime-node'
import { ModelProtoSchema, TensorProto_DataType } from 'onnx-buf'
import { defined } from '../base/index.ts'

export type GpuTransfer = {
  /** float32 of any shape; the result is to be disposed of. */
  upload(value: OrtTensor): Promise<OrtTensor>
  download(value: OrtTensor): Promise<OrtTensor>
}

export function createGpuTransfer(): GpuTransfer {
  const open = (location: 'cpu' | 'gpu-buffer'): Promise<InferenceSession> =>
    InferenceSession.create(copyModel(), {
      executionProviders: ['webgpu'],
      preferredOutputLocation: location,
      // Otherwise the graph's input is handed on as its output, in the memory where it lies.
      graphOptimizationLevel: 'disabled',
    })
  let up: Promise<InferenceSession> | undefined
  let down: Promise<InferenceSession> | undefined
  const copy = async (session: InferenceSession, value: OrtTensor): Promise<OrtTensor> =>
    defined((await session.run({ from: value }))['to'], 'the copy')
  return {
    upload: async (value) => copy(await (up ??= open('gpu-buffer')), value),
    download: async (value) => copy(await (down ??= open('cpu')), value),
  }
}

function copyModel(): Uint8Array {
  // Without a shape: any number of axes of any size.
  const value = (name: string) => ({
    name,
    type: { value: { case: 'tensorType' as const, value: { elemType: TensorProto_DataType.FLOAT } } },
  })
  const model = create(ModelProtoSchema, {
    irVersion: 9n,
    opsetImport: [{ domain: '', version: 18n }],
    graph: {
      name: 'copy',
      node: [{ name: 'copy', opType: 'Identity', input: ['from'], output: ['to'] }],
      input: [value('from')],
      output: [value('to')],
    },
  })
  return toBinary(ModelProtoSchema, model)
}

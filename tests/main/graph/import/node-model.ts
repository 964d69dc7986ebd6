/** ONNX models of one node. */
import type { Tensor } from '../../../../main/base/index.ts'
import type { Shape } from '../../../../main/graph/index.ts'
import { modelOfNodes, type FloatType, type ModelNode } from './graph-model.ts'

/** An input that is fed (its shape), a tensor that the model holds, or one that is left out. */
export type NodeInput = Shape | Tensor | undefined

export type NodeModel = Pick<ModelNode, 'operator' | 'attributes'> & {
  readonly inputs: readonly NodeInput[]
  /** How many of the last inputs are read only by graphs inside of the node; none by default. */
  readonly captured?: number
  /** Of the standard operators; 17 by default. */
  readonly opset?: number
  /** 1 by default. */
  readonly outputs?: number
}

export const isTensor = (input: NodeInput): input is Tensor => input !== undefined && 'dtype' in input

/** Inputs `x0`, `x1`, ... in `dtype`, outputs `y0`, `y1`, ... */
export function nodeModel(node: NodeModel, dtype: FloatType = 'float32'): Uint8Array {
  const { operator, inputs, attributes = {}, captured = 0, opset = 17, outputs: count = 1 } = node
  const outputs = Array.from({ length: count }, (_, i) => `y${i}`)
  const taken = inputs.slice(0, inputs.length - captured).map((input, i) => (input === undefined ? '' : `x${i}`))
  const named = inputs.map((input, i) => [`x${i}`, input] as const)
  return modelOfNodes(
    {
      ...{ outputs, opset, nodes: [{ operator, attributes, outputs, inputs: taken }] },
      tensors: Object.fromEntries(named.flatMap(([name, input]) => (isTensor(input) ? [[name, input]] : []))),
      inputs: Object.fromEntries(
        named.flatMap(([name, input]) =>
          input === undefined || isTensor(input) ? [] : [[name, { dtype, shape: input }]],
        ),
      ),
    },
    dtype,
  )
}

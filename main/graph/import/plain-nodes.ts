/** Nodes that compute nothing: they hold a tensor, give one another name, or say how large a value is. */
import type { NodeProto } from 'onnx-buf'
import { sizeOf, type Tensor } from '../../base/index.ts'
import type { Graph } from '../graph.ts'
import { makeKnown } from './known-tensors.ts'
import type { Operand, OperandReader, Operation } from './operation.ts'

/** Constants of up to this many elements inside nodes are part of a formula, not weights. */
export const largestFormulaConstant = 64

/** A float tensor is a weight when it is too large to be a number of a formula; everything else is known. */
export function tensorOperand(name: string, tensor: Tensor, largestKnown: number): Operand {
  const isWeight = tensor.dtype.startsWith('float') && tensor.data.length > largestKnown
  return isWeight ? { kind: 'weight', weight: { name, tensor } } : { kind: 'known', tensor }
}

/** A tensor that a branch of an `If` holds: weights are constants, because they are not written back. */
export function branchTensorOperand(tensor: Tensor, graph: Graph): Operand {
  const { kind } = tensorOperand('', tensor, largestFormulaConstant)
  return kind === 'weight' ? { kind: 'value', value: graph.constant(tensor) } : { kind: 'known', tensor }
}

export function constantOperand(node: NodeProto, operation: Operation, isInBranch: boolean): Operand {
  const tensor = operation.tensor('value')
  if (tensor !== undefined) {
    return isInBranch
      ? branchTensorOperand(tensor, operation.graph)
      : tensorOperand(node.output[0]!, tensor, largestFormulaConstant)
  }
  const [attribute] = node.attribute
  const scalar = (dtype: 'float32' | 'int64', value: number): Operand => ({
    kind: 'known',
    tensor: makeKnown(dtype, [], [value]),
  })
  switch (attribute?.name) {
    case 'value_float':
      return scalar('float32', attribute.f)
    case 'value_int':
      return scalar('int64', Number(attribute.i))
    case 'value_floats':
      return { kind: 'known', tensor: makeKnown('float32', [attribute.floats.length], attribute.floats) }
    case 'value_ints':
      return { kind: 'known', tensor: makeKnown('int64', [attribute.ints.length], attribute.ints.map(Number)) }
    default:
      return operation.refuse(`it is a constant of the kind ${attribute?.name ?? 'none'}`)
  }
}

/**
 * [Note: Weights behind other names] Exporters write equal tensors once and give the others as an `Identity` of the first,
 * and half-precision weights as a `Cast` to single precision. What operators read is the result, so that is the weight,
 * under its own name: two gains that are both 1 when training starts are two weights. In a branch of an `If`, or behind one,
 * it stays the weight that it was, since only what the model's own graph names can be written back.
 */
export function aliasOf(
  node: NodeProto,
  operation: Operation,
  reader: OperandReader,
  isInBranch: boolean,
): Operand | undefined {
  const isAlias =
    operation.operator === 'Identity' || (operation.operator === 'Cast' && [1, 10, 16].includes(operation.int('to', 0))) // float32, float16, bfloat16
  if (!isAlias) return undefined
  const source = reader.operand(node.input[0]!)
  if (source.kind !== 'weight' || source.weight.tensor.dtype !== 'float32') return undefined
  if (isInBranch || source.weight.name !== node.input[0]) return source
  return { kind: 'weight', weight: { name: node.output[0]!, tensor: source.weight.tensor } }
}

/** What `Shape` and `Size` give. */
export function shapeOf(operation: Operation, reader: OperandReader, node: NodeProto): Tensor {
  const source = reader.operand(node.input[0]!)
  const shape =
    source.kind === 'value'
      ? source.value.shape
      : source.kind === 'weight'
        ? source.weight.tensor.shape
        : source.tensor.shape
  if (operation.operator === 'Size') return makeKnown('int64', [], [sizeOf(shape)])
  const end = operation.has('end') ? operation.int('end', 0) : undefined
  const part = shape.slice(operation.int('start', 0), end)
  return makeKnown('int64', [part.length], part)
}

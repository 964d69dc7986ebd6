/** One node of a foreign model while it is imported: its operands and attributes, read with their defaults and checked. */
import type { AttributeProto, NodeProto } from 'onnx-buf'
import type { DType, Tensor } from '../../base/index.ts'
import { onnxTypeCodes } from '../elementwise.ts'
import type { Graph } from '../graph.ts'
import { ModelProblem } from '../inspect-model.ts'
import { matMul } from '../linalg.ts'
import { swapLastAxes } from '../movement.ts'
import type { Shape, Value } from '../value.ts'
import { numbersOf } from './known-tensors.ts'

/**
 * What a name of the model stands for.
 *
 * - `known`: a tensor that is known while importing, because nothing that is fed decides it: shapes, index lists, masks.
 * - `weight`: a tensor of the model that may be trained; it becomes a value when an operator first uses it.
 * - `value`: computed from what is fed.
 */
export type Operand =
  | { readonly kind: 'known'; readonly tensor: Tensor }
  | { readonly kind: 'weight'; readonly weight: ModelWeight }
  | { readonly kind: 'value'; readonly value: Value }

/** A float tensor of a model under the name of the value that operators read. */
export type ModelWeight = { readonly name: string; readonly tensor: Tensor }

/**
 * Says what stands for a weight in the graph; undefined leaves it the constant that it is.
 * Called once for each weight that an operator uses.
 */
export type WeightChoice = (weight: ModelWeight, graph: Graph) => Value | undefined

/**
 * Says how a matrix product with a weight on its right is computed, x [..., K] -> [..., N]; undefined leaves it plain.
 * `isTransposed`: the weight is stored as [N, K].
 */
export type ProductChoice = (x: Value, weight: ModelWeight, isTransposed: boolean) => Value | undefined

export type Operation = {
  readonly graph: Graph
  /** `domain::type`, without the standard domain: `Gemm`, `com.microsoft::FastGelu`. */
  readonly operator: string
  /** Version of the operator set that the node belongs to. */
  readonly opset: number
  readonly inputCount: number
  readonly outputCount: number
  /** Whether anything reads output `i`. */
  isWanted(i: number): boolean
  /** Output `i` where it is there already, because the import begins with it: see [Note: Cuts inside of fused operators]. */
  given(i: number): Value | undefined
  /** Input `i` as a value. */
  value(i: number): Value
  optional(i: number): Value | undefined
  /** Input `i`, a weight that is never trained (statistics of a normalisation). */
  frozen(i: number): Value
  /** Input `i` when it is known while importing. */
  known(i: number): Tensor | undefined
  /** The numbers of input `i`; refused when it is there and depends on what is fed. A weight that is so read is never trained. */
  numbers(i: number): number[] | undefined
  /** x times input `i`, as the caller of the import wants products with weights to be computed. */
  product(x: Value, i: number, isTransposed: boolean): Value
  has(attribute: string): boolean
  /** Attributes with their defaults. */
  int(name: string, missing: number): number
  float(name: string, missing: number): number
  text(name: string, missing: string): string
  ints(name: string): number[] | undefined
  tensor(name: string): Tensor | undefined
  /** Stops the import; `clause` says what about the node cannot be read. */
  refuse(clause: string): never
}

/** What an import gives its operations to read with. */
export type OperandReader = {
  readonly graph: Graph
  operand(name: string): Operand
  /** Whether the output of that name is needed. */
  isWanted(name: string): boolean
  /** The output of that name where it is there already. */
  given(name: string): Operand | undefined
  valueOf(operand: Operand): Value
  readonly product: ProductChoice | undefined
  attributeTensor(attribute: AttributeProto): Tensor
}

export function operatorName({ domain, opType }: NodeProto): string {
  return domain === '' || domain === 'ai.onnx' ? opType : `${domain}::${opType}`
}

/** "the node "/layer/MatMul" (com.microsoft::MatMulNBits, opset 1)": how refusals name a node. */
export function describeNode(node: NodeProto, opset: number): string {
  const name = node.name || node.output[0] || 'without a name'
  return `the node "${name.slice(0, 120)}" (${operatorName(node)}, opset ${opset})`
}

export function operationOf(node: NodeProto, opset: number, reader: OperandReader): Operation {
  const attributes = new Map(node.attribute.map((attribute) => [attribute.name, attribute]))
  const refuse = (clause: string): never => {
    throw new ModelProblem(`${describeNode(node, opset)} cannot be imported: ${clause}`)
  }
  const operand = (i: number): Operand | undefined => {
    const name = node.input[i]
    return name === undefined || name === '' ? undefined : reader.operand(name)
  }
  const needed = (i: number): Operand => operand(i) ?? refuse(`its input ${i} is missing`)
  const known = (i: number): Tensor | undefined => {
    const found = operand(i)
    return found?.kind === 'known' ? found.tensor : undefined
  }
  return {
    ...{ graph: reader.graph, operator: operatorName(node), opset, refuse, known },
    inputCount: node.input.length,
    outputCount: node.output.length,
    isWanted: (i) => reader.isWanted(node.output[i] ?? ''),
    given(i) {
      const found = reader.given(node.output[i] ?? '')
      return found && reader.valueOf(found)
    },
    value: (i) => reader.valueOf(needed(i)),
    optional(i) {
      const found = operand(i)
      return found && reader.valueOf(found)
    },
    frozen(i) {
      const found = needed(i)
      return found.kind === 'weight' ? reader.graph.constant(found.weight.tensor) : reader.valueOf(found)
    },
    numbers(i) {
      const found = operand(i)
      if (found === undefined) return undefined
      if (found.kind === 'value') {
        return refuse(`its input ${i} depends on what is fed, and shapes must be known beforehand`)
      }
      return numbersOf(found.kind === 'weight' ? found.weight.tensor : found.tensor)
    },
    product(x, i, isTransposed) {
      const found = needed(i)
      if (found.kind === 'weight' && found.weight.tensor.shape.length === 2) {
        const chosen = reader.product?.(x, found.weight, isTransposed)
        if (chosen !== undefined) return chosen
      }
      const right = reader.valueOf(found)
      return matMul(x, isTransposed ? swapLastAxes(right) : right)
    },
    has: (name) => attributes.has(name),
    int: (name, missing) => Number(attributes.get(name)?.i ?? missing),
    float: (name, missing) => attributes.get(name)?.f ?? missing,
    text(name, missing) {
      const bytes = attributes.get(name)?.s
      return bytes === undefined ? missing : new TextDecoder().decode(bytes)
    },
    ints: (name) => attributes.get(name)?.ints.map(Number),
    tensor(name) {
      const attribute = attributes.get(name)
      return attribute?.t === undefined ? undefined : reader.attributeTensor(attribute)
    },
  }
}

/** Our element type for an ONNX type code; half precision is widened. */
export function importedType(code: number, operation: Operation): DType {
  const halfPrecision = code === onnxTypeCodes.float16 || code === 16 // 16 is bfloat16
  const found = Object.entries(onnxTypeCodes).find(([, known]) => known === code)
  if (halfPrecision) return 'float32'
  return found === undefined ? operation.refuse(`it asks for the element type ${code}`) : (found[0] as DType)
}

/** Axes of a reduction or of (Un)squeeze: an attribute in older operator sets, an input in newer ones. */
export function axesOf(operation: Operation, input = 1): number[] | undefined {
  return operation.ints('axes') ?? operation.numbers(input)
}

/** The target of a Reshape: 0 keeps a size, -1 is what remains. */
export function reshapeTarget(shape: Shape, wanted: readonly number[], operation: Operation): number[] {
  const keepsZero = operation.int('allowzero', 0) === 1
  const sizes = wanted.map((size, axis) => (size === 0 && !keepsZero ? shape[axis]! : size))
  const rest = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1)
  const total = shape.reduce((product, size) => product * size, 1)
  return sizes.map((size) => (size === -1 ? total / rest : size))
}

/** Builds what the node computes; several values where the node has several outputs, undefined for one that is not wanted. */
export type OperatorImport = (operation: Operation) => Value | readonly (Value | undefined)[]

export type OperatorImports = Readonly<Record<string, OperatorImport>>

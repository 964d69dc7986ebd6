/**
 * Imports a part of a foreign model into a graph under construction: as ordinary values, for fixed shapes, which can be
 * differentiated like any others. decision 013 says how and why.
 */
import type { NodeProto } from 'onnx-buf'
import { sizeOf, type Tensor } from '../../base/index.ts'
import type { Graph } from '../graph.ts'
import { ModelProblem, subgraphsOf } from '../inspect-model.ts'
import type { Value } from '../value.ts'
import { foldNode } from './fold.ts'
import type { ImportableModel } from './importable-model.ts'
import { makeKnown } from './known-tensors.ts'
import {
  describeNode,
  operationOf,
  operatorName,
  type ModelWeight,
  type Operand,
  type OperandReader,
  type Operation,
  type ProductChoice,
  type WeightChoice,
} from './operation.ts'
import { operatorImports } from './operators/index.ts'

export type ImportOptions = {
  /** Values where the import begins: the model's inputs, or values inside of it. Their shapes are what it is made for. */
  readonly inputs: Readonly<Record<string, Value>>
  /** Names of the values that are wanted: outputs of the model, or values inside of it. */
  readonly outputs: readonly string[]
  /** Default: weights are constants. */
  readonly weight?: WeightChoice
  readonly product?: ProductChoice
  /** Names whose tensors are known from an import of the whole model for the same shapes. */
  readonly known?: ReadonlyMap<string, Tensor>
}

export type ImportedPart = {
  readonly outputs: Readonly<Record<string, Value>>
  /** Values by the names that the model gives them. */
  readonly values: ReadonlyMap<string, Value>
  /** What was folded to a constant. */
  readonly known: ReadonlyMap<string, Tensor>
  /** Weights that operators used, in the order of their first use, and what stands for them. */
  readonly weights: readonly (ModelWeight & { readonly value: Value })[]
}

/** Constants of up to this many elements inside nodes are part of a formula, not weights. */
const largestFormulaConstant = 64

/** Operators of quantised exports, for which there is no gradient. */
const quantised = /Quantize|Integer$|QLinear|NBits|Bnb4/

/**
 * @throws ModelProblem for an operator that is not known (naming node, operator and opset), for one that is used in a way
 *   that cannot be imported, and for a shape that depends on what is fed
 */
export function importPart(graph: Graph, model: ImportableModel, options: ImportOptions): ImportedPart {
  const operands = new Map<string, Operand>()
  for (const [name, value] of Object.entries(options.inputs)) operands.set(name, { kind: 'value', value })
  for (const [name, tensor] of options.known ?? []) {
    if (!operands.has(name)) operands.set(name, { kind: 'known', tensor })
  }
  const used = new Map<string, { readonly weight: ModelWeight; readonly value: Value }>()
  const weightValue = (weight: ModelWeight): Value => {
    const existing = used.get(weight.name)
    if (existing !== undefined) return existing.value
    const value = options.weight?.(weight, graph) ?? graph.constant(weight.tensor)
    used.set(weight.name, { weight, value })
    return value
  }
  const valueOf = (operand: Operand): Value =>
    operand.kind === 'value'
      ? operand.value
      : operand.kind === 'weight'
        ? weightValue(operand.weight)
        : graph.constant(operand.tensor)
  const operand = (name: string): Operand => {
    const existing = operands.get(name)
    if (existing !== undefined) return existing
    const tensor = model.tensor(name)
    if (tensor === undefined) throw new ModelProblem(`it needs a value for "${name}", which it is not given`)
    const made = tensorOperand(name, tensor, 1)
    operands.set(name, made)
    return made
  }
  const reader: OperandReader = {
    ...{ graph, operand, valueOf, product: options.product },
    attributeTensor: (attribute) => model.attributeTensor(attribute),
  }
  for (const node of neededNodes(model, options.outputs, (name) => operands.has(name))) {
    importNode(node, model, reader).forEach((result, i) => {
      const name = node.output[i]
      if (name !== undefined && name !== '' && !operands.has(name)) operands.set(name, result)
    })
  }
  return {
    outputs: Object.fromEntries(options.outputs.map((name) => [name, valueOf(operand(name))])),
    values: new Map([...operands].flatMap(([name, x]) => (x.kind === 'value' ? [[name, x.value] as const] : []))),
    known: new Map([...operands].flatMap(([name, x]) => (x.kind === 'known' ? [[name, x.tensor] as const] : []))),
    weights: [...used.values()].map(({ weight, value }) => ({ ...weight, value })),
  }
}

/** Nodes that `outputs` need, in the order of the file, which is a topological one. `isGiven` ends the search. */
export function neededNodes(
  model: ImportableModel,
  outputs: readonly string[],
  isGiven: (name: string) => boolean,
): NodeProto[] {
  const needed = new Set<NodeProto>()
  const waiting = [...outputs]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = isGiven(name) ? undefined : model.makers.get(name)
    if (node === undefined || needed.has(node)) continue
    needed.add(node)
    waiting.push(...node.input)
  }
  return model.graph.node.filter((node) => needed.has(node))
}

/** A float tensor is a weight when it is too large to be a number of a formula; everything else is known. */
function tensorOperand(name: string, tensor: Tensor, largestKnown: number): Operand {
  const isWeight = tensor.dtype.startsWith('float') && tensor.data.length > largestKnown
  return isWeight ? { kind: 'weight', weight: { name, tensor } } : { kind: 'known', tensor }
}

function importNode(node: NodeProto, model: ImportableModel, reader: OperandReader): readonly Operand[] {
  const domain = node.domain === 'ai.onnx' ? '' : node.domain
  const version = model.proto.opsetImport.find((set) => set.domain === domain)?.version
  const opset = domain === '' ? model.opset : Number(version ?? 1n)
  const operation = operationOf(node, opset, reader)
  const { operator } = operation
  try {
    if (operator === 'Constant') return [constantOperand(node, operation)]
    const alias = aliasOf(node, operation, reader)
    if (alias !== undefined) return [alias]
    if (operator === 'Shape' || operator === 'Size')
      return [{ kind: 'known', tensor: shapeOf(operation, reader, node) }]
    const inputs = node.input.map((name) => (name === '' ? undefined : reader.operand(name)))
    if (inputs.every((input) => input === undefined || input.kind === 'known')) {
      const folded = foldNode(
        operation,
        inputs.map((input) => (input?.kind === 'known' ? input.tensor : undefined)),
      )
      if (folded !== undefined) return folded.map((tensor) => ({ kind: 'known', tensor }))
    }
    const build = operatorImports[operator]
    if (build === undefined) throw unknownOperator(node, operator, opset)
    const built = build(operation)
    return ('node' in built ? [built] : built).map((value) => ({ kind: 'value', value }))
  } catch (error) {
    if (error instanceof ModelProblem) throw error
    const message = error instanceof Error ? error.message.replace(/^internal: /, '') : String(error)
    throw new ModelProblem(`${describeNode(node, opset)} cannot be imported: ${message}`, { cause: error })
  }
}

function unknownOperator(node: NodeProto, operator: string, opset: number): ModelProblem {
  const named = describeNode(node, opset)
  if (quantised.test(operator)) {
    return new ModelProblem(`${named} computes with quantised weights, which cannot be trained; take the fp32 export`)
  }
  if (node.attribute.some((attribute) => subgraphsOf(attribute).length > 0)) {
    return new ModelProblem(`${named} contains graphs of its own, which cannot be imported for training`)
  }
  return new ModelProblem(`${named} is of an operator that cannot be imported for training`)
}

function constantOperand(node: NodeProto, operation: Operation): Operand {
  const tensor = operation.tensor('value')
  if (tensor !== undefined) return tensorOperand(node.output[0]!, tensor, largestFormulaConstant)
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
 * under its own name: two gains that are both 1 when training starts are two weights.
 */
function aliasOf(node: NodeProto, operation: Operation, reader: OperandReader): Operand | undefined {
  const isAlias =
    operation.operator === 'Identity' || (operation.operator === 'Cast' && [1, 10, 16].includes(operation.int('to', 0))) // float32, float16, bfloat16
  if (!isAlias) return undefined
  const source = reader.operand(node.input[0]!)
  if (source.kind !== 'weight' || source.weight.tensor.dtype !== 'float32') return undefined
  return { kind: 'weight', weight: { name: node.output[0]!, tensor: source.weight.tensor } }
}

function shapeOf(operation: Operation, reader: OperandReader, node: NodeProto): Tensor {
  const source = reader.operand(node.input[0]!)
  const shape =
    source.kind === 'value'
      ? source.value.shape
      : source.kind === 'weight'
        ? source.weight.tensor.shape
        : source.tensor.shape
  if (operatorName(node) === 'Size') return makeKnown('int64', [], [sizeOf(shape)])
  const end = operation.has('end') ? operation.int('end', 0) : undefined
  const part = shape.slice(operation.int('start', 0), end)
  return makeKnown('int64', [part.length], part)
}

/** Operators that can be imported, sorted: those that become values, and those that only ever come to known tensors. */
export function importableOperators(): string[] {
  return [...new Set([...Object.keys(operatorImports), ...foldedOnly])].sort()
}

const foldedOnly = ['Constant', 'ConstantOfShape', 'Ceil', 'Floor', 'Mod', 'Range', 'ReduceProd', 'Shape', 'Size']

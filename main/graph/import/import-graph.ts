/**
 * Imports a part of a foreign model into a graph under construction: as ordinary values, for fixed shapes, which can be
 * differentiated like any others. decision 013 says how and why.
 */
import type { NodeProto } from 'onnx-buf'
import type { Tensor } from '../../base/index.ts'
import type { Graph } from '../graph.ts'
import { ModelProblem, subgraphsOf } from '../inspect-model.ts'
import type { Value } from '../value.ts'
import { foldNode, isFolded } from './fold.ts'
import type { ImportableModel } from './importable-model.ts'
import { numbersOf } from './known-tensors.ts'
import { neededNodes } from './needed-nodes.ts'
import {
  describeNode,
  operationOf,
  type ModelWeight,
  type Operand,
  type OperandReader,
  type Operation,
  type ProductChoice,
  type WeightChoice,
} from './operation.ts'
import { operatorImports } from './operators/index.ts'
import { aliasOf, branchTensorOperand, constantOperand, shapeOf, tensorOperand } from './plain-nodes.ts'
import { branchScope, homeOf, isInBranch, rootScope, type Scope } from './scope.ts'

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
  /** Values by the names that the model's own graph gives them. */
  readonly values: ReadonlyMap<string, Value>
  /** What was folded to a constant, in branches of an `If` too: for the option of the same name. */
  readonly known: ReadonlyMap<string, Tensor>
  /** Weights that operators used, in the order of their first use, and what stands for them. */
  readonly weights: readonly (ModelWeight & { readonly value: Value })[]
  /** Names of the given inputs that operators read. */
  readonly inputsRead: ReadonlySet<string>
}

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
  const inputsRead = new Set<string>()
  const operandIn = (scope: Scope, name: string): Operand => {
    const home = homeOf(name, scope)
    const key = home.prefix + name
    if (Object.hasOwn(options.inputs, key)) inputsRead.add(key)
    if (!operands.has(key) && home.part.makers.has(name)) importNodes(home, [name])
    const existing = operands.get(key)
    if (existing !== undefined) return existing
    const tensor = home.part.tensor(name)
    if (tensor === undefined) throw new ModelProblem(`it needs a value for "${name}", which it is not given`)
    const made = home.outer === undefined ? tensorOperand(name, tensor, 1) : branchTensorOperand(tensor, graph)
    operands.set(key, made)
    return made
  }
  const importNodes = (scope: Scope, wanted: readonly string[]): void => {
    const { nodes, names } = neededNodes(scope.part, wanted, (name) => operands.has(scope.prefix + name))
    const reader: NodeReader = {
      ...{ graph, valueOf, scope, product: options.product },
      operand: (name) => operandIn(scope, name),
      attributeTensor: (attribute) => model.attributeTensor(attribute),
      isWanted: (name) => names.has(name),
      given: (name) => operands.get(scope.prefix + name),
      branchOperands: (inner) => inner.part.graph.output.map(({ name }) => operandIn(inner, name)),
    }
    for (const node of nodes) {
      importNode(node, model, reader).forEach((result, i) => {
        const name = node.output[i]
        const key = `${scope.prefix}${name}`
        if (result !== undefined && name !== undefined && name !== '' && !operands.has(key)) operands.set(key, result)
      })
    }
  }
  const root = rootScope(model)
  importNodes(root, options.outputs)
  return {
    outputs: Object.fromEntries(options.outputs.map((name) => [name, valueOf(operandIn(root, name))])),
    values: new Map(
      [...operands].flatMap(([name, x]) => (x.kind === 'value' && !isInBranch(name) ? [[name, x.value] as const] : [])),
    ),
    known: new Map([...operands].flatMap(([name, x]) => (x.kind === 'known' ? [[name, x.tensor] as const] : []))),
    weights: [...used.values()].map(({ weight, value }) => ({ ...weight, value })),
    inputsRead,
  }
}

/** What the nodes of one graph are read with. */
type NodeReader = OperandReader & {
  readonly scope: Scope
  /** Outputs of a graph that a node holds. */
  branchOperands(inner: Scope): Operand[]
}

/** What the outputs of a node are; undefined where one is not wanted. */
function importNode(node: NodeProto, model: ImportableModel, reader: NodeReader): readonly (Operand | undefined)[] {
  const domain = node.domain === 'ai.onnx' ? '' : node.domain
  const version = model.proto.opsetImport.find((set) => set.domain === domain)?.version
  const opset = domain === '' ? model.opset : Number(version ?? 1n)
  const operation = operationOf(node, opset, reader)
  const { operator } = operation
  const isBranch = reader.scope.outer !== undefined
  try {
    if (operator === 'Constant') return [constantOperand(node, operation, isBranch)]
    if (operator === 'If') return branchOf(node, operation, model, reader)
    const alias = aliasOf(node, operation, reader, isBranch)
    if (alias !== undefined) return [alias]
    if (operator === 'Shape' || operator === 'Size')
      return [{ kind: 'known', tensor: shapeOf(operation, reader, node) }]
    const folded = isFolded(operator) ? foldedOperands(node, operation, reader) : undefined
    if (folded !== undefined) return folded
    const build = operatorImports[operator]
    if (build === undefined) throw unknownOperator(node, operator, opset)
    const built = build(operation)
    return ('node' in built ? [built] : built).map((value) => value && { kind: 'value', value })
  } catch (error) {
    if (error instanceof ModelProblem) throw error
    const message = error instanceof Error ? error.message.replace(/^internal: /, '') : String(error)
    throw new ModelProblem(`${describeNode(node, opset)} cannot be imported: ${message}`, { cause: error })
  }
}

/** The results of a node of which everything is known. */
function foldedOperands(node: NodeProto, operation: Operation, reader: OperandReader): Operand[] | undefined {
  const inputs = node.input.map((name) => (name === '' ? undefined : reader.operand(name)))
  if (!inputs.every((input) => input === undefined || input.kind === 'known')) return undefined
  return foldNode(
    operation,
    inputs.map((input) => (input?.kind === 'known' ? input.tensor : undefined)),
  )?.map((tensor) => ({ kind: 'known', tensor }))
}

/** The outputs of the branch that an `If` takes, which is read as if its nodes stood in the place of the `If`. */
function branchOf(node: NodeProto, operation: Operation, model: ImportableModel, reader: NodeReader): Operand[] {
  const condition =
    operation.known(0) ??
    operation.refuse('its condition depends on what is fed, so which of its graphs counts is not known beforehand')
  const name = numbersOf(condition)[0] === 0 ? 'else_branch' : 'then_branch'
  const graph = node.attribute.find((attribute) => attribute.name === name)?.g
  return reader.branchOperands(
    branchScope(reader.scope, node, name, model.inner(graph ?? operation.refuse(`it has no ${name}`))),
  )
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

/** Operators that can be imported, sorted: those that become values, and those that only ever come to known tensors. */
export function importableOperators(): string[] {
  return [...new Set([...Object.keys(operatorImports), ...foldedOnly, 'If'])].sort()
}

const foldedOnly = ['Constant', 'ConstantOfShape', 'Ceil', 'Floor', 'Mod', 'Range', 'ReduceProd', 'Shape', 'Size']

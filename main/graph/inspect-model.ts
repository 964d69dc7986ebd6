/**
 * Looks at an ONNX model that came from outside, before anything runs it: what it takes and gives, which operators it
 * needs, where its weights lie, and whether every tensor has the bytes that its shape asks for. Pure.
 */
import type { AttributeProto, GraphProto, ModelProto, TensorProto, ValueInfoProto } from 'onnx-buf'
import { TensorProto_DataLocation as DataLocation } from 'onnx-buf'
import { onnxTypeCodes } from './elementwise.ts'
import { parseModel } from './model.ts'

/** `dtype` is one of ours where we have it, else `type <number>`. A dimension is a size, or a name ('' when unnamed). */
export type ModelValue = { readonly name: string; readonly dtype: string; readonly shape: readonly (number | string)[] }

/** Where one tensor lies in a file beside the model. */
export type ExternalTensor = {
  readonly tensor: string
  /** As the model writes it: not checked to stay inside any folder. */
  readonly location: string
  readonly offsetBytes: number
  readonly lengthBytes: number
}

export type ModelFacts = {
  /** Without initializers, which old models list among the inputs too. */
  readonly inputs: readonly ModelValue[]
  readonly outputs: readonly ModelValue[]
  /** `domain::operator`, with '' for the standard domain. */
  readonly operators: ReadonlySet<string>
  readonly externalTensors: readonly ExternalTensor[]
  readonly nodeCount: number
}

/** Why a model cannot be used; `message` is a clause that follows "because". */
export class ModelProblem extends Error {
  constructor(clause: string, options?: { cause?: unknown }) {
    super(clause, options)
    this.name = 'ModelProblem'
  }
}

/** @throws ModelProblem when the bytes are no ONNX model, or a tensor's bytes do not fit its shape */
export function inspectModel(bytes: Uint8Array): ModelFacts {
  return modelFacts(readModel(bytes))
}

/** @throws ModelProblem when the bytes are no ONNX model */
export function readModel(bytes: Uint8Array): ModelProto {
  let model: ModelProto
  try {
    model = parseModel(bytes)
  } catch (cause) {
    throw new ModelProblem('it is not an ONNX file, or only a part of one', { cause })
  }
  if (model.graph === undefined || model.graph.node.length === 0 || model.graph.output.length === 0) {
    throw new ModelProblem('it is not an ONNX file that computes anything')
  }
  return model
}

function modelFacts({ graph }: ModelProto): ModelFacts {
  const operators = new Set<string>()
  const externalTensors: ExternalTensor[] = []
  let nodeCount = 0
  const tensor = (proto: TensorProto): void => {
    const external = checkTensor(proto)
    if (external !== null) externalTensors.push(external)
  }
  const visit = (part: GraphProto): void => {
    part.initializer.forEach(tensor)
    for (const node of part.node) {
      nodeCount += 1
      operators.add(`${node.domain === 'ai.onnx' ? '' : node.domain}::${node.opType}`)
      for (const attribute of node.attribute) {
        if (attribute.t !== undefined) tensor(attribute.t)
        attribute.tensors.forEach(tensor)
        subgraphsOf(attribute).forEach(visit)
      }
    }
  }
  visit(graph!)
  const initializers = new Set(graph!.initializer.map(({ name }) => name))
  return {
    inputs: graph!.input.filter(({ name }) => !initializers.has(name)).map(valueOf),
    outputs: graph!.output.map(valueOf),
    operators,
    externalTensors,
    nodeCount,
  }
}

export function subgraphsOf(attribute: AttributeProto): GraphProto[] {
  return attribute.g === undefined ? attribute.graphs : [attribute.g, ...attribute.graphs]
}

const dtypeNames = new Map(Object.entries(onnxTypeCodes).map(([dtype, code]) => [code, dtype]))

function valueOf({ name, type }: ValueInfoProto): ModelValue {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined
  const code = tensor?.elemType ?? 0
  return {
    name,
    dtype: dtypeNames.get(code) ?? `type ${code}`,
    shape: (tensor?.shape?.dim ?? []).map(({ value }) =>
      value.case === 'dimValue' ? Number(value.value) : value.case === 'dimParam' ? value.value : '',
    ),
  }
}

/** Bits an element by the number that ONNX gives its type; strings (8) and what is newer have none. */
const elementBits: Readonly<Record<number, number>> = {
  ...{ 1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128 },
  ...{ 16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4 },
}
/** More than any tensor of a model that fits into a computer. */
const mostElements = 2 ** 36

/** @returns where the tensor lies, when that is another file */
function checkTensor(proto: TensorProto): ExternalTensor | null {
  const named = `its tensor "${proto.name.slice(0, 80)}"`
  const bits = elementBits[proto.dataType]
  if (bits === undefined) throw new ModelProblem(`${named} has the unknown element type ${proto.dataType}`)
  let elements = 1
  for (const size of proto.dims) {
    if (size < 0n) throw new ModelProblem(`${named} has a negative size`)
    elements *= Number(size)
  }
  if (elements > mostElements) throw new ModelProblem(`${named} claims ${elements} elements, more than any model has`)
  const wantedBytes = Math.ceil((elements * bits) / 8)
  if (proto.dataLocation === DataLocation.EXTERNAL) {
    const entry = (key: string): string | undefined => proto.externalData.find((pair) => pair.key === key)?.value
    const number = (key: string, missing: number): number => {
      const text = entry(key)
      if (text === undefined) return missing
      if (!/^\d{1,15}$/.test(text)) throw new ModelProblem(`${named} lies at a place that is no number (${key})`)
      return Number(text)
    }
    const lengthBytes = number('length', wantedBytes)
    if (lengthBytes !== wantedBytes) {
      throw new ModelProblem(`${named} needs ${wantedBytes} bytes but says that it has ${lengthBytes} in another file`)
    }
    return { tensor: proto.name, location: entry('location') ?? '', offsetBytes: number('offset', 0), lengthBytes }
  }
  const given =
    proto.rawData.length > 0 || elements === 0 ? proto.rawData.length : (typedElements(proto) / elements) * wantedBytes
  if (given !== wantedBytes) {
    throw new ModelProblem(
      `${named} needs ${wantedBytes} bytes for its shape [${proto.dims.join(', ')}] but has ${given}`,
    )
  }
  return null
}

/** Elements that are written as numbers instead of bytes. Four-bit numbers stand two in one. */
function typedElements(proto: TensorProto): number {
  const fourBits = proto.dataType === 21 || proto.dataType === 22
  const integers = fourBits ? proto.int32Data.length * 2 : proto.int32Data.length
  return integers + proto.floatData.length + proto.int64Data.length + proto.doubleData.length + proto.uint64Data.length
}

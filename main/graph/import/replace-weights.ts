/**
 * Writes trained weights back into the model they came from. Everything else stays as it was: operators, names, dynamic
 * axes, opset. So whatever could load the model before can load it now.
 */
import { create, toBinary } from '@bufbuild/protobuf'
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf'
import { encodeHalves, float32Data, sizeOf, type Tensor, type TensorMap } from '../../base/index.ts'
import { onnxTypeCodes } from '../elementwise.ts'
import { ModelProblem, readModel } from '../inspect-model.ts'
import { untied } from './untie-weights.ts'

/**
 * The model with new tensors for the weights of these names; with a `cut`, only where they are read above it. Weights that were an `Identity` or `Cast` of another one become
 * tensors of their own. Element types stay: a weight of half precision is rounded to it, one that was widened stays single.
 * @throws ModelProblem when a name is no weight of the model, or its shape differs
 */
export function replaceWeights(bytes: Uint8Array, weights: TensorMap, cut?: string): Uint8Array {
  const model = readModel(bytes)
  const { graph, renamed } =
    cut === undefined
      ? { graph: model.graph!, renamed: new Map<string, string>() }
      : untied(model.graph!, cut, Object.keys(weights))
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)))
  const originals = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]))
  const tensors = new Map(originals)
  const gone = new Set<NodeProto>()
  const added: TensorProto[] = []
  for (const [given, tensor] of Object.entries(weights)) {
    const name = renamed.get(given) ?? given
    const source = sourceOf(name, originals, makers)
    if (source === undefined || `${source.dims}` !== `${tensor.shape}`) {
      throw new ModelProblem(
        `its weight "${given}" is ${source === undefined ? 'not there' : `[${source.dims}]`}, not [${tensor.shape}]`,
      )
    }
    const maker = makers.get(name)
    if (maker !== undefined) gone.add(maker)
    tensors.delete(name)
    added.push(encoded(name, tensor, elementTypeOf(name, source, makers)))
  }
  // What renames or widens a replaced tensor is another weight (see [Note: Weights behind other names]): it keeps its numbers.
  const node = graph.node
    .filter((kept) => !gone.has(kept))
    .map((kept) => {
      const [from] = kept.input
      const original = originals.get(from ?? '')
      if (!isAlias(kept) || original === undefined || tensors.has(from!)) return kept
      const name = `${from}/before`
      tensors.set(name, create(TensorProtoSchema, { ...original, name }))
      return create(NodeProtoSchema, { ...kept, input: [name] })
    })
  const changed = create(GraphProtoSchema, { ...graph, node, initializer: [...tensors.values(), ...added] })
  const read = namesRead(changed)
  changed.initializer = changed.initializer.filter(({ name }) => read.has(name))
  changed.input = changed.input.filter(({ name }) => read.has(name) || !originals.has(name))
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { ...model, graph: changed }))
}

/** The tensor that a weight's numbers came from, through nodes that only rename or widen. */
function sourceOf(
  name: string,
  tensors: ReadonlyMap<string, TensorProto>,
  makers: ReadonlyMap<string, NodeProto>,
): TensorProto | undefined {
  const tensor = tensors.get(name)
  if (tensor !== undefined) return tensor
  const maker = makers.get(name)
  if (maker?.opType === 'Constant') return maker.attribute.find(({ t }) => t !== undefined)?.t
  return maker !== undefined && isAlias(maker) ? sourceOf(maker.input[0]!, tensors, makers) : undefined
}

function isAlias({ opType }: NodeProto): boolean {
  return opType === 'Identity' || opType === 'Cast'
}

function elementTypeOf(name: string, source: TensorProto, makers: ReadonlyMap<string, NodeProto>): number {
  const maker = makers.get(name)
  if (maker?.opType === 'Cast') return Number(maker.attribute.find((attribute) => attribute.name === 'to')?.i ?? 1n)
  return maker?.opType === 'Identity' ? elementTypeOf(maker.input[0]!, source, makers) : source.dataType
}

function encoded(name: string, tensor: Tensor, elementType: number): TensorProto {
  const data = float32Data(tensor)
  const rawData =
    elementType === onnxTypeCodes.float16
      ? encodeHalves(data)
      : new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
  if (elementType !== onnxTypeCodes.float16 && elementType !== onnxTypeCodes.float32) {
    throw new ModelProblem(
      `its weight "${name}" (${sizeOf(tensor.shape)} numbers) is neither single nor half precision`,
    )
  }
  return create(TensorProtoSchema, {
    ...{ name, dataType: elementType, dims: tensor.shape.map(BigInt) },
    rawData: new Uint8Array(rawData),
  })
}

function namesRead(graph: GraphProto): Set<string> {
  const inside = (part: GraphProto): string[] => [
    ...part.node.flatMap((node) => [
      ...node.input,
      ...node.attribute.flatMap(({ g, graphs }) => [...(g ? [g] : []), ...graphs].flatMap(inside)),
    ]),
    ...part.output.map(({ name }) => name),
  ]
  return new Set(inside(graph))
}

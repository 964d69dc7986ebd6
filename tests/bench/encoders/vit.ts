/** An encoder of the size of CLIP ViT-B/32 with random weights, and the same with eight-bit products as published int8 exports have them. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf'
import { createRandom, floatTensor } from '../../../main/base/index.ts'
import {
  add,
  gelu,
  Graph,
  layerNormalization,
  matMul,
  mul,
  reshape,
  slice,
  softmax,
  swapLastAxes,
  toModel,
  transpose,
  type Value,
} from '../../../main/graph/index.ts'

/** CLIP ViT-B/32: 7 x 7 patches of 32 pixels, twelve blocks. The class token is left out: one place in fifty. */
export const vit = { size: 224, patch: 32, width: 768, heads: 12, mlp: 3072, blocks: 12, dim: 512 }
const places = (vit.size / vit.patch) ** 2
/** Multiplications and additions a picture, in the matrix products alone. */
export const flopAPicture =
  2 * places * 3 * vit.patch ** 2 * vit.width +
  vit.blocks * 2 * (places * (4 * vit.width ** 2 + 2 * vit.width * vit.mlp) + 2 * places ** 2 * vit.width) +
  2 * vit.width * vit.dim

/** ONNX bytes: pixel_values [N, 3, 224, 224] -> image_embeds [N, 512]. */
export function buildVit(): Uint8Array {
  const batch = 7919
  const graph = new Graph()
  const random = createRandom(1)
  const weight = (...shape: number[]): Value => {
    const size = shape.reduce((product, n) => product * n, 1)
    const scale = shape.length > 1 ? 2 / Math.sqrt(shape[0]!) : 0.02
    return graph.constant(
      floatTensor(
        shape,
        Float32Array.from({ length: size }, () => (random.uniform() - 0.5) * scale),
      ),
    )
  }
  const one = graph.constant(floatTensor([vit.width], new Float32Array(vit.width).fill(1)))
  const norm = (x: Value): Value => layerNormalization(x, one, weight(vit.width)).output
  const linear = (x: Value, from: number, to: number): Value => add(matMul(x, weight(from, to)), weight(to))
  const side = vit.size / vit.patch
  const pixels = graph.input('pixel_values', 'float32', [batch, 3, vit.size, vit.size])
  const cut = transpose(reshape(pixels, [batch, 3, side, vit.patch, side, vit.patch]), [0, 2, 4, 1, 3, 5])
  let x = linear(reshape(cut, [batch, places, 3 * vit.patch ** 2]), 3 * vit.patch ** 2, vit.width)
  const split = (y: Value): Value =>
    transpose(reshape(y, [batch, places, vit.heads, vit.width / vit.heads]), [0, 2, 1, 3])
  for (let block = 0; block < vit.blocks; block++) {
    const y = norm(x)
    const [q, k, v] = [0, 1, 2].map(() => split(linear(y, vit.width, vit.width))) as [Value, Value, Value]
    const scores = softmax(mul(matMul(q, swapLastAxes(k)), (vit.width / vit.heads) ** -0.5))
    const mixed = reshape(transpose(matMul(scores, v), [0, 2, 1, 3]), [batch, places, vit.width])
    x = add(x, linear(mixed, vit.width, vit.width))
    x = add(x, linear(gelu(linear(norm(x), vit.width, vit.mlp)), vit.mlp, vit.width))
  }
  const pooled = reshape(slice(norm(x), 1, 0, 1), [batch, vit.width])
  return toModel(
    { image_embeds: matMul(pooled, weight(vit.width, vit.dim)) },
    { dynamicAxis: { size: batch, name: 'N' } },
  )
}

/** A product of two square matrices, the yardstick. */
export function buildProduct(size: number): Uint8Array {
  const graph = new Graph()
  return toModel({ c: matMul(graph.input('a', 'float32', [size, size]), graph.input('b', 'float32', [size, size])) })
}

/** Products with constant weights in eight bits, activations quantised as they come: what dynamic quantisation makes. */
export function quantised(model: Uint8Array): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, model)
  const graph = proto.graph!
  const weights = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]))
  const tensor = (name: string, dataType: DataType, dims: bigint[], rawData: Uint8Array<ArrayBuffer>): string => {
    graph.initializer.push(create(TensorProtoSchema, { name, dataType, dims, rawData }))
    return name
  }
  const replaced = new Set<string>()
  const quantise = (node: NodeProto, weight: TensorProto): NodeProto[] => {
    const [x, name] = node.input as [string, string]
    const values = new Float32Array(weight.rawData.slice().buffer)
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127
    replaced.add(name)
    const own = (part: string): string => `${node.output[0]}.${part}`
    const eight = Int8Array.from(values, (value) => Math.round(value / scale))
    const weightName = tensor(own('weight'), DataType.INT8, weight.dims, new Uint8Array(eight.buffer))
    const scaleName = tensor(own('scale'), DataType.FLOAT, [], new Uint8Array(Float32Array.of(scale).buffer))
    const make = (opType: string, input: string[], output: string[]): NodeProto =>
      create(NodeProtoSchema, { opType, name: output[0]!, input, output })
    const cast = make('Cast', [own('sum')], [own('float')])
    cast.attribute = [create(AttributeProtoSchema, { name: 'to', type: AttributeType.INT, i: BigInt(DataType.FLOAT) })]
    return [
      make('DynamicQuantizeLinear', [x], [own('x'), own('xScale'), own('xZero')]),
      make('MatMulInteger', [own('x'), weightName, own('xZero')], [own('sum')]),
      cast,
      make('Mul', [own('xScale'), scaleName], [own('bothScales')]),
      make('Mul', [own('float'), own('bothScales')], [node.output[0]!]),
    ]
  }
  graph.node = graph.node.flatMap((node) => {
    const weight = node.opType === 'MatMul' ? weights.get(node.input[1]!) : undefined
    return weight === undefined ? [node] : quantise(node, weight)
  })
  graph.initializer = graph.initializer.filter(({ name }) => !replaced.has(name))
  return toBinary(ModelProtoSchema, proto)
}

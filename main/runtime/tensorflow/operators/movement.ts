/** Operators that move elements without changing them. Named as ONNX names them. */
import { axisOf, listOf, numberOf, tensorOf, textOf, unsupported, type Call, type Operator } from '../operator.ts'
import type { TfTensor } from '../operator.ts'
import { toTf } from '../values.ts'

/** 0 keeps a size, -1 is what is left over. */
function reshape({ tf, node, input, integers }: Call): TfTensor {
  const keeps = numberOf(node, 'allowzero', 0) === 0
  const shape = integers(1)!.map((size, i) => (size === 0 && keeps ? input(0).shape[i]! : size))
  return tf.reshape(input(0), shape)
}

function expand({ tf, input, integers }: Call): TfTensor {
  return tf.broadcastTo(input(0), tf.backend_util.assertAndGetBroadcastShape(input(0).shape, integers(1)!))
}

function slice({ tf, input, integers }: Call): TfTensor {
  let x = input(0)
  const starts = integers(1)!
  const ends = integers(2)!
  const axes = integers(3) ?? [...starts.keys()]
  const steps = integers(4) ?? starts.map(() => 1)
  const begin = x.shape.map(() => 0)
  const end = [...x.shape]
  const stride = x.shape.map(() => 1)
  const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high)
  axes.forEach((given, i) => {
    const axis = axisOf(given, x.rank)
    const size = x.shape[axis]!
    const step = steps[i]!
    const [from, to] = [starts[i]!, ends[i]!].map((at) => (at < 0 ? at + size : at)) as [number, number]
    if (step > 0) [begin[axis], end[axis]] = [clamp(from, 0, size), clamp(to, 0, size)]
    else {
      // Backwards from `from` down to after `to`: forwards in the axis turned around.
      x = tf.reverse(x, axis)
      begin[axis] = size - 1 - clamp(from, -1, size - 1)
      end[axis] = size - 1 - clamp(to, -1, size - 1)
    }
    stride[axis] = Math.abs(step)
  })
  if (stride.some((step) => step !== 1)) return tf.stridedSlice(x, begin, end, stride)
  return tf.slice(
    x,
    begin,
    end.map((to, axis) => Math.max(0, to - begin[axis]!)),
  )
}

function pad({ tf, node, input, has, integers }: Call): TfTensor {
  const x = input(0)
  const pads = integers(1)!
  const axes = integers(3) ?? [...x.shape.keys()]
  const edges = x.shape.map((): [number, number] => [0, 0])
  axes.forEach((axis, i) => (edges[axisOf(axis, x.rank)] = [pads[i]!, pads[i + axes.length]!]))
  const mode = textOf(node, 'mode', 'constant')
  if (edges.flat().some((size) => size < 0)) throw unsupported(node, 'that cuts off')
  if (mode === 'reflect') return tf.mirrorPad(x, edges, 'reflect')
  if (mode !== 'constant') throw unsupported(node, `in the mode ${mode}`)
  return tf.pad(x, edges, has(2) ? input(2).dataSync()[0]! : 0)
}

function concat({ tf, node, input, inputCount }: Call): TfTensor {
  const parts = Array.from({ length: inputCount }, (_, i) => input(i))
  return tf.concat(parts, axisOf(numberOf(node, 'axis', 0), parts[0]!.rank))
}

/** ONNX counts negative indices from the end. */
function positive(tf: Call['tf'], indices: TfTensor, size: number): TfTensor {
  return tf.where(tf.less(indices, 0), tf.add(indices, tf.scalar(size, 'int32')), indices)
}

function gather({ tf, node, input }: Call): TfTensor {
  const axis = axisOf(numberOf(node, 'axis', 0), input(0).rank)
  return tf.gather(input(0), positive(tf, input(1), input(0).shape[axis]!), axis)
}

function scatterNd({ tf, node, input }: Call): TfTensor {
  const [data, indices, updates] = [input(0), input(1), input(2)]
  const how = textOf(node, 'reduction', 'none')
  if (how === 'none') return tf.tensorScatterUpdate(data, indices, updates)
  if (how !== 'add') throw unsupported(node, `with the reduction ${how}`)
  return tf.add(data, tf.scatterND(indices, updates, data.shape as never))
}

/** Positions in the flattened data of the elements that `indices` names along an axis, as a list. */
function flatPositions({ tf, node, input }: Call): TfTensor {
  const [data, indices] = [input(0), input(1)]
  const along = axisOf(numberOf(node, 'axis', 0), data.rank)
  const strideOf = (shape: readonly number[], axis: number): number =>
    shape.slice(axis + 1).reduce((product, size) => product * size, 1)
  const others = Int32Array.from({ length: indices.size }, (_, at) =>
    indices.shape.reduce((position, size, axis) => {
      const coordinate = Math.floor(at / strideOf(indices.shape, axis)) % size
      return axis === along ? position : position + coordinate * strideOf(data.shape, axis)
    }, 0),
  )
  const chosen = tf.reshape(positive(tf, indices, data.shape[along]!), [-1])
  return tf.add(tf.mul(chosen, tf.scalar(strideOf(data.shape, along), 'int32')), tf.tensor1d(others, 'int32'))
}

function gatherElements(call: Call): TfTensor {
  const { tf, input } = call
  return tf.reshape(tf.gather(tf.reshape(input(0), [-1]), flatPositions(call)), input(1).shape)
}

function scatterElements(call: Call): TfTensor {
  const { tf, node, input } = call
  const how = textOf(node, 'reduction', 'none')
  if (how !== 'add') throw unsupported(node, `with the reduction ${how}`)
  const data = input(0)
  const places = tf.expandDims(flatPositions(call), 1)
  const added = tf.scatterND(places, tf.reshape(input(2), [-1]), [data.size] as never)
  return tf.add(data, tf.reshape(added, data.shape))
}

function squeeze({ tf, node, input, integers }: Call): TfTensor {
  const axes = integers(1) ?? listOf(node, 'axes')
  return tf.squeeze(input(0), axes === undefined ? undefined : axes.map((axis) => axisOf(axis, input(0).rank)))
}

function unsqueeze({ tf, node, input, integers }: Call): TfTensor {
  const given = integers(1) ?? listOf(node, 'axes') ?? []
  const rank = input(0).rank + given.length
  const axes = new Set(given.map((axis) => axisOf(axis, rank)))
  const sizes = [...input(0).shape]
  return tf.reshape(
    input(0),
    Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : sizes.shift()!)),
  )
}

function flatten({ tf, node, input }: Call): TfTensor {
  const axis = axisOf(numberOf(node, 'axis', 1), input(0).rank)
  const rows = input(0)
    .shape.slice(0, axis)
    .reduce((product, size) => product * size, 1)
  return tf.reshape(input(0), [rows, input(0).size / rows])
}

function split({ tf, node, input, integers }: Call): TfTensor[] {
  const axis = axisOf(numberOf(node, 'axis', 0), input(0).rank)
  const size = input(0).shape[axis]!
  const count = node.outputs.length
  const part = Math.ceil(size / count)
  const even = Array.from({ length: count }, (_, i) => Math.min(part, size - i * part))
  return tf.split(input(0), [...(integers(1) ?? listOf(node, 'split') ?? even)], axis)
}

function shape({ tf, node, input }: Call): TfTensor {
  const end = node.attributes['end'] === undefined ? undefined : numberOf(node, 'end', 0)
  return tf.tensor1d(input(0).shape.slice(numberOf(node, 'start', 0), end), 'int32')
}

function constant({ tf, node }: Call): TfTensor {
  const value = tensorOf(node, 'value')
  if (value === undefined) throw unsupported(node, 'without a tensor')
  return toTf(tf, node.name, value)
}

function constantOfShape({ tf, node, integers }: Call): TfTensor {
  const value = tensorOf(node, 'value')
  if (value === undefined) return tf.zeros(integers(0)!)
  return tf.broadcastTo(tf.reshape(toTf(tf, node.name, value), []), integers(0)!)
}

function topK({ tf, node, input, integers }: Call): TfTensor[] {
  const x = input(0)
  if (axisOf(numberOf(node, 'axis', -1), x.rank) !== x.rank - 1)
    throw unsupported(node, 'of another axis than the last')
  if (numberOf(node, 'largest', 1) !== 1) throw unsupported(node, 'of the smallest')
  const { values, indices } = tf.topk(x, integers(1)![0], true)
  return [values, indices]
}

export const movement: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Transpose: ({ tf, node, input }) => {
    const order = listOf(node, 'perm')
    return tf.transpose(input(0), order === undefined ? undefined : [...order])
  },
  Expand: expand,
  Slice: slice,
  Pad: pad,
  Concat: concat,
  Gather: gather,
  GatherElements: gatherElements,
  ScatterND: scatterNd,
  ScatterElements: scatterElements,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Flatten: flatten,
  Split: split,
  Shape: shape,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  TopK: topK,
}

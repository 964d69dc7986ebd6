/** Imports of normalisations. Statistics that a model brings along are never trained. */
import { sizeOf } from '../../../base/index.ts'
import { add, cast, div, equal, mul, reciprocal, sqrt, square, sub } from '../../elementwise.ts'
import { expand, gatherRows, reshape, slice } from '../../movement.ts'
import { layerNormalization, reduceMean, reduceSum } from '../../reduction.ts'
import { normaliseAxis } from '../../shape.ts'
import type { Shape, Value } from '../../value.ts'
import type { Operation, OperatorImports } from '../operation.ts'

const perChannel = (value: Value, rank: number): Value =>
  reshape(value, [1, sizeOf(value.shape), ...Array<number>(rank - 2).fill(1)])

/** (x - mean) / sqrt(variance + epsilon) over `axes`; biased variance. */
function standardised(x: Value, axes: readonly number[], epsilon: number): Value {
  const centred = sub(x, reduceMean(x, axes, true))
  return div(centred, sqrt(add(reduceMean(square(centred), axes, true), epsilon)))
}

/** Over the axes from `axis` on, which become one. */
function normalisedFrom(x: Value, axis: number, gain: Value, bias: Value | undefined, epsilon: number): Value[] {
  const from = normaliseAxis(axis, x.shape.length)
  const width = sizeOf(x.shape.slice(from))
  const rows: Shape = [...x.shape.slice(0, from), width]
  const flat = (value: Value): Value => expand(reshape(value, [sizeOf(value.shape)]), [width])
  const shift = bias ?? x.graph.float(0, [1], x.dtype)
  const { output, mean, inverseDeviation } = layerNormalization(reshape(x, rows), flat(gain), flat(shift), epsilon)
  const statistics = [...x.shape.slice(0, from), ...x.shape.slice(from).map(() => 1)]
  return [reshape(output, x.shape), reshape(mean, statistics), reshape(inverseDeviation, statistics)]
}

/** x / sqrt(mean(x²) + epsilon) times a gain, over the last axis. */
function rootMeanSquare(x: Value, gain: Value, epsilon: number): Value {
  return mul(mul(x, reciprocal(sqrt(add(reduceMean(square(x), [-1], true), epsilon)))), gain)
}

/** Input plus skip plus bias: what the Skip... operators of the runtime normalise, and give as their fourth output. */
function skipped(operation: Operation, bias: number): Value {
  const given = operation.given(3)
  if (given !== undefined) return given
  const sum = add(operation.value(0), operation.value(1))
  const shift = operation.optional(bias)
  return shift === undefined ? sum : add(sum, shift)
}

function groupNormalization(operation: Operation): Value {
  const [x, gain, bias] = [operation.value(0), operation.value(1), operation.value(2)]
  const groups = operation.int('num_groups', 0)
  const [batch, channels, ...size] = x.shape as [number, number, ...number[]]
  if (groups === 0 || channels % groups !== 0) operation.refuse(`${groups} groups do not divide ${channels} channels`)
  const split = reshape(x, [batch, groups, (channels / groups) * sizeOf(size)])
  const normalised = reshape(standardised(split, [-1], operation.float('epsilon', 1e-5)), x.shape)
  // Opset 18 has a gain a group, opset 21 a gain a channel.
  const wide = (value: Value): Value =>
    perChannel(
      sizeOf(value.shape) === channels ? value : expand(reshape(value, [groups, 1]), [groups, channels / groups]),
      x.shape.length,
    )
  return add(mul(normalised, wide(gain)), wide(bias))
}

/** Words, positions and kinds of token (segments), looked up and added: [B, S] -> [B, S, D]. */
function embedded(operation: Operation): Value {
  const rows = (table: number, ids: number): Value =>
    gatherRows(operation.value(table), cast(operation.value(ids), 'int64'))
  const words = rows(2, 0)
  // Without position_ids, the places as they come.
  const positions = operation.optional(8) === undefined ? slice(operation.value(3), 0, 0, words.shape[1]!) : rows(3, 8)
  const placed = add(words, positions)
  return operation.optional(4) === undefined ? placed : add(placed, rows(4, 1))
}

/** How many tokens of each row count, int32 [B]: where the mask is 1. */
function tokenCounts(operation: Operation): Value {
  const mask = operation.optional(7) ?? operation.refuse('its mask_index is used, and it has no mask')
  return cast(reduceSum(cast(equal(cast(mask, 'float32'), 1), 'float32'), [1]), 'int32')
}

export const normalisationImports: OperatorImports = {
  LayerNormalization: (operation) =>
    normalisedFrom(
      operation.value(0),
      operation.int('axis', -1),
      operation.value(1),
      operation.optional(2),
      operation.float('epsilon', 1e-5),
    ),
  BatchNormalization(operation) {
    if (operation.int('training_mode', 0) === 1) operation.refuse('it is in training mode')
    const x = operation.value(0)
    const [mean, variance] = [operation.frozen(3), operation.frozen(4)]
    const slope = div(operation.value(1), sqrt(add(variance, operation.float('epsilon', 1e-5))))
    const offset = sub(operation.value(2), mul(mean, slope))
    return add(mul(x, perChannel(slope, x.shape.length)), perChannel(offset, x.shape.length))
  },
  InstanceNormalization(operation) {
    const x = operation.value(0)
    const spatial = [...x.shape.keys()].slice(2)
    const rank = x.shape.length
    const normalised = standardised(x, spatial, operation.float('epsilon', 1e-5))
    return add(mul(normalised, perChannel(operation.value(1), rank)), perChannel(operation.value(2), rank))
  },
  GroupNormalization: groupNormalization,
  // Written under the standard domain although the standard does not have it.
  SimplifiedLayerNormalization: (operation) =>
    rootMeanSquare(operation.value(0), operation.value(1), operation.float('epsilon', 1e-5)),
  'com.microsoft::EmbedLayerNormalization'(operation) {
    const isSummed = operation.isWanted(0) || operation.isWanted(2)
    const sum = isSummed ? (operation.given(2) ?? embedded(operation)) : undefined
    const epsilon = operation.float('epsilon', 1e-12)
    const [output] = sum ? normalisedFrom(sum, -1, operation.value(5), operation.optional(6), epsilon) : []
    return [output, operation.isWanted(1) ? tokenCounts(operation) : undefined, sum]
  },
  'com.microsoft::SkipLayerNormalization'(operation) {
    const sum = skipped(operation, 4)
    const [output, mean, inverse] = normalisedFrom(
      sum,
      -1,
      operation.value(2),
      operation.optional(3),
      operation.float('epsilon', 1e-12),
    )
    return [output!, mean!, inverse!, sum]
  },
  'com.microsoft::SkipSimplifiedLayerNormalization'(operation) {
    const sum = skipped(operation, 3)
    const unused = sum // outputs 1 and 2 are statistics that no model of this kind reads
    return [rootMeanSquare(sum, operation.value(2), operation.float('epsilon', 1e-12)), unused, unused, sum]
  },
}

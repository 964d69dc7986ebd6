/**
 * Imports of attention in one node, as the transformer optimiser of ONNX Runtime writes it. Shapes in comments: batch B,
 * queries S, keys T, heads N, channels of a head H.
 */
import { add, mul } from '../../elementwise.ts'
import { matMul } from '../../linalg.ts'
import { reshape, slice, transpose } from '../../movement.ts'
import { softmax } from '../../reduction.ts'
import { sameShape } from '../../shape.ts'
import type { Value } from '../../value.ts'
import { causalMask, paddingMask, type ScoreShape } from '../attention-mask.ts'
import type { Operation, OperatorImports } from '../operation.ts'

/** Rows that attend: [B, S, N H] of queries, [B, T, N H] of keys, and of values, whose heads may be wider. */
type Rows = { readonly query: Value; readonly key: Value; readonly value: Value }

/** [B, L, N H] -> [B, N, L, H] */
function inHeads(rows: Value, heads: number, operation: Operation): Value {
  const [batch, length, width] = rows.shape as [number, number, number]
  if (heads < 1 || width % heads !== 0) operation.refuse(`its ${heads} heads do not divide ${width} channels`)
  return transpose(reshape(rows, [batch, length, heads, width / heads]), [0, 2, 1, 3])
}

/** The channels [from, from + width) of the last axis. */
function channels(a: Value, from: number, width: number): Value {
  return slice(a, a.shape.length - 1, from, from + width)
}

/** Heads attend, [B, S, N H] of the values. @param added to the scores, broadcast to [B, N, S, T] */
function attend(operation: Operation, { query, key, value }: Rows, added: readonly (Value | undefined)[]): Value {
  const heads = operation.int('num_heads', 0)
  const [q, k, v] = [query, key, value].map((rows) =>
    rows.shape.length === 4 ? rows : inHeads(rows, heads, operation),
  ) as [Value, Value, Value]
  const scale = operation.float('scale', 0) || 1 / Math.sqrt(q.shape[3]!)
  const scores = matMul(mul(q, scale), transpose(k, [0, 1, 3, 2])) // [B, N, S, T]
  const masked = added.reduce<Value>((sum, mask) => (mask === undefined ? sum : add(sum, mask)), scores)
  const mixed = transpose(matMul(softmax(masked), v), [0, 2, 1, 3]) // [B, S, N, H]
  return reshape(mixed, [...mixed.shape.slice(0, 2), mixed.shape[2]! * mixed.shape[3]!])
}

/** What is added to scores: the mask at input `mask`, the order of time, and the addend at input `bias`. */
function addedToScores(operation: Operation, shape: ScoreShape, mask: number, bias: number): (Value | undefined)[] {
  const addend = operation.optional(bias)
  const [batch, , queries, keys] = shape
  if (addend !== undefined && !fits(addend, shape)) {
    operation.refuse(`its attention_bias is [${addend.shape}] for scores of [${shape}]`)
  }
  // A single query is the last one, and sees all keys.
  const isCausal = operation.int('unidirectional', 0) === 1 && queries > 1
  return [
    addend,
    paddingMask(operation, mask, { batch, queries, keys }),
    isCausal ? causalMask(operation.value(0), queries, keys) : undefined,
  ]
}

function fits(addend: Value, shape: ScoreShape): boolean {
  return (
    addend.shape.length === 4 && addend.shape.every((size, axis) => size === shape[axis] || (axis < 2 && size === 1))
  )
}

function refuseCache(operation: Operation, inputs: readonly number[], outputs: readonly number[]): void {
  if (inputs.some((i) => operation.optional(i) !== undefined)) {
    operation.refuse('it goes on from keys and values of earlier runs (past), which encoders do not have')
  }
  if (outputs.some((i) => operation.isWanted(i))) {
    operation.refuse('more than its first output is used: its keys and values, or its scores')
  }
}

function attention(operation: Operation): Value {
  refuseCache(operation, [4, 6], [1])
  if (operation.int('do_rotary', 0) === 1) operation.refuse('it turns queries and keys by their positions (do_rotary)')
  const x = operation.value(0)
  const [batch, length] = x.shape as [number, number]
  const packed = operation.product(x, 1, false)
  const bias = operation.optional(2)
  const rows = bias === undefined ? packed : add(packed, bias) // [B, S, 3 N H]
  const width = rows.shape[2]!
  const [query, key, value] = operation.ints('qkv_hidden_sizes') ?? [width / 3, width / 3, width / 3]
  if (query === undefined || value === undefined || query !== key || query + key + value !== width) {
    return operation.refuse(`its qkv_hidden_sizes are ${[query, key, value].join(', ')} of ${width} channels`)
  }
  return attend(
    operation,
    {
      query: channels(rows, 0, query),
      key: channels(rows, query, key),
      value: channels(rows, query + key, value),
    },
    addedToScores(operation, [batch, operation.int('num_heads', 0), length, length], 3, 5),
  )
}

/** Part `which` of tensors packed as [B, L, N, parts, H], as [B, L, N H]. */
function unpacked(packed: Value, which: number): Value {
  const [batch, length, heads, , size] = packed.shape as [number, number, number, number, number]
  return reshape(slice(packed, 3, which, which + 1), [batch, length, heads * size])
}

/** The operands before their biases; keys and values may be in heads already, [B, N, T, H]. */
function separateRows(operation: Operation): Rows {
  const [query, key, value] = [operation.value(0), operation.optional(1), operation.optional(2)]
  if (key === undefined) {
    if (query.shape.length !== 5 || query.shape[3] !== 3) {
      operation.refuse(`its keys are missing, and [${query.shape}] does not hold queries, keys and values together`)
    }
    return { query: unpacked(query, 0), key: unpacked(query, 1), value: unpacked(query, 2) }
  }
  if (value === undefined) {
    if (key.shape.length !== 5 || key.shape[3] !== 2) {
      operation.refuse(`its values are missing, and [${key.shape}] does not hold keys and values together`)
    }
    return { query, key: unpacked(key, 0), value: unpacked(key, 1) }
  }
  if (key.shape.length !== value.shape.length || ![3, 4].includes(key.shape.length)) {
    operation.refuse(`its keys are [${key.shape}] and its values [${value.shape}]`)
  }
  return { query, key, value }
}

function withBias(operation: Operation, rows: Rows): Rows {
  const bias = operation.optional(3)
  if (bias === undefined) return rows
  if (rows.key.shape.length !== 3) operation.refuse('it has a bias for keys that are in heads already')
  let from = 0
  const biased = (part: Value): Value => {
    const width = part.shape[2]!
    from += width
    return add(part, channels(bias, from - width, width))
  }
  const { query, key, value } = rows
  const sum = query.shape[2]! + key.shape[2]! + value.shape[2]!
  if (!sameShape(bias.shape, [sum])) operation.refuse(`its bias is [${bias.shape}] for ${sum} channels`)
  return { query: biased(query), key: biased(key), value: biased(value) }
}

function multiHeadAttention(operation: Operation): Value {
  refuseCache(operation, [6, 7, 8, 9], [1, 2, 3])
  const rows = withBias(operation, separateRows(operation))
  const [batch, queries] = rows.query.shape as [number, number]
  const keys = rows.key.shape[rows.key.shape.length - 2]!
  const added = addedToScores(operation, [batch, operation.int('num_heads', 0), queries, keys], 4, 5)
  return attend(operation, rows, added)
}

export const attentionImports: OperatorImports = {
  'com.microsoft::Attention': attention,
  'com.microsoft::MultiHeadAttention': multiHeadAttention,
}

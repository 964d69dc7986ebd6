/** Nodes of fused attention and of the embedding before it, for operator-cases.ts. */
import { float32Data, floatTensor, tensor, type Tensor } from '../../../../main/base/index.ts'
import { node, single, type ImportCase, type More } from './import-case.ts'
import type { NodeInput } from './node-model.ts'

const int32 = (shape: readonly number[], numbers: readonly number[]): Tensor =>
  tensor('int32', shape, Int32Array.from(numbers))

const heads = { num_heads: 2 }
/** Low enough to tell masks apart, high enough that hidden keys are still felt. */
const filter = { mask_filter_value: { float: -2 } }
const causal = { unidirectional: 1 }

/** x [2, 3, 4], weights [4, 12], bias [12] */
const attention = (
  mask: NodeInput,
  attributes: More['attributes'] = {},
  more: readonly NodeInput[] = [],
  rest: More = {},
): ImportCase =>
  node('com.microsoft::Attention', [[2, 3, 4], [4, 12], [12], mask, ...more], {
    ...{ attributes: { ...heads, ...attributes }, ...rest },
  })
const [padded, seen] = [int32([2, 3], [1, 1, 0, 0, 1, 1]), [1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 1]]
/** The same for three queries and keys of four, [2, 1, 4, 4]. */
const megatron = [1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]
const noBias = floatTensor([12], new Float32Array(12))

/** Part `which` of [B, L, N, parts, H] as [B, L, N H]. */
function unpacked(packed: Tensor, which: number): Tensor {
  const [batch, length, count, parts, size] = packed.shape as [number, number, number, number, number]
  const numbers = float32Data(packed).filter((_, i) => Math.floor(i / size) % parts === which)
  return floatTensor([batch, length, count * size], numbers)
}

const rows = [2, 3, 4]
const multiHead = (inputs: readonly NodeInput[], attributes: More['attributes'] = {}, rest: More = {}): ImportCase =>
  node('com.microsoft::MultiHeadAttention', inputs, { attributes: { ...heads, ...attributes }, ...rest })

const [ids, segments] = [int32([2, 3], [0, 1, 2, 4, 2, 0]), int32([2, 3], [0, 0, 1, 0, 1, 1])]
/** word [5, 4], position [4, 4], segment [2, 4], gain and bias [4] */
const embedding = (
  first: NodeInput,
  second: NodeInput,
  tables: readonly NodeInput[],
  after: readonly NodeInput[],
  rest: More = {},
): ImportCase =>
  node('com.microsoft::EmbedLayerNormalization', [first, second, ...tables, [4], [4], ...after], {
    ...{ ...single, outputs: 3, compared: [0, 2], attributes: { epsilon: { float: 1e-5 } }, ...rest },
  })
const tables: readonly NodeInput[] = [
  [5, 4],
  [4, 4],
  [2, 4],
]

export const attentionCases: readonly ImportCase[] = [
  attention(undefined),
  attention(undefined, { scale: { float: 0.3 } }),
  attention(padded),
  attention(padded, filter),
  attention(padded, { ...filter, ...causal }),
  attention(int32([2, 1], [0, 1])), // as good as none
  attention(int32([2], [2, 3]), filter),
  attention(int32([4], [3, 2, 1, 0]), filter),
  attention(int32([2, 3, 3], seen), filter),
  attention(undefined, causal),
  attention(undefined, {}, [undefined, [2, 2, 3, 3]]),
  attention(padded, { ...filter, ...causal }, [undefined, [1, 2, 3, 3]]),
  node('com.microsoft::Attention', [[2, 3, 4], [4, 16], [16]], {
    attributes: { ...heads, qkv_hidden_sizes: [4, 4, 8] },
  }),
  // The runtime has no kernel on the processor for masks of four axes, and none without a bias: compared with what they mean.
  attention(int32([2, 1, 4, 4], megatron), filter, [], {
    reference: { model: attention(int32([2, 3, 3], seen), filter) },
  }),
  node(
    'com.microsoft::Attention',
    [
      [2, 3, 4],
      [4, 12],
    ],
    {
      ...{ attributes: heads },
      reference: { model: node('com.microsoft::Attention', [[2, 3, 4], [4, 12], noBias], { attributes: heads }) },
    },
  ),

  multiHead([rows, rows, rows]),
  multiHead([rows, [2, 2, 4], [2, 2, 6]], { scale: { float: 0.3 } }),
  multiHead([rows, rows, rows, [12]]),
  multiHead([rows, [2, 2, 4], [2, 2, 6], [14]]),
  multiHead([rows, rows, rows, undefined, padded], filter),
  multiHead([rows, [2, 2, 4], [2, 2, 4], undefined, int32([2], [1, 2])], filter),
  multiHead([rows, rows, rows, undefined, int32([2, 3, 3], seen)], filter),
  multiHead([rows, rows, rows, undefined, undefined, [1, 2, 3, 3]]),
  multiHead([rows, rows, rows, [12], padded, [2, 1, 3, 3]], { ...filter, ...causal }),
  multiHead([rows, [2, 2, 4], [2, 2, 4]], causal),
  multiHead([[2, 1, 4], rows, rows], causal),
  multiHead([rows, [2, 2, 5, 2], [2, 2, 5, 2]]),
  // Nor has it one for what is packed.
  multiHead(
    [[2, 3, 2, 3, 2], undefined, undefined, [12]],
    {},
    {
      reference: {
        model: multiHead([rows, rows, rows, [12]]),
        feeds: ({ x0, x3 }) => ({ x0: unpacked(x0!, 0), x1: unpacked(x0!, 1), x2: unpacked(x0!, 2), x3: x3! }),
      },
    },
  ),
  multiHead([rows, [2, 3, 2, 2, 2], undefined, undefined, padded], filter, {
    reference: {
      model: multiHead([rows, rows, rows, undefined, padded], filter),
      feeds: ({ x0, x1 }) => ({ x0: x0!, x1: unpacked(x1!, 0), x2: unpacked(x1!, 1) }),
    },
  }),

  embedding(ids, segments, tables, []),
  embedding(ids, undefined, [[5, 4], [4, 4], undefined], [], { seed: 2 }),
  embedding(ids, segments, tables, [undefined, int32([1, 3], [3, 1, 1])]),
  embedding(ids, segments, tables, [padded, int32([2, 3], [3, 1, 1, 0, 2, 1])], { compared: [0, 1, 2] }),
]

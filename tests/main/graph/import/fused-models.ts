/**
 * Two small encoders as the transformer optimiser of ONNX Runtime leaves them: attention, the embedding before it and the
 * normalised sums after it are nodes of the runtime's own. Two blocks each, 16 channels, open batch.
 */
import { createRandom, floatTensor, sizeOf, tensor, intTensor, type Tensor } from '../../../../main/base/index.ts'
import { openModel, type RowInput } from '../../../../main/graph/index.ts'
import type { Fixture } from './fixtures.ts'
import { modelOfNodes, type AttributeValue, type GraphModel, type ModelNode } from './graph-model.ts'

const [width, hidden, heads] = [16, 24, 2]
const runtime = (operator: string): string => `com.microsoft::${operator}`

type Draft = {
  readonly nodes: ModelNode[]
  readonly tensors: Record<string, Tensor>
  /** Adds a node with one output of that name; gives the name. */
  add(operator: string, inputs: readonly string[], output: string, attributes?: Record<string, AttributeValue>): string
  /** Adds a weight of seeded numbers around `around`; gives the name. */
  weight(name: string, shape: readonly number[], around?: number): string
}

function draft(seed: number): Draft {
  const [nodes, tensors]: [ModelNode[], Record<string, Tensor>] = [[], {}]
  const random = createRandom(seed)
  return {
    ...{ nodes, tensors },
    add(operator, inputs, output, attributes = {}) {
      nodes.push({ operator, name: output, inputs, outputs: [output], attributes })
      return output
    },
    weight(name, shape, around = 0) {
      const deviation = shape.length === 1 ? 0.1 : 1 / Math.sqrt(shape[0]!)
      const numbers = Float32Array.from({ length: sizeOf(shape) }, () => around + deviation * random.normal())
      tensors[name] = floatTensor(shape, numbers)
      return name
    },
  }
}

const normalisation = ({ weight }: Draft, name: string): [string, string] => [
  weight(`${name}.gain`, [width], 1),
  weight(`${name}.bias`, [width]),
]

function fixtureOf(
  path: string,
  { nodes, tensors }: Draft,
  inputs: GraphModel['inputs'],
  rows: Readonly<Record<string, RowInput>>,
  output: string,
): Fixture {
  const bytes = modelOfNodes({ nodes, tensors, inputs, outputs: [output], opset: 17 })
  return { path, bytes, model: openModel(bytes), inputs: rows, output }
}

/** Text encoder that normalises last: packed queries, keys and values; the mask as a number of tokens a row. */
export function fusedTextModel(context = 9): Fixture {
  const made = draft(1)
  const { nodes, add, weight } = made
  const epsilon = { epsilon: { float: 1e-5 } }
  add('Cast', ['input_ids'], 'ids', { to: 6 })
  add('Cast', ['attention_mask'], 'mask', { to: 6 })
  const tables = ['ids', '', weight('words', [30, width]), weight('positions', [context, width]), '']
  nodes.push({
    ...{ operator: runtime('EmbedLayerNormalization'), attributes: epsilon, outputs: ['embedded', 'mask_index'] },
    inputs: [...tables, ...normalisation(made, 'embedding'), 'mask'],
  })
  let x = 'embedded'
  for (const block of ['block0', 'block1']) {
    const packed = [weight(`${block}.qkv`, [width, 3 * width]), weight(`${block}.qkv.bias`, [3 * width])]
    const mixed = add(runtime('Attention'), [x, ...packed, 'mask_index'], `${block}.mixed`, { num_heads: heads })
    const projected = add('MatMul', [mixed, weight(`${block}.out`, [width, width])], `${block}.projected`)
    const between = add(
      runtime('SkipLayerNormalization'),
      [projected, x, ...normalisation(made, `${block}.first`), weight(`${block}.out.bias`, [width])],
      `${block}.between`,
      epsilon,
    )
    const up = add('MatMul', [between, weight(`${block}.up`, [width, hidden])], `${block}.wide`)
    const active = add(runtime('BiasGelu'), [up, weight(`${block}.up.bias`, [hidden])], `${block}.active`)
    const down = add('MatMul', [active, weight(`${block}.down`, [hidden, width])], `${block}.narrow`)
    x = add(
      runtime('SkipLayerNormalization'),
      [down, between, ...normalisation(made, `${block}.second`), weight(`${block}.down.bias`, [width])],
      `${block}.done`,
      epsilon,
    )
  }
  made.tensors['first'] = intTensor([], [0])
  const pooled = add('Gather', [x, 'first'], 'pooled', { axis: 1 })
  add('Gemm', [pooled, weight('projection', [width, width]), weight('projection.bias', [width])], 'text_embeds')
  const row: RowInput = { dtype: 'int64', shape: [context] }
  const open = { dtype: 'int64' as const, shape: ['batch', context] }
  return fixtureOf('fused-text', made, { input_ids: open, attention_mask: open }, { input_ids: row, attention_mask: row }, 'text_embeds') // prettier-ignore
}

/**
 * Picture encoder that normalises first, 3 x 8 x 8 in patches of 4: its positions are resized from 3 x 3 to 2 x 2, and a
 * part of it was scripted, so that an `If` on the size of the picture chooses how the patches are put in a row.
 */
export function fusedVisionModel(): Fixture {
  const made = draft(2)
  const { nodes, tensors, add, weight } = made
  const epsilon = { epsilon: { float: 1e-5 } }
  const ints = (name: string, ...values: number[]): string => {
    tensors[name] = intTensor([values.length], values)
    return name
  }
  const patches = add('Conv', ['pixel_values', weight('patch', [width, 3, 4, 4])], 'patches', {
    ...{ kernel_shape: [4, 4], strides: [4, 4] },
  })
  const positions = add(
    'Resize',
    [weight('positions', [1, width, 3, 3]), '', '', ints('grid', 1, width, 2, 2)],
    'positions.resized',
    { mode: 'cubic', coordinate_transformation_mode: 'pytorch_half_pixel' },
  )
  const placed = add('Add', [patches, positions], 'placed')
  tensors['height'] = intTensor([], [2])
  const height = add('Gather', [add('Shape', ['pixel_values'], 'size'), 'height'], 'picture height')
  tensors['expected'] = intTensor([], [8])
  const isExpected = add('Equal', [height, 'expected'], 'is expected')
  nodes.push({
    ...{ operator: 'If', inputs: [isExpected], outputs: ['rows'] },
    attributes: {
      then_branch: {
        nodes: [{ operator: 'Reshape', inputs: [placed, 'shape'], outputs: ['in a row'] }],
        tensors: { shape: intTensor([3], [0, width, -1]) },
        outputs: ['in a row'],
      },
      else_branch: {
        nodes: [{ operator: 'Flatten', inputs: [placed], outputs: ['in a row'] }],
        outputs: ['in a row'],
      },
    },
  })
  const places = add('Transpose', ['rows'], 'places', { perm: [0, 2, 1] })
  let x = add('LayerNormalization', [places, ...normalisation(made, 'before')], 'normalised', epsilon)
  let normal = add('LayerNormalization', [x, ...normalisation(made, 'block0.first')], 'block0.normal', epsilon)
  const skip = (input: string, name: string, norm: string, bias: string): [sum: string, normal: string] => {
    nodes.push({
      ...{ operator: runtime('SkipLayerNormalization'), name, attributes: epsilon },
      inputs: [input, x, ...normalisation(made, norm), weight(bias, [width])],
      outputs: [`${name}.normal`, '', '', `${name}.sum`],
    })
    return [`${name}.sum`, `${name}.normal`]
  }
  for (const [i, block] of ['block0', 'block1'].entries()) {
    const parts = ['q', 'k', 'v'].map((part) =>
      add('MatMul', [normal, weight(`${block}.${part}`, [width, width])], `${block}.${part}.rows`),
    )
    const bias = weight(`${block}.qkv.bias`, [3 * width])
    const mixed = add(runtime('MultiHeadAttention'), [...parts, bias], `${block}.mixed`, { num_heads: heads })
    const projected = add('MatMul', [mixed, weight(`${block}.out`, [width, width])], `${block}.projected`)
    ;[x, normal] = skip(projected, `${block}.middle`, `${block}.second`, `${block}.out.bias`)
    const up = add('MatMul', [normal, weight(`${block}.up`, [width, hidden])], `${block}.wide`)
    const biased = add('Add', [up, weight(`${block}.up.bias`, [hidden])], `${block}.biased`)
    const active = add(runtime('QuickGelu'), [biased], `${block}.active`, { alpha: { float: 1.702 } })
    const down = add('MatMul', [active, weight(`${block}.down`, [hidden, width])], `${block}.narrow`)
    ;[x, normal] = skip(down, `${block}.end`, i === 0 ? 'block1.first' : 'after', `${block}.down.bias`)
  }
  tensors['first'] = tensor('int64', [], BigInt64Array.of(0n))
  const pooled = add('Gather', [normal, 'first'], 'pooled', { axis: 1 })
  add('MatMul', [pooled, weight('projection', [width, width])], 'image_embeds')
  return fixtureOf(
    'fused-vision',
    made,
    { pixel_values: { dtype: 'float32', shape: ['batch', 3, 8, 8] } },
    { pixel_values: { dtype: 'float32', shape: [3, 8, 8] } },
    'image_embeds',
  )
}

/**
 * Finds the blocks of an encoder from the structure of its graph alone; names and widths do not matter.
 *
 * [Note: What a block is] The activations of an encoder flow from its inputs to its output. A value is a *neck* when all of
 * that flow passes through it. Inside of a residual there is none, because the way around it leads past; between two
 * residuals there is one. So the stretch between two necks that closes with an addition of its beginning is a residual.
 * A block is a residual that mixes places (attention, or a convolution wider than one place), together with the residuals
 * after it that do not (its network). This holds for blocks that normalise first and for those that normalise last, for
 * transformers and for convolutional ones. A head that pools by attention adds nothing to its beginning, and is no block.
 * Nor is a residual where no places are left, such as a map over the mean of a text's words.
 */
import { ancestorsOf } from '../gradients.ts'
import type { Shape, Value } from '../value.ts'
import type { ImportedPart } from './import-graph.ts'

export type EncoderBlock = {
  /** Name, in the model, of the value that the block begins with. */
  readonly entry: string
  /** Of that value, with the batch in front. */
  readonly shape: Shape
}

/**
 * Blocks on the way to `output`, in order. Blocks that begin with a value that has no name in the model (inside of a fused
 * operator) are part of the block before.
 * @param inputs the values that the import began with
 */
export function findBlocks(part: ImportedPart, output: Value, inputs: readonly Value[]): EncoderBlock[] {
  const flow = flowTo(part, output, inputs)
  const isFlow = new Set(flow.map(({ id }) => id))
  const names = new Map<number, string>()
  for (const [name, value] of part.values) if (!names.has(value.id)) names.set(value.id, name)
  const blocks: EncoderBlock[] = []
  const necks = necksOf(flow)
  for (const [i, end] of necks.entries()) {
    const start = necks[i - 1]
    if (start === undefined) continue
    const stretch = flow.filter(({ id }) => id > start.id && id <= end.id)
    const isResidual =
      closesResidual(end, start) && stretch.some(({ node }) => node.op === 'MatMul' || node.op === 'Conv')
    if (!isResidual) continue
    const hasPlaces = start.shape.length > 2 // between the batch and the width
    const mayBegin = blocks.length === 0 && hasPlaces
    if (!mayBegin && !stretch.some((value) => mixesPlaces(value, isFlow))) continue
    const entry = names.get(start.id)
    if (entry !== undefined) blocks.push({ entry, shape: start.shape })
  }
  return blocks
}

/** Values on the way to `output` that depend on what is fed and on weights, in topological order. */
function flowTo(part: ImportedPart, output: Value, inputs: readonly Value[]): Value[] {
  const order = ancestorsOf([output])
  const read = new Set(order.flatMap(({ node }) => node.inputs.map((input) => input?.id)))
  const dependents = (from: readonly Value[]): Set<number> => {
    const found = new Set(from.map(({ id }) => id))
    for (const { id, node } of order) if (node.inputs.some((input) => input && found.has(input.id))) found.add(id)
    return found
  }
  const [fed, weighted] = [dependents(inputs), dependents(part.weights.map(({ value }) => value))]
  return order.filter(({ id }) => fed.has(id) && weighted.has(id) && (read.has(id) || id === output.id))
}

/** Values that the whole flow passes: when they are made, nothing that was made before is still waited for. */
function necksOf(flow: readonly Value[]): Value[] {
  const places = new Map(flow.map(({ id }, place) => [id, place]))
  const lastUse = flow.map((_, place) => place)
  flow.forEach(({ node }, place) => {
    for (const input of node.inputs) {
      const made = input && places.get(input.id)
      if (made !== undefined) lastUse[made] = place
    }
  })
  let waitedFor = 0
  return flow.filter((_, place) => {
    const isNeck = waitedFor <= place
    waitedFor = Math.max(waitedFor, lastUse[place]!)
    return isNeck
  })
}

/** Whether `end` is a sum, perhaps of sums, with `start` as one of its terms. */
function closesResidual(end: Value, start: Value): boolean {
  if (end.node.op !== 'Add') return false
  return end.node.inputs.some((input) => input === start || (input!.id > start.id && closesResidual(input!, start)))
}

function mixesPlaces({ node }: Value, isFlow: ReadonlySet<number>): boolean {
  if (node.op === 'Softmax') return true
  if (node.op === 'Conv') return (node.attributes['kernel_shape'] as readonly number[]).some((size) => size > 1)
  // A product of two activations, or of a weight with activations on its right.
  return node.op === 'MatMul' && isFlow.has(node.inputs[1]!.id)
}

/**
 * Splits an encoder below its last blocks: what lies below is a model of its own whose results can be kept, what lies above
 * is imported with weights that can be trained.
 */
import type { DType, Tensor } from '../../base/index.ts'
import { extractInner } from '../extract-part.ts'
import { Graph } from '../graph.ts'
import { ModelProblem } from '../inspect-model.ts'
import type { Shape, Value } from '../value.ts'
import { findBlocks, type EncoderBlock } from './blocks.ts'
import type { ImportableModel } from './importable-model.ts'
import { importPart, type ImportedPart } from './import-graph.ts'
import type { ModelWeight, ProductChoice, WeightChoice } from './operation.ts'

/** An input of a model with the shape of one row: the batch in front is left out. */
export type RowInput = { readonly dtype: DType; readonly shape: Shape }

/** More blocks are wanted than there are. */
export class BlocksProblem extends ModelProblem {
  readonly found: number

  constructor(wanted: number, found: number) {
    super(`${wanted} blocks cannot be trained: it has ${found} that were found`)
    this.name = 'BlocksProblem'
    this.found = found
  }
}

export type SplitOptions = {
  /** Every input that the output needs. */
  readonly inputs: Readonly<Record<string, RowInput>>
  readonly output: string
  /** How many of the last blocks lie above the cut. */
  readonly blocks: number
}

export type SplitModel = {
  /** Blocks of the whole model; the cut is at the entry of one of them. */
  readonly blocks: readonly EncoderBlock[]
  /** Name of the value at the cut. */
  readonly cut: string
  /** Shape of one row of the value at the cut, and of the output. */
  readonly cutShape: Shape
  readonly outputShape: Shape
  /** Inputs of the model that the upper part needs too, such as token ids that say where a text ends. */
  readonly sideInputs: Readonly<Record<string, RowInput>>
  /** Weights above the cut that can be trained. */
  readonly weights: readonly ModelWeight[]
  /** Those of them that activations are multiplied with as matrices: what low-rank updates are made for. */
  readonly matrices: readonly ModelWeight[]
  /** The lower part as a model: inputs as they were, one output `activations`. */
  lower(bytes: Uint8Array): Uint8Array
  /** The upper part: activations [N, ...cutShape] and side inputs -> [N, ...outputShape]. */
  upper(graph: Graph, activations: Value, side: Readonly<Record<string, Value>>, choices: UpperChoices): Value
}

export type UpperChoices = { readonly weight?: WeightChoice; readonly product?: ProductChoice }

/** Unusual batch, by which axes that are the batch are told from others. */
const probeBatch = 13

/**
 * @throws ModelProblem when the model cannot be imported, has fewer blocks, or does not keep the batch in front
 */
export function splitModel(model: ImportableModel, options: SplitOptions): SplitModel {
  const { inputs, output, blocks: count } = options
  const whole = (batch: number): ImportedPart & { readonly fed: readonly Value[] } => {
    const graph = new Graph()
    const fed = Object.entries(inputs).map(
      ([name, { dtype, shape }]) => [name, graph.input(name, dtype, [batch, ...shape])] as const,
    )
    return {
      // As inputs, because a gain that happens to be 1 must not be simplified away here.
      ...importPart(graph, model, {
        inputs: Object.fromEntries(fed),
        outputs: [output],
        weight: ({ name, tensor }) => graph.input(`weight ${name}`, tensor.dtype, tensor.shape),
      }),
      fed: fed.map(([, value]) => value),
    }
  }
  const probed = whole(probeBatch)
  const result = probed.outputs[output]!
  const blocks = findBlocks(probed, result, probed.fed)
  if (count < 1 || count > blocks.length) {
    throw new BlocksProblem(count, blocks.length)
  }
  const { entry, shape } = blocks[blocks.length - count]!
  for (const [what, { 0: rows }] of [
    ['the cut', shape],
    ['the output', result.shape],
  ] as const) {
    if (rows !== probeBatch) throw new ModelProblem(`its batch is not the first axis of ${what} "${entry}"`)
  }

  /** What is folded differs with the batch; above the cut it may come from shapes of values below. */
  const knownByBatch = new Map([[probeBatch, probed.known]])
  const knownFor = (batch: number): ReadonlyMap<string, Tensor> => {
    const known = knownByBatch.get(batch) ?? whole(batch).known
    knownByBatch.set(batch, known)
    return known
  }
  const upperPart = (
    graph: Graph,
    activations: Value,
    side: Readonly<Record<string, Value>>,
    choices: UpperChoices,
  ): ImportedPart =>
    importPart(graph, model, {
      ...choices,
      inputs: { ...side, [entry]: activations },
      outputs: [output],
      known: knownFor(activations.shape[0]!),
    })

  const graph = new Graph()
  const side = Object.entries(inputs).map(
    ([name, { dtype, shape: row }]) => [name, graph.input(name, dtype, [probeBatch, ...row])] as const,
  )
  const matrices = new Map<string, ModelWeight>()
  const product: ProductChoice = (_, weight) => void matrices.set(weight.name, weight)
  const trial = upperPart(graph, graph.input(entry, 'float32', shape), Object.fromEntries(side), { product })
  const sideInputs = Object.fromEntries(Object.entries(inputs).filter(([name]) => trial.inputsRead.has(name)))
  return {
    ...{ blocks, cut: entry, cutShape: shape.slice(1), outputShape: result.shape.slice(1), sideInputs },
    weights: trial.weights.map(({ name, tensor }) => ({ name, tensor })),
    matrices: [...matrices.values()],
    lower: (bytes) => extractInner(bytes, entry, shape.length),
    upper: (target, activations, given, choices) => upperPart(target, activations, given, choices).outputs[output]!,
  }
}

/** What a case of an imported operator says, and how it is written. */
import { intTensor, type Tensor, type TensorMap } from '../../../../main/base/index.ts'
import type { Range } from '../finite-differences.ts'
import type { NodeInput, NodeModel } from './node-model.ts'

export type ImportCase = NodeModel & {
  readonly range?: Range
  /** Gradients in float32, where the runtime has no float64 kernel. */
  readonly isSingle?: boolean
  /** Outputs of these places only; all by default. */
  readonly compared?: readonly number[]
  readonly seed?: number
  /** What the runtime computes instead, where it lacks a form: another node, and what that one is fed (default: the same). */
  readonly reference?: {
    readonly model: NodeModel
    readonly feeds?: (feeds: TensorMap) => TensorMap
  }
}

export type More = Omit<ImportCase, 'operator' | 'inputs'>

export const node = (operator: string, inputs: readonly NodeInput[], more: More = {}): ImportCase => ({
  ...{ operator, inputs },
  ...more,
})

export const single: More = { isSingle: true }
export const ints = (...values: number[]): Tensor => intTensor([values.length], values)

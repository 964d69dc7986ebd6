/** All operators that can be imported, by name (`domain::type`, without the standard domain). */
import type { Value } from '../../value.ts'
import type { Operation } from '../operation.ts'
import { activationImports } from './activation.ts'
import { attentionImports } from './attention.ts'
import { convolutionImports } from './convolution.ts'
import { elementwiseImports } from './elementwise.ts'
import { linalgImports } from './linalg.ts'
import { movementImports } from './movement.ts'
import { normalisationImports } from './normalisation.ts'
import { reductionImports } from './reduction.ts'
import { resizeImports } from './resize.ts'

/** Builds what the node computes; several values where the node has several outputs, undefined for one that is not wanted. */
export type OperatorImport = (operation: Operation) => Value | readonly (Value | undefined)[]

export type OperatorImports = Readonly<Record<string, OperatorImport>>

export const operatorImports: OperatorImports = {
  ...elementwiseImports,
  ...activationImports,
  ...reductionImports,
  ...normalisationImports,
  ...movementImports,
  ...linalgImports,
  ...convolutionImports,
  ...resizeImports,
  ...attentionImports,
}

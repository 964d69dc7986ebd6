/** All operators that can be imported, by name (`domain::type`, without the standard domain). */
import type { OperatorImports } from '../operation.ts'
import { activationImports } from './activation.ts'
import { attentionImports } from './attention.ts'
import { convolutionImports } from './convolution.ts'
import { elementwiseImports } from './elementwise.ts'
import { linalgImports } from './linalg.ts'
import { movementImports } from './movement.ts'
import { normalisationImports } from './normalisation.ts'
import { reductionImports } from './reduction.ts'
import { resizeImports } from './resize.ts'

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

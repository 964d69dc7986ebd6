/** Which nodes of a model WebGPU would compute too coarsely. Runs in the worker thread. */
import { parseModel } from '../graph/index.ts'
import type { ModelSource } from './types.ts'

/**
 * Names of the sines and cosines in a model. WebGPU promises only 2^-11 for them (a software driver here was off by 2e-4,
 * which moved parameters by more than 1e-3 in four steps), so they are computed on the processor. A training step has them
 * for its margin, a number that comes from there anyway; models that lie in files, encoders, are left alone.
 */
export function sinesAndCosines(source: ModelSource): string[] {
  if ('path' in source) return []
  const nodes = parseModel(source).graph?.node ?? []
  return nodes.filter(({ opType }) => opType === 'Sin' || opType === 'Cos').map(({ name }) => name)
}

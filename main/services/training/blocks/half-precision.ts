/** What activations below trained blocks are kept in. */
import { AppError } from '../../../contract/index.ts'

/** Largest number of half precision. */
const mostHalf = 65504

/** @throws AppError `encoder.invalid` for numbers that half precision cannot hold */
export function refuseBeyondHalves(activations: Float32Array): void {
  if (activations.every((value) => Math.abs(value) <= mostHalf)) return
  const message =
    'The numbers of this encoder below the blocks are too large to be kept in half precision. Train other blocks of it, or the towers alone.'
  throw new AppError('encoder.invalid', message)
}

/** Learning-rate schedule. */

export type Schedule = {
  readonly peak: number
  readonly warmUpSteps: number
  readonly totalSteps: number
  /** Rate at the end, as a fraction of the peak. */
  readonly finalFraction?: number
}

/** Linear warm-up to the peak, then half a cosine down. `step` counts from 1. */
export function learningRateAt(step: number, { peak, warmUpSteps, totalSteps, finalFraction = 0 }: Schedule): number {
  if (step <= warmUpSteps) return (peak * step) / warmUpSteps
  const fraction = Math.min(1, (step - warmUpSteps) / Math.max(1, totalSteps - warmUpSteps))
  return peak * (finalFraction + (1 - finalFraction) * 0.5 * (1 + Math.cos(Math.PI * fraction)))
}

/** Measures again how an encoder is run best here: the first measurement may have been made beside other work. */
import { AppError, type CallContext, type ProcedureInput, type ProcedureOutput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import type { WorkTally } from '../jobs/index.ts'
import type { BundleStore } from '../shared/ports.ts'
import type { EncoderSet } from './encoder-set.ts'
import { knownSpeed, measureSpeed, rememberSpeed, type MeasureOptions } from './encoder-speed.ts'

export type MeasureEncoderParts = Omit<MeasureOptions, 'signal' | 'onTried'> & {
  readonly library: Library
  readonly bundles: BundleStore
  readonly encoders: EncoderSet
  readonly work: WorkTally
}

/**
 * Opens the encoder a second time for it, so that searches go on with the first as it is set; each waits for one run at most.
 * @throws AppError `encoder.missing`, `work.running`; `usage` for one that runs in one way only; the abort reason, with the
 *   old measurement kept
 */
export async function measureEncoder(
  { library, bundles, encoders, work, ...options }: MeasureEncoderParts,
  { encoder: bundle }: ProcedureInput<'measureEncoder'>,
  { signal, onEvent }: CallContext,
): Promise<ProcedureOutput<'measureEncoder'>> {
  const id = bundle ?? (await encoders.activeBundle())
  const encoder = await bundles.open(id)
  try {
    if (encoder.tune === undefined) {
      throw new AppError(
        'usage',
        `"${id}" always runs in the same way, so that there is nothing to choose for it. Encoders that were added can be measured.`,
        { bundle: id },
      )
    }
    const previous = knownSpeed(library, encoder.id, options.machine)
    let tried = 0
    const onTried = (): void =>
      onEvent({
        ...{ kind: 'progress', stage: 'measuring', done: ++tried, total: null, unit: 'settings' },
        ...{ ratePerSecond: null, remainingSeconds: null },
      })
    const speed = await work.undisturbed('an encoder', () => measureSpeed(encoder, { ...options, signal, onTried }))
    signal.throwIfAborted()
    rememberSpeed(library, encoder.id, options.machine, speed)
    await encoders.opened(encoder.id)?.tune?.(speed)
    return { encoder: id, speed, previous, tried }
  } finally {
    await encoder.dispose()
  }
}

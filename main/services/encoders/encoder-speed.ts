/**
 * How an encoder is run best on this computer: measured at its first use, within a bounded time, and remembered for this
 * encoder and this computer until somebody asks to measure again. What is chosen changes speed only.
 */
import type { EncoderSpeed } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { disturbingShare, othersShare, type ProcessorTimes } from '../shared/processor-times.ts'

/** What tells this computer from others, and the threads that one run may be given, the best guess first. */
export type Machine = { readonly name: string; readonly threadChoices: readonly number[] }

/** @param threads what the settings ask for; null: all cores and half of them are tried */
export function machineOf(
  computer: { readonly name: string; readonly cores: number },
  threads: number | null,
): Machine {
  const { name, cores } = computer
  const choices = threads === null ? [cores, Math.max(1, cores >> 1)] : [threads]
  return { name: `${name}, ${cores} cores, ${threads ?? 'all'} threads`, threadChoices: [...new Set(choices)] }
}

export type MeasureOptions = {
  readonly machine: Machine
  /** Milliseconds. */
  readonly now: () => number
  readonly processorTimes: () => ProcessorTimes
  readonly signal: AbortSignal
  /** Called after each setting. */
  readonly onTried?: (() => void) | undefined
  /** No further setting is tried when this has passed. Default 8000. */
  readonly budgetMs?: number
}

/** A larger batch costs memory and makes others wait, so that it must be worth it. */
const worthwhileGain = 1.03
const batchChoices = [1, 2, 4, 8, 16, 32]
const defaultBudgetMs = 8000

const settingOf = (encoderId: string): string => `encoderSpeed ${encoderId}`

export function knownSpeed(library: Library, encoderId: string, machine: Machine): EncoderSpeed | null {
  const stored = library.settings.get(settingOf(encoderId)) as StoredSpeed | undefined
  if (stored === undefined || stored.machine !== machine.name) return null
  const { picturesPerSecond, batchImages, threads, wasBusy = false } = stored
  return { picturesPerSecond, batchImages, threads, wasBusy }
}

/** Measurements of earlier versions of the app do not say whether the computer was busy. */
type StoredSpeed = Omit<EncoderSpeed, 'wasBusy'> & { readonly wasBusy?: boolean; readonly machine: string }

export function rememberSpeed(library: Library, encoderId: string, machine: Machine, speed: EncoderSpeed): void {
  library.settings.set(settingOf(encoderId), { ...speed, machine: machine.name } satisfies StoredSpeed)
}

/** What is known, else what is measured now; an encoder that cannot be set otherwise is measured as it is, and not kept. */
export async function speedOf(
  library: Library,
  encoder: FeatureEncoder,
  options: MeasureOptions,
): Promise<Pick<EncoderSpeed, 'picturesPerSecond'>> {
  const known = knownSpeed(library, encoder.id, options.machine)
  if (known !== null) return known
  if (encoder.tune === undefined) return { picturesPerSecond: await rateOf(encoder, 4, options) }
  const speed = await measureSpeed(encoder, options)
  if (!library.readOnly) rememberSpeed(library, encoder.id, options.machine, speed)
  return speed
}

/** Tries threads and batches, and leaves the encoder at the best. @throws the abort reason */
export async function measureSpeed(encoder: FeatureEncoder, options: MeasureOptions): Promise<EncoderSpeed> {
  const { machine, now, processorTimes, onTried, budgetMs = defaultBudgetMs } = options
  const before = processorTimes()
  const startedMs = now()
  const leftMs = (): number => budgetMs - (now() - startedMs)
  let best: Omit<EncoderSpeed, 'wasBusy'> | undefined
  for (const threads of machine.threadChoices) {
    let rate = 0
    for (const batchImages of batchChoices) {
      // Twice the batch, to warm up and to measure; what does not fit is not begun.
      if (best !== undefined && leftMs() < (2000 * batchImages) / Math.max(rate, best.picturesPerSecond / 4)) break
      await encoder.tune?.({ threads, batchImages })
      rate = await rateOf(encoder, batchImages, options)
      if (best === undefined || rate > best.picturesPerSecond * worthwhileGain) {
        best = { picturesPerSecond: rate, batchImages, threads }
      }
      onTried?.()
    }
  }
  await encoder.tune?.(best!)
  const disturbed = othersShare(before, processorTimes()) ?? 0
  return { ...best!, wasBusy: disturbed > disturbingShare }
}

/** Shorter stretches than this say more about the clock than about the encoder. */
const leastMeasuredMs = 50

/** Pictures a second, from one batch or as many as take long enough, after one that warms up. */
async function rateOf(
  encoder: FeatureEncoder,
  count: number,
  { now, signal }: Pick<MeasureOptions, 'now' | 'signal'>,
): Promise<number> {
  const pictures = new Uint8Array(count * encoder.imageSize ** 2 * 3)
  for (let i = 0; i < pictures.length; i++) pictures[i] = (i * 31 + (i >> 8) * 17) & 255
  const encode = async (): Promise<void> => {
    signal.throwIfAborted()
    await encoder.encodeImages(pictures, count)
  }
  await encode()
  const startedMs = now()
  let done = 0
  let tookMs = 0
  while (tookMs < leastMeasuredMs) {
    await encode()
    done += count
    tookMs = now() - startedMs
  }
  return (1000 * done) / tookMs
}

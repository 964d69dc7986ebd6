/**
 * Which device trains fastest on this computer: measured with a short training step on each that works, remembered for
 * as long as the computer and its engines stay the same, and said in one sentence.
 */
import { z } from 'zod'
import type { Device } from '../../contract/index.ts'
import type { Provider, ProviderStatus } from '../../runtime/index.ts'
import type { SettingStore } from '../../storage/index.ts'
import { disturbingShare, othersShare, type ProcessorTimes } from '../shared/processor-times.ts'

export type DeviceParts = {
  readonly availableProviders: () => Promise<ProviderStatus[]>
  /** Milliseconds of a training step on a device. @throws when it fails there */
  readonly measureDevice: (device: Provider, signal: AbortSignal) => Promise<number>
  readonly processorTimes: () => ProcessorTimes
  /** Names the computer and what of the settings changes its speed. */
  readonly machine: () => string
  /** What the app was started with; `auto`: to be chosen. */
  readonly ownDevice: Device
}

const measuredSchema = z.object({
  device: z.enum(['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'tensorflow']),
  /** What does the work, with its version. */
  engine: z.string(),
  /** Milliseconds of the measured step; null: it failed. */
  stepMs: z.number().nullable(),
})
const rememberedSchema = z.object({
  key: z.string(),
  measured: z.array(measuredSchema).min(1),
  wasBusy: z.boolean().default(false),
})

export type MeasuredDevice = Readonly<z.infer<typeof measuredSchema>>

export type DeviceChoice = {
  readonly device: Exclude<Device, 'auto'>
  /** One sentence, with the numbers. */
  readonly reason: string
  /** Empty where nothing had to be chosen. */
  readonly measured: readonly MeasuredDevice[]
  /** Other programs took a good part of the computer meanwhile. */
  readonly wasBusy: boolean
}

const settingName = 'measured devices'
/** Computers that a library remembers; it may travel between some. */
const mostRemembered = 5

/**
 * Chooses the device for training.
 *
 * @param again measure although a measurement is remembered
 * @throws the abort reason
 */
export async function chooseDevice(
  parts: DeviceParts,
  settings: Pick<SettingStore, 'get' | 'set'>,
  { signal, again = false }: { readonly signal: AbortSignal; readonly again?: boolean },
): Promise<DeviceChoice> {
  if (parts.ownDevice !== 'auto' && !again) {
    const reason = `Trained on ${parts.ownDevice}, the device that this app was started with.`
    return { device: parts.ownDevice, reason, measured: [], wasBusy: false }
  }
  const works = (await parts.availableProviders()).filter(({ available }) => available)
  const key = keyOf(parts.machine(), works)
  const known = again ? undefined : readRemembered(settings).find((entry) => entry.key === key)
  if (known !== undefined) return { ...fastestOf(known.measured), wasBusy: known.wasBusy }
  const before = parts.processorTimes()
  const measured: MeasuredDevice[] = []
  for (const { provider: device, engine = '' } of works) {
    measured.push({ device, engine, stepMs: await stepMsOf(parts, device, signal) })
  }
  const others = readRemembered(settings).filter((entry) => entry.key !== key)
  const wasBusy = (othersShare(before, parts.processorTimes()) ?? 0) > disturbingShare
  settings.set(settingName, [{ key, measured, wasBusy }, ...others].slice(0, mostRemembered))
  return { ...fastestOf(measured), wasBusy }
}

/** The choice that was measured last on this computer, without looking whether its devices are still there. */
export function rememberedChoice(
  parts: DeviceParts,
  settings: Pick<SettingStore, 'get' | 'set'>,
): DeviceChoice | undefined {
  const entry = readRemembered(settings).find(({ key }) => key.startsWith(`${parts.machine()};`))
  return entry && { ...fastestOf(entry.measured), wasBusy: entry.wasBusy }
}

async function stepMsOf(parts: DeviceParts, device: Provider, signal: AbortSignal): Promise<number | null> {
  try {
    return await parts.measureDevice(device, signal)
  } catch (error) {
    signal.throwIfAborted()
    // The processor is owed; a failure there is nothing that another device makes good.
    if (device === 'cpu') throw error
    return null
  }
}

/** The fastest that did not fail, and why it is that one. */
export function fastestOf(measured: readonly MeasuredDevice[]): Omit<DeviceChoice, 'wasBusy'> {
  const timed = measured
    .flatMap(({ device, stepMs }) => (stepMs === null ? [] : [{ device, stepMs }]))
    .sort((a, b) => a.stepMs - b.stepMs)
  const failed = measured.filter(({ stepMs }) => stepMs === null).map(({ device }) => device)
  const [best, ...slower] = timed
  if (best === undefined) return { device: 'cpu', reason: 'Trained on cpu: no other device works here.', measured }
  const rest = [
    ...slower.map(({ device, stepMs }) => `${device} ${milliseconds(stepMs)}`),
    ...failed.map((device) => `${device} failed`),
  ]
  const reason =
    rest.length === 0
      ? `Trained on ${best.device}, the only device that works here (${milliseconds(best.stepMs)} a measured step).`
      : `Trained on ${best.device}, the fastest here: ${milliseconds(best.stepMs)} a measured step (${rest.join(', ')}).`
  return { device: best.device, reason, measured }
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
}

function keyOf(machine: string, works: readonly ProviderStatus[]): string {
  return `${machine}; ${works.map(({ provider, engine = '' }) => `${provider} ${engine}`).join('; ')}`
}

function readRemembered(settings: Pick<SettingStore, 'get'>): z.infer<typeof rememberedSchema>[] {
  return z.array(rememberedSchema).safeParse(settings.get(settingName)).data ?? []
}

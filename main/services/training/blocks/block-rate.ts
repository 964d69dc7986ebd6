/**
 * How fast this computer trains blocks of an encoder, in operations of the matrix products of its steps: learnt from runs,
 * else from the step that the choice of a device has measured, else that of a typical computer.
 */
import { z } from 'zod'
import type { SettingStore } from '../../../storage/index.ts'
import { measuredStepFlops } from '../../../training/index.ts'
import { rememberedChoice, type DeviceParts } from '../devices.ts'

type Settings = Pick<SettingStore, 'get' | 'set'>

const learntSchema = z.object({
  machine: z.string(),
  device: z.string(),
  flopsPerSecond: z.number().gt(0),
})
const settingName = 'block training rate'
/** Computers and devices that a library remembers. */
const mostRemembered = 8

/** The measured step is so small that it leaves much of a processor idle: steps with blocks came to 1.8 to 2.5 times its rate. */
const gainOverMeasuredStep = 2
/** Two cores of a computer of today that also does other things. */
const typicalRate = 60e9

export type BlockRate = {
  readonly flopsPerSecond: number
  readonly from: 'earlierRuns' | 'measuredStep' | 'typical'
}

/** @param secondsOfEpochs whole ones, without the first after a start; the median counts, as a computer may have slept */
export function learnBlockRate(
  settings: Settings,
  place: { readonly machine: string; readonly device: string },
  flopsOfEpoch: number,
  secondsOfEpochs: readonly number[],
): void {
  const seconds = [...secondsOfEpochs].sort((a, b) => a - b)[secondsOfEpochs.length >> 1]
  if (seconds === undefined || !(seconds > 0) || !(flopsOfEpoch > 0)) return
  const others = learnt(settings).filter(({ machine, device }) => machine !== place.machine || device !== place.device)
  settings.set(settingName, [{ ...place, flopsPerSecond: flopsOfEpoch / seconds }, ...others].slice(0, mostRemembered))
}

/** @param device as a run would name it */
export function blockRateOf(parts: DeviceParts, settings: Settings, device: string): BlockRate {
  const machine = parts.machine()
  const known = learnt(settings).find((entry) => entry.machine === machine && entry.device === device)
  if (known !== undefined) return { flopsPerSecond: known.flopsPerSecond, from: 'earlierRuns' }
  const stepMs = rememberedChoice(parts, settings)?.measured.find((measured) => measured.device === device)?.stepMs
  if (typeof stepMs !== 'number') return { flopsPerSecond: typicalRate, from: 'typical' }
  return { flopsPerSecond: (gainOverMeasuredStep * measuredStepFlops() * 1000) / stepMs, from: 'measuredStep' }
}

function learnt(settings: Pick<SettingStore, 'get'>): z.infer<typeof learntSchema>[] {
  return z.array(learntSchema).safeParse(settings.get(settingName)).data ?? []
}

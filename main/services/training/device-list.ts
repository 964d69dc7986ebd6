/** The devices of this computer as a list: what works, how fast a training step is, what auto takes. */
import type { ProcedureOutput } from '../../contract/index.ts'
import type { SettingStore } from '../../storage/index.ts'
import { chooseDevice, type DeviceParts } from './devices.ts'

/** @throws the abort reason */
export async function listDevices(
  parts: DeviceParts,
  settings: Pick<SettingStore, 'get' | 'set'>,
  { measure, signal }: { readonly measure: boolean; readonly signal: AbortSignal },
): Promise<ProcedureOutput<'devices'>> {
  const statuses = await parts.availableProviders()
  const looked = { ...parts, availableProviders: async () => statuses }
  const { device, reason, measured, wasBusy } = await chooseDevice(looked, settings, { signal, again: measure })
  return {
    ...{ device, reason, wasBusy },
    devices: statuses.map(({ provider, engine = null, reason: why = null }) => ({
      ...{ device: provider, engine, reason: why },
      stepMs: measured.find((one) => one.device === provider)?.stepMs ?? null,
    })),
  }
}

/** What a run would use and take, with the encoder and the settings of the library that is open. */
import type { Device } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { readSettings } from '../shared/app-settings.ts'
import { rememberedChoice, type DeviceParts } from './devices.ts'
import type { BlockCosts, Trainer } from './ports.ts'
import { preflight, type PreflightParts } from './preflight.ts'

export type OutlookParts = {
  readonly trainer: Trainer
  readonly devices: DeviceParts
  readonly blockCosts: BlockCosts
  /** Of the encoder in use, without loading it. */
  readonly encoderId: () => Promise<string>
  /** The encoder in use, as estimates want to know it. */
  readonly encoderFacts: () => Promise<Awaited<ReturnType<PreflightParts['encoder']>> & { readonly id: string }>
  /** Bytes of memory that are free now. */
  readonly availableMemory: () => number
}

type Outlook = (library: Library, request: Parameters<typeof preflight>[1]) => ReturnType<typeof preflight>

export function createOutlook(parts: OutlookParts): Outlook {
  const { trainer, devices, encoderId, encoderFacts } = parts
  return async (library, request) => {
    const { blockCosts, availableMemory } = parts
    const known: PreflightParts = {
      ...{ library, trainer, devices, blockCosts, availableMemory },
      ...{ encoderId: await encoderId(), encoder: encoderFacts },
    }
    return preflight(known, deviceOf(library, request, devices))
  }
}

/** The device of the settings, where the request leaves it open. */
export function withDevice<T extends { readonly device: Device }>(library: Library, request: T): T {
  return request.device === 'auto' ? { ...request, device: readSettings(library).device } : request
}

/** As `withDevice`; what auto comes to, as far as it is known without measuring. */
function deviceOf<T extends { readonly device: Device }>(library: Library, request: T, devices: DeviceParts): T {
  const asked = withDevice(library, request)
  return asked.device === 'auto'
    ? { ...asked, device: rememberedChoice(devices, library.settings)?.device ?? 'cpu' }
    : asked
}

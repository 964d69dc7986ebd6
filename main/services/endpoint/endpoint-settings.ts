/** Where the customer's vision model is and how it is asked, kept in the library. Keys are not kept here. */
import { AppError, endpointSettingsSchema, type EndpointSettings } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { readSettings } from '../shared/app-settings.ts'
import { urlsOf } from './address.ts'

const settingName = 'endpoint'

export const defaultEndpoint: EndpointSettings = {
  isOn: false,
  address: '',
  model: '',
  dialect: 'auto',
  contextTokens: 8192,
  concurrency: 1,
  requestsPerMinute: null,
  pricePerMillionTokens: null,
}

/** What was never chosen, or was written by another version, is the default. */
export function readEndpoint(library: Pick<Library, 'settings'>): EndpointSettings {
  const stored = library.settings.get(settingName)
  const fields = typeof stored === 'object' && stored !== null ? (stored as Record<string, unknown>) : {}
  const known = Object.entries(fields).filter(
    ([name, value]) =>
      Object.hasOwn(endpointSettingsSchema.shape, name) &&
      endpointSettingsSchema.shape[name as keyof EndpointSettings].safeParse(value).success,
  )
  return { ...defaultEndpoint, ...(Object.fromEntries(known) as Partial<EndpointSettings>) }
}

/** @throws AppError `usage` for an address that is none or holds a key, and for being on without an address */
export function changeEndpoint(
  library: Library,
  changes: { readonly [K in keyof EndpointSettings]?: EndpointSettings[K] | undefined },
): void {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  const settings = { ...readEndpoint(library), ...given }
  if (settings.address !== '') urlsOf(settings.address)
  if (settings.isOn && settings.address === '') {
    throw new AppError('usage', 'Give the address of the vision model before it is turned on.', { field: 'address' })
  }
  library.settings.set(settingName, settings)
}

/** Whether the settings of the app let anything go out. */
export function isNetworkingAllowed(library: Library): boolean {
  return readSettings(library).networking
}

/**
 * Nothing goes out before the customer has said so, to a server on this computer neither.
 * @throws AppError `endpoint.off`, `network.off`
 */
export function endpointInUse(
  library: Library,
  { allowNetwork }: { readonly allowNetwork: boolean },
): EndpointSettings {
  const settings = readEndpoint(library)
  if (settings.address === '' || !settings.isOn) {
    throw new AppError(
      'endpoint.off',
      settings.address === ''
        ? 'There is no vision model yet. Give its address in the settings, or with: mama endpoint set ADDRESS'
        : 'The vision model is off. Turn it on in the settings, or with: mama endpoint set',
    )
  }
  if (!allowNetwork && !isNetworkingAllowed(library)) {
    throw new AppError(
      'network.off',
      'Nothing goes out to the network before you allow it: turn on networking in the settings, or add --allow-network to this command.',
    )
  }
  return settings
}

/** The encoders that are open: the one that the library uses, and others for as long as work needs them. */
import type { Library } from '../../storage/index.ts'
import { knownSpeed, type Machine } from './encoder-speed.ts'
import type { BundleStore, FeatureEncoder } from '../shared/ports.ts'

const settingName = 'encoder'

export type EncoderSet = {
  /** Id of the bundle that the library uses. */
  activeBundle(): Promise<string>
  /** The encoder that the library uses. @throws AppError `encoder.missing`, `encoder.invalid` */
  active(): Promise<FeatureEncoder>
  /** Its id, without opening it. */
  activeId(): Promise<string>
  open(bundle: string): Promise<FeatureEncoder>
  /** An open encoder by its encoder id. */
  opened(encoderId: string): FeatureEncoder | undefined
  /** Makes a bundle the one that the library uses. */
  use(library: Library, bundle: string): void
  /** Frees what a bundle holds in memory; its next use opens it again. */
  release(bundle: string): Promise<void>
  close(): Promise<void>
}

/**
 * @param library null while there is none: then the engine's own bundle is used
 * @param machine whose measured settings encoders are opened with
 */
export function createEncoderSet(
  bundles: BundleStore,
  library: () => Library | null,
  machine: () => Machine,
): EncoderSet {
  const opening = new Map<string, Promise<FeatureEncoder>>()
  const byId = new Map<string, FeatureEncoder>()

  const open = (bundle: string): Promise<FeatureEncoder> => {
    const found = opening.get(bundle)
    if (found !== undefined) return found
    const opened = bundles.open(bundle).then(async (encoder) => {
      const of = library()
      const speed = of === null ? null : knownSpeed(of, encoder.id, machine())
      if (speed !== null) await encoder.tune?.(speed)
      byId.set(encoder.id, encoder)
      return encoder
    })
    opening.set(bundle, opened)
    opened.catch(() => opening.delete(bundle)) // the next call may find the bundle
    return opened
  }
  const activeBundle = async (): Promise<string> => {
    const chosen = library()?.settings.get(settingName)
    return typeof chosen === 'string' ? chosen : (await bundles.list())[0]!.id
  }
  const release = async (bundle: string): Promise<void> => {
    const encoder = await opening.get(bundle)?.catch(() => undefined) // its failure went to whoever asked
    opening.delete(bundle)
    if (encoder === undefined) return
    byId.delete(encoder.id)
    await encoder.dispose()
  }
  return {
    activeBundle,
    active: async () => open(await activeBundle()),
    async activeId() {
      const bundle = await activeBundle()
      const encoder = opening.get(bundle)
      if (encoder !== undefined) return (await encoder).id
      const info = (await bundles.list()).find(({ id }) => id === bundle)
      // A missing bundle is explained by opening it.
      return info?.encoderId ?? (await open(bundle)).id
    },
    open,
    opened: (encoderId) => byId.get(encoderId),
    use: (of, bundle) => of.settings.set(settingName, bundle),
    release,
    async close() {
      await Promise.all([...opening.keys()].map(release))
    },
  }
}

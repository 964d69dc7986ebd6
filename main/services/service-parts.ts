/** What the features need from outside, all together: built by engine-parts.ts for the app, faked by tests. */
import type { Runtime } from '../runtime/index.ts'
import type { FoundFile } from '../storage/index.ts'
import type { VectorIndex } from '../search/index.ts'
import type { EndpointOutside } from './endpoint/index.ts'
import type { MediaTools, VideoReader } from './library/index.ts'
import type { OpenLibrary } from './shared/library-access.ts'
import type { BundleStore } from './shared/ports.ts'
import type { BlockCosts, DeviceParts, Trainer } from './training/index.ts'

export type ServiceParts = DeviceParts & {
  readonly libraryDir: string
  readonly openLibrary: OpenLibrary
  readonly restoreLibrary: (file: string) => { keptAside: string | null }
  readonly hashContent: (path: string, options: { signal: AbortSignal }) => Promise<Omit<FoundFile, 'path'>>
  readonly reader: VideoReader
  readonly mediaTools: MediaTools
  /** Encoders are opened when first needed; the services dispose of them. */
  readonly bundles: BundleStore
  readonly openVectorIndex: (dim: number) => Promise<VectorIndex>
  readonly trainer: Trainer
  /** Runs graphs of the features' own, on the device that the user chose. */
  readonly runtime: () => Promise<Runtime>
  readonly blockCosts: BlockCosts
  /** The way to the customer's vision model. */
  readonly endpoint: EndpointOutside
  /** Bytes of memory that are free now. */
  readonly availableMemory: () => number
  /** Folder of the sample catalogue. */
  readonly sampleDir: string
  /** Where a window without a file dialog begins to look. */
  readonly browseRoots: readonly string[]
  readonly appVersion: string
  /** Null where the host keeps none. */
  readonly logFile: string | null
  /** Name and processor cores of this computer. */
  readonly computer: { readonly name: string; readonly cores: number }
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A new unique id; letters, digits and dashes. */
  readonly newId: () => string
}

/** The model bundles of a library: the engine's own one, and those that were added, each a folder in `encoders/`. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../contract/index.ts'
import {
  createEncoder,
  createHttpClient,
  downloadExport,
  encoderIdOf,
  importBundle,
  loadBundle,
  openUpperBlocks,
  openUpperTextBlocks,
  planDownload,
  precisions,
  readBundleManifest,
  recipeOf,
  writeBundle,
  type AnyManifest,
  type Bundle,
  type HttpClient,
  type Precision,
  type ProxySettings,
} from '../../encoders/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { encodersDirOf } from '../shared/library-folders.ts'
import type { AddedBundle, BundleInfo, BundleStore, HubRequest } from '../shared/ports.ts'

export type BundleStoreParts = {
  /** Folder of the engine's own bundle. */
  readonly ownBundleDir: string
  readonly libraryDir: string
  readonly runtime: () => Promise<Runtime>
  readonly newId: () => string
  /** Address of the model hub. */
  readonly hubUrl: string
  readonly proxies: ProxySettings
  /** Rejects when the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** Beside the bundles; a name with a dot in front is none. */
const downloadsName = '.downloads'

/** `folderOf`: where the files of a bundle lie. @throws AppError `encoder.missing` */
export function createBundleStore(
  parts: BundleStoreParts,
): BundleStore & { readonly folderOf: (id: string) => Promise<string> } {
  const { ownBundleDir, libraryDir, runtime, newId, hubUrl, wait } = parts
  const bundlesDir = encodersDirOf(libraryDir)

  const describe = async (folder: string, isOwn: boolean): Promise<BundleInfo> => {
    const manifest = await readBundleManifest(folder)
    return { ...infoOf(manifest), sizeBytes: await sizeOf(folder), isOwn }
  }
  const added = async (): Promise<string[]> => {
    const entries = await readdir(bundlesDir, { withFileTypes: true }).catch(() => []) // none was added yet
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name)
  }
  const folderOf = async (id: string): Promise<string> => {
    if ((await added()).includes(id)) return join(bundlesDir, id)
    const own = await readBundleManifest(ownBundleDir)
    if (own.id === id) return ownBundleDir
    throw new AppError('encoder.missing', `There is no encoder "${id}". Run mama encoders list to see them.`, {
      bundle: id,
    })
  }
  const bundleOf = async (id: string): Promise<Bundle> => loadBundle(await folderOf(id))
  const add = async (
    { source, name, precision }: { source: string; name?: string | undefined; precision?: string | undefined },
    { signal, onStage }: { signal: AbortSignal; onStage: (stage: string) => void },
  ): Promise<AddedBundle> => {
    const imported = await importBundle({
      ...{ source, bundlesDir, runtime: await runtime(), newId, name, signal, onStage },
      precision: precisionOf(precision),
    })
    const { findings, wasThere } = imported
    return { bundle: await describe(imported.folder, false), findings, wasThere }
  }
  const online = async <T>(work: (http: HttpClient) => Promise<T>): Promise<T> => {
    const http = createHttpClient(parts.proxies)
    try {
      return await work(http)
    } finally {
      await http.close()
    }
  }
  const wished = (request: HubRequest, signal: AbortSignal) => ({
    ...{ name: request.name, revision: request.revision, precision: precisionOf(request.precision), signal },
  })
  return {
    folderOf,
    async list() {
      const own = await describe(ownBundleDir, true)
      const others = await Promise.all(
        // A folder that holds no bundle was put there by somebody else.
        (await added()).sort().map((name) => describe(join(bundlesDir, name), false).catch(() => null)),
      )
      return [own, ...others.filter((bundle) => bundle !== null && bundle.id !== own.id)] as BundleInfo[]
    },
    add,
    plan: (request, signal) =>
      online(async (http) => {
        const { model, files, totalBytes } = await planDownload({ hubUrl, http, wait }, wished(request, signal))
        return { licence: model.licence, commit: model.commit, files, totalBytes }
      }),
    download: (request, { signal, onStage, onBytes }) =>
      online(async (http) => {
        const hub = { hubUrl, http, wait }
        onStage('asking the hub')
        const plan = await planDownload(hub, wished(request, signal))
        const folder = await downloadExport(hub, plan, join(bundlesDir, downloadsName), { signal, onBytes })
        const name = request.name.split('/').at(-1)!
        const added = await add({ source: folder, name, precision: request.precision }, { signal, onStage })
        await rm(folder, { recursive: true, force: true })
        return { ...added, downloadedBytes: plan.totalBytes }
      }),
    async remove(id) {
      if (!(await added()).includes(id)) throw new AppError('usage', `"${id}" came with the app and cannot be removed.`)
      await rm(join(bundlesDir, id), { recursive: true, force: true })
    },
    open: async (id) => createEncoder({ bundle: await bundleOf(id), runtime: await runtime() }),
    cut: async (id, blocks) => openUpperBlocks({ bundle: await bundleOf(id), runtime: await runtime(), blocks }),
    cutTexts: async (id, blocks, texts) =>
      openUpperTextBlocks({ bundle: await bundleOf(id), runtime: await runtime(), blocks, texts }),
    openWith: async (id, graphs) => createEncoder({ bundle: await bundleOf(id), runtime: await runtime(), ...graphs }),
    write: async (id, written) => {
      const bundle = await bundleOf(id)
      return writeBundle({ ...written, bundle, name: `${bundle.manifest.name} ${written.name}` })
    },
  }
}

function infoOf(manifest: AnyManifest): Omit<BundleInfo, 'sizeBytes' | 'isOwn'> {
  const { dim, image, text } = recipeOf(manifest)
  const halves = manifest.format === 1 ? ['fp32'] : [manifest.image.precision, manifest.text.precision]
  return {
    ...{ id: manifest.id, encoderId: encoderIdOf(manifest), name: manifest.name, family: manifest.kind },
    ...{ licence: manifest.licence, precision: [...new Set(halves)].join(' and ') },
    ...{ dim, imageSize: image.size, contextLength: text.contextLength },
  }
}

function precisionOf(name: string | undefined): Precision | undefined {
  if (name === undefined) return undefined
  const found = precisions.find((precision) => precision === name)
  if (found !== undefined) return found
  throw new AppError('usage', `"${name}" is no precision. Choose one of: ${precisions.join(', ')}.`, {
    precision: name,
  })
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

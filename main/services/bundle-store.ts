/** The model bundles of a library: the engine's own one, and those that were added, each a folder in `encoders/`. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../contract/index.ts'
import {
  createEncoder,
  encoderIdOf,
  importBundle,
  loadBundle,
  precisions,
  readBundleManifest,
  recipeOf,
  type AnyManifest,
  type Precision,
} from '../encoders/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { BundleInfo, BundleStore } from './ports.ts'

export type BundleStoreParts = {
  /** Folder of the engine's own bundle. */
  readonly ownBundleDir: string
  readonly libraryDir: string
  readonly runtime: () => Promise<Runtime>
  readonly newId: () => string
}

export function bundlesDirOf(libraryDir: string): string {
  return join(libraryDir, 'encoders')
}

export function createBundleStore({ ownBundleDir, libraryDir, runtime, newId }: BundleStoreParts): BundleStore {
  const bundlesDir = bundlesDirOf(libraryDir)

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
  return {
    async list() {
      const own = await describe(ownBundleDir, true)
      const others = await Promise.all(
        // A folder that holds no bundle was put there by somebody else.
        (await added()).sort().map((name) => describe(join(bundlesDir, name), false).catch(() => null)),
      )
      return [own, ...others.filter((bundle) => bundle !== null && bundle.id !== own.id)] as BundleInfo[]
    },
    async add({ source, name, precision }, { signal, onStage }) {
      const imported = await importBundle({
        ...{ source, bundlesDir, runtime: await runtime(), newId, name, signal, onStage },
        precision: precision === undefined ? undefined : precisionOf(precision),
      })
      const { findings, wasThere } = imported
      return { bundle: await describe(imported.folder, false), findings, wasThere }
    },
    async remove(id) {
      if (!(await added()).includes(id)) throw new AppError('usage', `"${id}" came with the app and cannot be removed.`)
      await rm(join(bundlesDir, id), { recursive: true, force: true })
    },
    open: async (id) => createEncoder({ bundle: await loadBundle(await folderOf(id)), runtime: await runtime() }),
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

function precisionOf(name: string): Precision {
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

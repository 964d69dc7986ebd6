/**
 * Writes a bundle whose blocks were trained as a bundle of its own: plain ONNX files and a manifest, for any ONNX runtime
 * and for `importBundle`.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AppError } from '../contract/index.ts'
import { inspectModel } from '../graph/index.ts'
import type { Bundle } from './bundle.ts'
import { slug } from './family.ts'
import { bundleFiles } from './manifest.ts'
import { checkDisk } from './unpack.ts'

export type WriteBundleOptions = {
  /** What is written, but for the graphs that take the place of its own. */
  readonly bundle: Bundle
  /** Made by this call; may be there when it is empty. */
  readonly folder: string
  /** What people read; the id is made of it. */
  readonly name: string
  readonly graphs: { readonly vision?: Uint8Array | undefined; readonly text?: Uint8Array | undefined }
  /** More files by name, such as the towers. */
  readonly further: Readonly<Record<string, Uint8Array>>
}

/**
 * Nothing is left behind by a failure.
 * @throws AppError `input.invalid` when the folder holds something; `disk.full`
 */
export async function writeBundle(options: WriteBundleOptions): Promise<{ files: string[]; sizeBytes: number }> {
  const { bundle, name, graphs, further } = options
  const folder = resolve(options.folder)
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? [] : ['?']))
  if (there.length > 0) {
    throw new AppError('input.invalid', `${folder} is there already. Name a folder that does not exist yet.`, {
      folder,
    })
  }
  const halves = ['vision', 'text'] as const
  const kept = halves.filter((half) => graphs[half] === undefined)
  const besides = await Promise.all(
    kept.map(async (half) => inspectModel(new Uint8Array(await readFile(bundle.paths[half]))).externalTensors),
  )
  const copied = [
    ...kept.map((half) => bundleFiles[half]),
    bundleFiles.tokenizer,
    ...new Set(besides.flat().map(({ location }) => location)),
  ]
  const sizes = await Promise.all(copied.map(async (file) => (await stat(join(bundle.folder, file))).size))
  const trained = halves.flatMap((half) =>
    graphs[half] === undefined ? [] : [[bundleFiles[half], graphs[half]] as const],
  )
  const made = { ...Object.fromEntries(trained), ...further }
  const total = [...sizes, ...Object.values(made).map(({ length }) => length)].reduce((sum, size) => sum + size, 0)
  await mkdir(dirname(folder), { recursive: true })
  await checkDisk(dirname(folder), total)

  const staged = join(dirname(folder), `.${basename(folder)}.partial`)
  await rm(staged, { recursive: true, force: true })
  await mkdir(staged)
  try {
    const hashes: Record<string, string> = {}
    const write = async (file: string, bytes: Uint8Array): Promise<void> => {
      await writeFile(join(staged, file), bytes)
      hashes[file] = createHash('sha256').update(bytes).digest('hex')
    }
    for (const [file, bytes] of Object.entries(made)) await write(file, bytes)
    for (const file of copied) await write(file, new Uint8Array(await readFile(join(bundle.folder, file))))
    const manifest = { ...bundle.manifest, id: slug(name), name, files: hashes }
    await writeFile(join(staged, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    await rm(folder, { recursive: true, force: true })
    await rename(staged, folder)
  } finally {
    await rm(staged, { recursive: true, force: true })
  }
  return { files: [...Object.keys(made), ...copied, 'manifest.json'], sizeBytes: total }
}

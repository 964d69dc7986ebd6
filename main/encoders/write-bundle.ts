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
  /** What is written, but for its graph of pictures. */
  readonly bundle: Bundle
  /** Made by this call; may be there when it is empty. */
  readonly folder: string
  /** What people read; the id is made of it. */
  readonly name: string
  readonly vision: Uint8Array
  /** More files by name, such as the towers. */
  readonly further: Readonly<Record<string, Uint8Array>>
}

/**
 * Nothing is left behind by a failure.
 * @throws AppError `input.invalid` when the folder holds something; `disk.full`
 */
export async function writeBundle(options: WriteBundleOptions): Promise<{ files: string[]; sizeBytes: number }> {
  const { bundle, name, vision, further } = options
  const folder = resolve(options.folder)
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? [] : ['?']))
  if (there.length > 0) {
    throw new AppError('input.invalid', `${folder} is there already. Name a folder that does not exist yet.`, {
      folder,
    })
  }
  const text = new Uint8Array(await readFile(bundle.paths.text))
  const beside = new Set(inspectModel(text).externalTensors.map(({ location }) => location))
  const copied = [bundleFiles.text, bundleFiles.tokenizer, ...beside]
  const sizes = await Promise.all(copied.map(async (file) => (await stat(join(bundle.folder, file))).size))
  const made = { [bundleFiles.vision]: vision, ...further }
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

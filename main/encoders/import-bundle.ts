/**
 * Makes a model bundle of a published export: reads it, copies what is needed, tests it, and only then gives it its place.
 * What `writeBundle` wrote is a bundle already, and is copied as it is.
 * Whatever fails or is stopped leaves nothing behind.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../contract/index.ts'
import { inspectModel } from '../graph/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { encoderIdOf, loadBundle, readBundleManifest } from './bundle.ts'
import { createEncoder } from './encoder.ts'
import { slug } from './family.ts'
import { inspectExport, type Finding, type Inspection, type InspectedHalf } from './inspect-export.ts'
import { bundleFiles, type AnyManifest, type ImportedManifest, type Precision } from './manifest.ts'
import { measureWidth } from './measure-width.ts'
import { ExportProblem } from './refusal.ts'
import { selfTest, type SelfTest } from './self-test.ts'
import { checkDisk, unpackArchive } from './unpack.ts'

export type ImportOptions = {
  /** A folder of an export or of a written bundle, or a ZIP archive of one. */
  readonly source: string
  /** Where bundles are kept, one folder each. */
  readonly bundlesDir: string
  readonly runtime: Runtime
  /** A new unique id. */
  readonly newId: () => string
  readonly name?: string | undefined
  /** Default: the most exact one that is there. */
  readonly precision?: Precision | undefined
  readonly signal?: AbortSignal | undefined
  /** Called with a short English phrase when the next part of the work begins. */
  readonly onStage?: ((stage: string) => void) | undefined
}

export type ImportedBundle = {
  readonly folder: string
  readonly manifest: AnyManifest
  readonly encoderId: string
  readonly findings: readonly Finding[]
  readonly selfTest: SelfTest
  /** It was there before; nothing was changed. */
  readonly wasThere: boolean
}

const stagingPrefix = '.incoming-'

/** @throws AppError `input.missing`, `encoder.invalid` (params.reason says what is missing), `disk.full`; an AbortError */
export async function importBundle(options: ImportOptions): Promise<ImportedBundle> {
  const { source, bundlesDir, newId, signal } = options
  const info = await stat(source).catch((cause: unknown) => {
    throw new AppError('input.missing', `${source} does not exist. Check the path.`, { path: source }, { cause })
  })
  await mkdir(bundlesDir, { recursive: true })
  await removeLeftovers(bundlesDir)
  const staging = join(bundlesDir, `${stagingPrefix}${newId()}`)
  try {
    return await importFrom(info.isDirectory() ? source : await unpacked(), staging)
  } catch (error) {
    signal?.throwIfAborted()
    throw error instanceof ExportProblem ? refused(source, error) : error
  } finally {
    await rm(staging, { recursive: true, force: true })
  }

  async function unpacked(): Promise<string> {
    options.onStage?.('unpacking the archive')
    const folder = join(staging, 'unpacked')
    await unpackArchive(source, folder, { signal })
    return folder
  }

  async function importFrom(folder: string, staged: string): Promise<ImportedBundle> {
    options.onStage?.('looking at the files')
    const bundle = join(staged, 'bundle')
    await mkdir(bundle, { recursive: true })
    // A manifest.json of another kind is none of ours.
    if ((await readBundleManifest(folder).catch(() => null)) !== null) {
      const manifest = await copyBundle(folder, bundle, options)
      const name = `${manifest.name} (${manifest.kind})`
      return place(bundle, manifest, [{ state: 'ok', topic: 'bundle', sentence: `A bundle of this app: ${name}.` }])
    }
    // An unpacked folder has no name of its own.
    const named = options.name ?? (folder === source ? undefined : basename(source).replace(/\.zip$/i, ''))
    const found = await inspectExport(folder, { precision: options.precision, name: named, signal })
    await checkDisk(bundlesDir, found.sizeBytes)
    options.onStage?.('copying')
    const files = await copyFiles(found, bundle, signal)
    options.onStage?.('testing')
    const paths = { vision: join(bundle, bundleFiles.vision), text: join(bundle, bundleFiles.text) }
    const embeddingWidth = await measureWidth(options.runtime, found.draft, paths)
    const manifest: ImportedManifest = { ...found.draft, embeddingWidth, files }
    await writeFile(join(bundle, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    return place(bundle, manifest, found.findings)
  }

  /** Tests what lies in `bundle` and gives it its place. */
  async function place(bundle: string, manifest: AnyManifest, known: readonly Finding[]): Promise<ImportedBundle> {
    const tested = await testBundle(bundle, options.runtime, signal)
    if (!tested.passed) throw new ExportProblem(`${tested.sentence} (the self-test that every encoder must pass)`)
    const findings: Finding[] = [...known, { state: 'ok', topic: 'self-test', sentence: `Passed: ${tested.sentence}.` }]
    const settled = await placeFor(manifest, bundlesDir)
    if (!settled.wasThere) await settle(bundle, settled, manifest)
    return {
      folder: settled.folder,
      ...{ encoderId: encoderIdOf({ ...manifest, id: settled.id }), findings, selfTest: tested },
      manifest: { ...manifest, id: settled.id },
      wasThere: settled.wasThere,
    }
  }
}

async function settle(bundle: string, place: { folder: string; id: string }, manifest: AnyManifest): Promise<void> {
  if (place.id !== manifest.id) {
    await writeFile(join(bundle, 'manifest.json'), `${JSON.stringify({ ...manifest, id: place.id }, null, 2)}\n`)
  }
  await rename(bundle, place.folder)
}

/** Opens the bundle in `folder` and tests it. Frees everything again. */
export async function testBundle(folder: string, runtime: Runtime, signal?: AbortSignal): Promise<SelfTest> {
  const options = signal === undefined ? {} : { signal }
  const bundle = await loadBundle(folder, options)
  const { manifest } = bundle
  const isQuantised =
    manifest.format === 2 &&
    [manifest.image, manifest.text].some(({ precision }) => !['fp32', 'fp16'].includes(precision))
  const encoder = createEncoder({ bundle, runtime })
  try {
    return await selfTest(encoder, { ...options, isQuantised })
  } finally {
    await encoder.dispose()
  }
}

/** Graphs under the names of a bundle, weights beside them under their own; returns sha256 by name. */
async function copyFiles(
  found: Inspection,
  bundle: string,
  signal: AbortSignal | undefined,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  const graph = async (half: InspectedHalf, name: string): Promise<void> => {
    await writeFile(join(bundle, name), half.bytes)
    hashes[name] = createHash('sha256').update(half.bytes).digest('hex')
  }
  await graph(found.vision, bundleFiles.vision)
  await graph(found.text, bundleFiles.text)
  const data = new Set([...found.vision.dataFiles, ...found.text.dataFiles])
  for (const path of [found.tokenizerPath, ...data]) {
    const name = path === found.tokenizerPath ? bundleFiles.tokenizer : basename(path)
    if (name in hashes || name === 'manifest.json') throw new ExportProblem(`two of its files would be ${name}`)
    hashes[name] = await copyHashed(path, join(bundle, name), signal)
  }
  return hashes
}

/** A bundle as it is, each file held against its hash; a name that was asked for takes the place of its own. */
async function copyBundle(from: string, to: string, { bundlesDir, name, signal }: ImportOptions): Promise<AnyManifest> {
  const { manifest, paths } = await loadBundle(from, signal === undefined ? {} : { signal })
  const files = Object.keys(manifest.files)
  for (const graph of [paths.vision, paths.text]) {
    const outside = inspectModel(new Uint8Array(await readFile(graph))).externalTensors.find(
      ({ location }) => !files.includes(location),
    )
    if (outside !== undefined) {
      throw new ExportProblem(`its ${basename(graph)} reads "${outside.location.slice(0, 80)}", which it does not list`)
    }
  }
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(from, file))).size))
  await checkDisk(
    bundlesDir,
    sizes.reduce((sum, size) => sum + size, 0),
  )
  for (const file of files) await copyHashed(join(from, file), join(to, file), signal)
  const named = name === undefined ? manifest : { ...manifest, name, id: slug(name) }
  await writeFile(join(to, 'manifest.json'), `${JSON.stringify(named, null, 2)}\n`)
  return named
}

async function copyHashed(from: string, to: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256')
  const hashed = async function* (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      hash.update(piece)
      yield piece
    }
  }
  const reading = createReadStream(from, { highWaterMark: 1 << 20 })
  await pipeline(reading, hashed, createWriteStream(to), signal === undefined ? {} : { signal })
  return hash.digest('hex')
}

/** Its own place, the place of the same bundle imported before, or a numbered one when another has the name. */
async function placeFor(
  manifest: AnyManifest,
  bundlesDir: string,
): Promise<{ folder: string; id: string; wasThere: boolean }> {
  for (let number = 1; ; number++) {
    const id = number === 1 ? manifest.id : `${manifest.id}-${number}`
    const folder = resolve(bundlesDir, id)
    const there = await readBundleManifest(folder).catch(() => null)
    if (there !== null && encoderIdOf(there) === encoderIdOf({ ...manifest, id })) return { folder, id, wasThere: true }
    const isFree = there === null && id !== 'built-in' && !(await stat(folder).catch(() => null))
    if (isFree) return { folder, id, wasThere: false }
  }
}

/** One process writes to a library at a time, so what lies there is of a process that was killed. */
async function removeLeftovers(bundlesDir: string): Promise<void> {
  for (const name of await readdir(bundlesDir)) {
    if (name.startsWith(stagingPrefix)) await rm(join(bundlesDir, name), { recursive: true, force: true })
  }
}

function refused(source: string, problem: ExportProblem): AppError {
  return new AppError(
    'encoder.invalid',
    `"${basename(source)}" cannot be used as an encoder because ${problem.message}.`,
    { bundle: basename(source), reason: problem.message },
    { cause: problem },
  )
}

/** Opens a model bundle folder: reads the manifest, checks that every file is there and is the one it names. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppError } from '../contract/index.ts'
import { anyManifestSchema, bundleFiles, type AnyManifest } from './manifest.ts'
import { recipeOf, type Recipe } from './recipe.ts'

export type Bundle = {
  readonly folder: string
  readonly manifest: AnyManifest
  readonly recipe: Recipe
  /** 64 hexadecimal digits over everything that changes an embedding: files and preparation, but not name or licence. */
  readonly contentHash: string
  /** Full paths. */
  readonly paths: Readonly<Record<keyof typeof bundleFiles, string>>
}

/**
 * Opens the bundle in `folder`, checking every listed file against its sha256.
 * @throws AppError `encoder.missing` without a manifest there; `encoder.invalid` when the manifest cannot be read or a
 *   file is absent or differs; an AbortError when `signal` aborts
 */
export async function loadBundle(folder: string, options: { readonly signal?: AbortSignal } = {}): Promise<Bundle> {
  const manifest = parseManifest(await readManifest(folder), folder)
  for (const [file, expected] of Object.entries(manifest.files)) {
    options.signal?.throwIfAborted()
    const actual = await hashOf(join(folder, file), folder, options.signal)
    if (actual !== expected) {
      throw invalid(folder, `the file ${file} is not the one its manifest describes (sha256 ${actual.slice(0, 12)}...)`)
    }
  }
  return {
    folder,
    manifest,
    recipe: recipeOf(manifest),
    contentHash: contentHashOf(manifest),
    paths: {
      vision: join(folder, bundleFiles.vision),
      text: join(folder, bundleFiles.text),
      tokenizer: join(folder, bundleFiles.tokenizer),
    },
  }
}

/** The manifest of the bundle in `folder`; its files are not looked at. Throws as `loadBundle` does. */
export async function readBundleManifest(folder: string): Promise<AnyManifest> {
  return parseManifest(await readManifest(folder), folder)
}

/** Id of the encoder that the bundle in `folder` makes, from its manifest alone. Throws as `loadBundle` does. */
export async function readEncoderId(folder: string): Promise<string> {
  return encoderIdOf(await readBundleManifest(folder))
}

/** Changes whenever embeddings could: bundle id and content hash. */
export function encoderIdOf(manifest: AnyManifest): string {
  return `${manifest.id}@${contentHashOf(manifest).slice(0, 16)}`
}

/** The refusal of a bundle; `reason` is a clause that follows "because". */
export function invalid(folder: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    'encoder.invalid',
    `The model bundle "${basename(folder)}" cannot be used because ${reason}. Get the bundle again or choose another.`,
    { bundle: basename(folder), reason },
    { cause },
  )
}

async function readManifest(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, 'manifest.json'), 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw invalid(folder, 'its manifest.json cannot be read', cause)
    throw new AppError(
      'encoder.missing',
      `There is no model bundle in "${folder}": it holds no manifest.json. Choose the folder of a model bundle.`,
      { bundle: basename(folder) },
      { cause },
    )
  }
}

function parseManifest(text: string, folder: string): AnyManifest {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (cause) {
    throw invalid(folder, 'its manifest.json is not valid JSON', cause)
  }
  const result = anyManifestSchema.safeParse(content)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const field = issue?.path.join('.') ?? ''
  throw invalid(folder, `its manifest.json is wrong at "${field}": ${issue?.message ?? 'unknown form'}`, result.error)
}

/** sha256 of a file in hexadecimal, read in pieces: bundles can hold gigabytes. */
async function hashOf(path: string, folder: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) })) {
      hash.update(piece as Uint8Array)
    }
  } catch (cause) {
    signal?.throwIfAborted()
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw invalid(folder, `the file ${basename(path)} ${missing ? 'is missing' : 'cannot be read'}`, cause)
  }
  return hash.digest('hex')
}

function contentHashOf({ format, embeddingWidth, image, text, files }: AnyManifest): string {
  const hashed = format === 1 ? Object.values(bundleFiles) : Object.keys(files).sort()
  const sorted = hashed.map((file) => [file, files[file]])
  return createHash('sha256')
    .update(JSON.stringify({ embeddingWidth, image, text, files: sorted }))
    .digest('hex')
}

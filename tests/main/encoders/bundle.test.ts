import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../main/contract/index.ts'
import { loadBundle, type BundleManifestInput } from '../../../main/encoders/index.ts'
import { writeBundle } from './bundles.ts'

async function refusalOf(folder: string): Promise<AppError> {
  const error: unknown = await loadBundle(folder).catch((refusal: unknown) => refusal)
  expect(error).toBeInstanceOf(AppError)
  return error as AppError
}

function changeManifest(folder: string, change: (manifest: Record<string, unknown>) => void): void {
  const path = join(folder, 'manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  change(manifest)
  writeFileSync(path, JSON.stringify(manifest))
}

describe('loadBundle', () => {
  it('opens a bundle, fills in the usual names and gives full paths', async () => {
    const folder = writeBundle()
    const bundle = await loadBundle(folder)
    expect(bundle.manifest.image.input).toBe('pixel_values')
    expect(bundle.manifest.text.mask).toBe('attention_mask')
    expect(bundle.paths.tokenizer).toBe(join(folder, 'tokenizer.json'))
  })

  it('says that no bundle is there when the folder or its manifest is missing', async () => {
    expect((await refusalOf('/no/such/folder')).code).toBe('encoder.missing')
    const folder = writeBundle()
    rmSync(join(folder, 'manifest.json'))
    expect((await refusalOf(folder)).code).toBe('encoder.missing')
  })

  it('refuses a bundle with a missing file and names the file', async () => {
    const folder = writeBundle()
    rmSync(join(folder, 'text.onnx'))
    const error = await refusalOf(folder)
    expect(error.code).toBe('encoder.invalid')
    expect(error.message).toContain('text.onnx is missing')
  })

  it('refuses a file that differs by one byte from what the manifest names', async () => {
    const folder = writeBundle()
    const path = join(folder, 'vision.onnx')
    const bytes = readFileSync(path)
    bytes[bytes.length - 1]! ^= 1
    writeFileSync(path, bytes)
    expect((await refusalOf(folder)).message).toContain('vision.onnx is not the one')
  })

  it('refuses a manifest that is not JSON', async () => {
    const folder = writeBundle()
    writeFileSync(join(folder, 'manifest.json'), '{')
    expect((await refusalOf(folder)).message).toContain('not valid JSON')
  })

  it.each<[string, (manifest: BundleManifestInput & Record<string, unknown>) => void]>([
    ['embeddingWidth', (manifest) => (manifest.embeddingWidth = 0)],
    ['image.deviation', (manifest) => (manifest.image.deviation = [1, 0, 1])],
    ['files', (manifest) => delete manifest.files['text.onnx']],
    ['files', (manifest) => (manifest.files['../other'] = manifest.files['text.onnx']!)],
    ['format', (manifest) => Object.assign(manifest, { format: 3 })],
  ])('refuses a manifest with a wrong %s and says where', async (field, change) => {
    const folder = writeBundle()
    changeManifest(folder, change as (manifest: Record<string, unknown>) => void)
    const error = await refusalOf(folder)
    expect(error.code).toBe('encoder.invalid')
    expect(error.message).toContain(`wrong at "${field}`)
  })

  it('gives a content hash that follows what changes embeddings, and not the name', async () => {
    const plain = await loadBundle(writeBundle())
    const renamed = await loadBundle(writeBundle({ manifest: { name: 'Other', licence: 'CC0-1.0' } }))
    const darker = await loadBundle(
      writeBundle({ manifest: { image: { size: 8, mean: [0.1, 0.5, 1], deviation: [1, 0.5, 0.25] } } }),
    )
    expect(renamed.contentHash).toBe(plain.contentHash)
    expect(darker.contentHash).not.toBe(plain.contentHash)
  })

  it('stops when it is cancelled', async () => {
    await expect(loadBundle(writeBundle(), { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
  })
})

/** The small published-style exports in tests/fixtures/encoders, and what PyTorch and Pillow make of them. */
import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { importBundle, type ImportedBundle, type ImportOptions } from '../../../main/encoders/index.ts'
import type { Runtime } from '../../../main/runtime/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

export const exportNames = ['clip', 'siglip', 'siglip2', 'mobileclip', 'mobileclip2', 'multilingual'] as const
export type ExportName = (typeof exportNames)[number]

export type Reference = {
  readonly texts: readonly string[]
  readonly ids: readonly (readonly number[])[]
  readonly masks: readonly (readonly number[])[] | null
  readonly textEmbeddings: readonly (readonly number[])[]
  /** Width and height of pictures that `picture` draws. */
  readonly pictures: readonly (readonly [number, number])[]
  /** Each picture as the image processor makes it, [S, S, 3] uint8, base64. */
  readonly prepared: readonly string[]
  readonly imageEmbeddings: readonly (readonly number[])[]
}

const fixtures = 'tests/fixtures/encoders'

export function exportFolder(name: ExportName): string {
  return join(fixtures, name)
}

export function referenceOf(name: ExportName): Reference {
  return JSON.parse(readFileSync(join(fixtures, name, 'reference.json'), 'utf8')) as Reference
}

/** A copy of an export that a test may spoil. */
export function copyExport(name: ExportName): string {
  const folder = join(temporaryFolder('export'), name)
  cpSync(exportFolder(name), folder, { recursive: true })
  return folder
}

/** CLIP with one graph for both halves instead of two. */
export function copyCombinedExport(): string {
  const folder = copyExport('clip')
  rmSync(join(folder, 'onnx'), { recursive: true })
  cpSync(join(fixtures, 'clip-combined', 'onnx'), join(folder, 'onnx'), { recursive: true })
  return folder
}

/** The export inside another folder, as archives wrap it. */
export function wrap(folder: string): string {
  const outer = temporaryFolder('wrapped')
  renameSync(folder, join(outer, 'inner'))
  return outer
}

export function freshBundlesDir(): string {
  return join(temporaryFolder('bundles'), 'encoders')
}

let ids = 0
export function importFrom(
  source: string,
  runtime: Runtime,
  options: Partial<ImportOptions> = {},
): Promise<ImportedBundle> {
  return importBundle({ source, bundlesDir: freshBundlesDir(), runtime, newId: () => `test-${++ids}`, ...options })
}

/** The rule of tools/export.py: [height, width, 3] uint8 */
export function picture(width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const board = ((Math.floor(x / 8) + Math.floor(y / 8)) % 2) * 90
        rgb[(y * width + x) * 3 + c] = (x * 7 + y * 13 + c * 29 + ((x * y) % 17) * 5 + board) % 256
      }
    }
  }
  return rgb
}

export function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tensor, type TensorMap } from '../../../main/base/index.ts'
import {
  createEncoder,
  createPixelConverter,
  fitPicture,
  loadBundle,
  loadTokenizer,
  readEncoderId,
  readProcessor,
  type Encoder,
  type ImportedBundle,
  inspectExport,
} from '../../../main/encoders/index.ts'
import { createRuntime, type Runtime } from '../../../main/runtime/index.ts'
import {
  bytesOf,
  copyCombinedExport,
  copyExport,
  exportFolder,
  exportNames,
  importFrom,
  picture,
  referenceOf,
  wrap,
  type ExportName,
} from './exports.ts'

const builtIn = 'resources/models/built-in'
let runtime: Runtime
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 })
})
afterAll(() => runtime.dispose())

async function encoderOf({ folder }: ImportedBundle): Promise<Encoder> {
  return createEncoder({ bundle: await loadBundle(folder), runtime })
}

function json(name: ExportName, file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(exportFolder(name), file), 'utf8')) as Record<string, unknown>
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!
    aa += a[i]! ** 2
    bb += b[i]! ** 2
  }
  return dot / Math.sqrt(aa * bb)
}

function rowsOf(values: Float32Array, dim: number): Float32Array[] {
  return Array.from({ length: values.length / dim }, (_, i) => values.subarray(i * dim, (i + 1) * dim))
}

function largestDifference(rows: readonly ArrayLike<number>[], expected: readonly (readonly number[])[]): number {
  return Math.max(...expected.flatMap((row, i) => row.map((value, d) => Math.abs(value - rows[i]![d]!))))
}

async function encodeAll(
  encoder: Encoder,
  name: ExportName,
): Promise<{ texts: Float32Array[]; images: Float32Array[] }> {
  const { texts, pictures } = referenceOf(name)
  const { imageSize: size, imageFit, dim } = encoder
  const rgb = new Uint8Array(pictures.length * size * size * 3)
  pictures.forEach(([width, height], i) => {
    rgb.set(fitPicture(picture(width, height), width, height, size, imageFit!), i * size * size * 3)
  })
  return {
    texts: rowsOf(await encoder.encodeTexts(texts), dim),
    images: rowsOf(await encoder.encodeImages(rgb, pictures.length), dim),
  }
}

describe.each(exportNames)('an export of %s', (name) => {
  it('prepares pictures as Pillow does, byte for byte, and colours within 1e-6', () => {
    const { pictures, prepared } = referenceOf(name)
    const processor = readProcessor(json(name, 'preprocessor_config.json'))
    pictures.forEach(([width, height], i) => {
      const fitted = fitPicture(picture(width, height), width, height, processor.size, processor.fit)
      const expected = bytesOf(prepared[i]!)
      expect(fitted).toEqual(expected)
      const values = createPixelConverter(processor.size, processor.mean, processor.deviation)(fitted, 1)
      const area = processor.size ** 2
      for (const at of [0, 17, area - 1]) {
        for (let c = 0; c < 3; c++) {
          const value = (expected[at * 3 + c]! / 255 - processor.mean[c]!) / processor.deviation[c]!
          expect(Math.abs(values[c * area + at]! - value)).toBeLessThan(1e-6)
        }
      }
    })
  })

  it('makes the token ids of the reference, for Japanese, emoji, over-long and empty texts too', () => {
    const { texts, ids, masks } = referenceOf(name)
    const length = ids[0]!.length
    const tokenizerConfig = json(name, 'tokenizer_config.json')
    const plain = loadTokenizer(readFileSync(join(exportFolder(name), 'tokenizer.json'), 'utf8'), {
      config: tokenizerConfig,
    })
    const padId = plain.idOf(tokenizerConfig['pad_token'] as string)
    const tokenizer = loadTokenizer(readFileSync(join(exportFolder(name), 'tokenizer.json'), 'utf8'), { padId })
    const encoded = tokenizer.encodeBatch(texts, length)
    const rows = (values: BigInt64Array): number[][] =>
      texts.map((_, i) => Array.from(values.subarray(i * length, (i + 1) * length), Number))
    expect(rows(encoded.inputIds)).toEqual(ids)
    if (masks !== null) expect(rows(encoded.attentionMask)).toEqual(masks)
  })

  it('is imported, passes its self-test and gives the embeddings of PyTorch within 1e-4', async () => {
    const imported = await importFrom(exportFolder(name), runtime)
    expect(imported.selfTest.passed).toBe(true)
    expect(imported.manifest.kind).toBe(name === 'multilingual' ? 'multilingual-clip' : name)
    const encoder = await encoderOf(imported)
    const { texts, images } = await encodeAll(encoder, name)
    const reference = referenceOf(name)
    expect(largestDifference(texts, reference.textEmbeddings)).toBeLessThan(1e-4)
    expect(largestDifference(images, reference.imageEmbeddings)).toBeLessThan(1e-4)
    await encoder.dispose()
  })
})

describe('the precisions of one export', () => {
  // Half precision has 11 bits; eight bits lose more.
  it.each([
    ['clip', 'fp16', 1e-3],
    ['clip', 'int8', 2e-2],
    ['mobileclip2', 'int8', 2e-2],
  ] as const)('%s in %s stays within a cosine distance of %d', async (name, precision, most) => {
    const imported = await importFrom(exportFolder(name), runtime, { precision })
    expect(imported.manifest).toMatchObject({ image: { precision }, text: { precision } })
    const encoder = await encoderOf(imported)
    const { texts, images } = await encodeAll(encoder, name)
    const reference = referenceOf(name)
    const distances = [
      ...texts.map((row, i) => 1 - cosine(row, reference.textEmbeddings[i]!)),
      ...images.map((row, i) => 1 - cosine(row, reference.imageEmbeddings[i]!)),
    ]
    expect(Math.max(...distances)).toBeLessThan(most)
    // Another graph ran than the full one.
    expect(Math.max(...distances)).toBeGreaterThan(1e-9)
    await encoder.dispose()
  })

  it('runs four-bit graphs, whose coarse weights make this small model fail the self-test', async () => {
    await expect(importFrom(exportFolder('clip'), runtime, { precision: 'q4' })).rejects.toMatchObject({
      code: 'encoder.invalid',
      message: expect.stringMatching(
        /does not tell a red circle from a checkerboard: .* by 0\.\d+ and 0\.\d+/,
      ) as string,
    })
  })

  it('says that four bits cost exactness', async () => {
    const notes = async (precision: 'q4' | 'int8'): Promise<string[]> =>
      (await inspectExport(exportFolder('clip'), { precision })).findings.flatMap(({ topic, state, sentence }) =>
        topic === 'precision' && state === 'note' ? [sentence] : [],
      )
    expect(await notes('q4')).toEqual([expect.stringContaining('four bits')])
    expect(await notes('int8')).toEqual([])
  })

  it('takes the other precision for a half that lacks the wanted one, and says so', async () => {
    const folder = copyExport('clip')
    rmSync(join(folder, 'onnx', 'vision_model_quantized.onnx'))
    const { manifest, findings } = await importFrom(folder, runtime, { precision: 'int8' })
    expect(manifest).toMatchObject({ image: { precision: 'fp32' }, text: { precision: 'int8' } })
    expect(findings.find(({ topic, state }) => topic === 'precision' && state === 'note')?.sentence).toContain('fp32')
  })
})

describe('other forms of an export', () => {
  it('cuts a combined graph into its halves, which give the same embeddings', async () => {
    const imported = await importFrom(copyCombinedExport(), runtime)
    const encoder = await encoderOf(imported)
    const { texts, images } = await encodeAll(encoder, 'clip')
    expect(largestDifference(texts, referenceOf('clip').textEmbeddings)).toBeLessThan(1e-4)
    expect(largestDifference(images, referenceOf('clip').imageEmbeddings)).toBeLessThan(1e-4)
    expect(imported.manifest.image.input).toBe('pixel_values')
    expect(imported.manifest.text.mask).toBe('attention_mask')
    await encoder.dispose()
  })

  it('keeps weights in files beside the graph', async () => {
    const { folder } = await importFrom(exportFolder('siglip2'), runtime)
    expect(readdirSync(folder).sort()).toEqual([
      'manifest.json',
      'text.onnx',
      'text_model.onnx_data',
      'tokenizer.json',
      'vision.onnx',
      'vision_model.onnx_data',
    ])
  })

  it('finds the export one folder further in', async () => {
    const { manifest } = await importFrom(wrap(copyExport('siglip')), runtime)
    expect(manifest.kind).toBe('siglip')
  })
})

describe('the built-in bundle', () => {
  it('keeps the id under which features are stored', async () => {
    expect(await readEncoderId(builtIn)).toBe('built-in@535f69eda8155867')
  })

  it('gives bit for bit what its graphs give for bytes divided by 255 and texts of 32 tokens', async () => {
    const encoder = createEncoder({ bundle: await loadBundle(builtIn), runtime })
    expect(encoder.imageFit).toBeNull()
    const { imageSize: size, dim } = encoder
    const rgb = picture(size, size)
    const area = size * size
    const pixels = Float32Array.from(
      { length: 3 * area },
      (_, i) => (rgb[(i % area) * 3 + Math.floor(i / area)]! / 255 - 0.5) / 0.25,
    )
    const text = 'a photo of 赤い running shoes, size 42'
    const ids = loadTokenizer(readFileSync(join(builtIn, 'tokenizer.json'), 'utf8')).encodeBatch([text], 32)
    const direct = async (half: string, feeds: TensorMap, output: string): Promise<Float32Array> => {
      const session = await runtime.createSession(readFileSync(join(builtIn, `${half}.onnx`)), { label: half })
      const rows = (await session.run(feeds))[output]!.data as Float32Array
      await session.dispose()
      let sum = 0
      for (const value of rows) sum += value * value
      const scale = 1 / Math.sqrt(sum)
      return rows.map((value) => value * scale)
    }
    const image = await direct(
      'vision',
      { pixel_values: tensor('float32', [1, 3, size, size], pixels) },
      'image_embeds',
    )
    const words = await direct(
      'text',
      {
        input_ids: tensor('int64', [1, 32], ids.inputIds),
        attention_mask: tensor('int64', [1, 32], ids.attentionMask),
      },
      'text_embeds',
    )
    expect(image).toHaveLength(dim)
    expect(await encoder.encodeImages(rgb, 1)).toEqual(image)
    expect(await encoder.encodeTexts([text])).toEqual(words)
    await encoder.dispose()
  })
})

/** Writes trained trunks as a model bundle: half-precision weights, a batch of any size, plain ONNX. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeHalves, float32Data, tensor, type TensorMap } from '../../main/base/index.ts'
import { bundleFiles, type BundleManifestInput } from '../../main/encoders/index.ts'
import { cast, gatherRows, Graph, maskedMean, toModel, transpose, type Value } from '../../main/graph/index.ts'
import type { Parameters } from '../../main/training/adam.ts'
import type { PretrainConfig } from './pretrain-step.ts'
import { textTrunk } from './text-trunk.ts'
import { pixelDeviation, pixelMean } from './training-images.ts'
import { visionTrunk } from './vision-trunk.ts'

export type ExportOptions = { readonly folder: string; readonly contextLength: number; readonly licence: string }

/** An unusual batch size that `toModel` turns into a dynamic axis. */
const batch = 7919
const dynamicAxis = { size: batch, name: 'N' }

/** The parameters whose names start with `prefix`, as half-precision constants that the graph widens again. */
function halfConstants(graph: Graph, parameters: TensorMap, prefix: string): Parameters {
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => {
        const bytes = encodeHalves(float32Data(value))
        const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)
        return [name, cast(graph.constant(tensor('float16', value.shape, halves)), 'float32')]
      }),
  )
}

function visionModel(parameters: TensorMap, config: PretrainConfig): Uint8Array {
  const graph = new Graph()
  const size = config.vision.imageSize
  const pixels = transpose(graph.input('pixel_values', 'float32', [batch, 3, size, size]), [0, 2, 3, 1])
  const { embedding } = visionTrunk(pixels, halfConstants(graph, parameters, 'vision.'), config.vision)
  return toModel({ image_embeds: embedding }, { name: 'built-in vision', dynamicAxis })
}

function textModel(parameters: TensorMap, contextLength: number): Uint8Array {
  const graph = new Graph()
  const ids = graph.input('input_ids', 'int64', [batch, contextLength])
  const mask = graph.input('attention_mask', 'int64', [batch, contextLength])
  const p = halfConstants(graph, parameters, 'text.')
  const pieces: Value = gatherRows(p['text.embedding']!, ids) // [N, L] -> [N, L, D]
  return toModel(
    { text_embeds: textTrunk(maskedMean(pieces, cast(mask, 'float32'), 1), p) },
    { name: 'built-in text', dynamicAxis },
  )
}

/** Writes vision.onnx, text.onnx and manifest.json beside the tokenizer; returns the files by name. */
export function exportBundle(
  parameters: TensorMap,
  config: PretrainConfig,
  { folder, contextLength, licence }: ExportOptions,
): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {
    [bundleFiles.vision]: visionModel(parameters, config),
    [bundleFiles.text]: textModel(parameters, contextLength),
    [bundleFiles.tokenizer]: readFileSync(join(folder, bundleFiles.tokenizer)),
  }
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  const manifest: BundleManifestInput = {
    format: 1,
    id: 'built-in',
    name: 'MAMA Studio built-in',
    kind: 'built-in',
    embeddingWidth: config.vision.embeddingWidth,
    image: { size: config.vision.imageSize, mean: [...pixelMean], deviation: [...pixelDeviation] },
    text: { contextLength },
    licence,
    files: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)])),
  }
  files['manifest.json'] = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  return files
}

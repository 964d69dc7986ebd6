import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema, TensorProto_DataLocation, type ModelProto } from 'onnx-buf'
import { AppError } from '../../../main/contract/index.ts'
import { createRuntime, type Runtime } from '../../../main/runtime/index.ts'
import { modelOf } from '../runtime/models.ts'
import { copyExport, freshBundlesDir, importFrom, type ExportName } from './exports.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 })
})
afterAll(() => runtime.dispose())

/** The sentence with which an export is refused; nothing may be left of it. */
async function refusalOf(folder: string): Promise<string> {
  const bundlesDir = freshBundlesDir()
  const error: unknown = await importFrom(folder, runtime, { bundlesDir }).catch((refusal: unknown) => refusal)
  expect(error).toBeInstanceOf(AppError)
  expect((error as AppError).code).toBe('encoder.invalid')
  expect(readdirSync(bundlesDir)).toEqual([])
  return (error as AppError).message
}

function changeJson(folder: string, file: string, change: (content: Record<string, unknown>) => void): void {
  const path = join(folder, file)
  const content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  change(content)
  writeFileSync(path, JSON.stringify(content))
}

function changeModel(folder: string, file: string, change: (model: ModelProto) => void): void {
  const path = join(folder, 'onnx', file)
  const model = fromBinary(ModelProtoSchema, readFileSync(path))
  change(model)
  writeFileSync(path, toBinary(ModelProtoSchema, create(ModelProtoSchema, model)))
}

/** The export with some spoilt part, and what the refusal must name. */
type Spoilt = [why: string, name: ExportName, spoil: (folder: string) => void, sentence: RegExp]

describe('an export with something missing', () => {
  it.each<Spoilt>([
    [
      'no graph for texts',
      'siglip',
      (folder) => rmSync(join(folder, 'onnx/text_model.onnx')),
      /lacks a graph for texts \(onnx\/text_model.onnx\); found: .*onnx\/vision_model.onnx/,
    ],
    [
      'no tokenizer and no processor',
      'siglip',
      (folder) => ['tokenizer.json', 'preprocessor_config.json'].forEach((file) => rmSync(join(folder, file))),
      /lacks tokenizer.json and preprocessor_config.json; found/,
    ],
    [
      'weights for PyTorch only',
      'siglip',
      (folder) => {
        rmSync(join(folder, 'onnx'), { recursive: true })
        writeFileSync(join(folder, 'model.safetensors'), '')
      },
      /get the ONNX export of the same model/,
    ],
    [
      'a missing file of weights',
      'siglip2',
      (folder) => rmSync(join(folder, 'onnx/text_model.onnx_data')),
      /lacks onnx\/text_model.onnx_data, which holds weights of onnx\/text_model.onnx/,
    ],
    [
      'a file of weights that ends early',
      'siglip2',
      (folder) => truncateSync(join(folder, 'onnx/vision_model.onnx_data'), 1000),
      /vision_model.onnx_data is too short: .* of 1000/,
    ],
    [
      'no length of texts anywhere',
      'siglip',
      (folder) => {
        rmSync(join(folder, 'config.json'))
        changeJson(folder, 'tokenizer_config.json', (config) => delete config['model_max_length'])
      },
      /none of its files says how long a text may be/,
    ],
  ])('is refused: %s', async (_, name, spoil, sentence) => {
    const folder = copyExport(name)
    spoil(folder)
    expect(await refusalOf(folder)).toMatch(sentence)
  })
})

describe('an export that is not what it should be', () => {
  const pooledOnly = (folder: string): void =>
    changeModel(folder, 'vision_model.onnx', ({ graph }) => {
      graph!.output[0]!.name = 'pooler_output'
      for (const node of graph!.node) node.output = node.output.map((n) => (n === 'image_embeds' ? 'pooler_output' : n))
    })
  it.each<Spoilt>([
    ['a projection is missing', 'clip', pooledOnly, /ends before the projection .*export it "with projection"/],
    [
      'halves of two models',
      'clip',
      (folder) => {
        const other = copyExport('siglip')
        writeFileSync(join(folder, 'onnx/vision_model.onnx'), readFileSync(join(other, 'onnx/vision_model.onnx')))
        changeJson(folder, 'config.json', (config) => Object.assign(config, { model_type: 'siglip' }))
      },
      /pictures become 20 numbers and its texts 16/,
    ],
    [
      'pictures of changing shape',
      'siglip2',
      (folder) =>
        changeJson(folder, 'preprocessor_config.json', (file) =>
          Object.assign(file, { image_processor_type: 'Siglip2ImageProcessor', max_num_patches: 256 }),
        ),
      /NaFlex.*fixed-resolution export/,
    ],
    [
      'a processor that makes another size than the graph takes',
      'mobileclip',
      (folder) =>
        changeJson(folder, 'preprocessor_config.json', (file) =>
          Object.assign(file, { size: { shortest_edge: 24 }, crop_size: 24.5 }),
        ),
      /24.5 pixels in crop_size/,
    ],
    [
      'a size that the positions of the graph do not fit',
      'clip',
      (folder) =>
        changeJson(folder, 'preprocessor_config.json', (file) =>
          Object.assign(file, { size: { shortest_edge: 64 }, crop_size: 64 }),
        ),
      /picture half cannot be run/,
    ],
    [
      'colours of a wrong type',
      'clip',
      (folder) =>
        changeJson(folder, 'preprocessor_config.json', (file) => Object.assign(file, { image_mean: ['red'] })),
      /preprocessor_config.json is wrong at "image_mean/,
    ],
    [
      'no colours',
      'clip',
      (folder) => changeJson(folder, 'preprocessor_config.json', (file) => delete file['image_std']),
      /image_mean and image_std are missing/,
    ],
    [
      'an operator of somebody else',
      'clip',
      (folder) => changeModel(folder, 'text_model.onnx', ({ graph }) => (graph!.node[0]!.domain = 'com.example')),
      /needs the operator com.example\./,
    ],
    [
      'an input that nothing here can give',
      'clip',
      (folder) => {
        const inputs = [
          { name: 'input_ids', shape: ['N', 77], type: 'INT64' as const },
          { name: 'depth', shape: ['N', 77], type: 'INT64' as const },
        ]
        const nodes = [
          { op: 'Mul', inputs: ['input_ids', 'depth'], outputs: ['product'] },
          { op: 'Cast', inputs: ['product'], outputs: ['text_embeds'], integers: { to: 1 } },
        ]
        const bytes = modelOf(nodes, inputs, [{ name: 'text_embeds', shape: ['N', 77] }])
        writeFileSync(join(folder, 'onnx/text_model.onnx'), bytes)
      },
      /also wants depth/,
    ],
    [
      'token ids as decimal numbers',
      'clip',
      (folder) =>
        changeModel(folder, 'text_model.onnx', ({ graph }) => {
          const type = graph!.input[0]!.type!.value
          if (type.case === 'tensorType') type.value.elemType = 1
        }),
      /takes input_ids as float32 where int64 or int32 is usual/,
    ],
    [
      'weights that mean nothing',
      'siglip',
      (folder) => {
        changeModel(folder, 'text_model.onnx', ({ graph }) => {
          for (const { rawData } of graph!.initializer) rawData.reverse()
        })
      },
      /self-test|not finite|cannot be run/,
    ],
  ])('is refused: %s', async (_, name, spoil, sentence) => {
    const folder = copyExport(name)
    spoil(folder)
    expect(await refusalOf(folder)).toMatch(sentence)
  })
})

describe('a hostile export', () => {
  const external = (location: string) => (folder: string) =>
    changeModel(folder, 'vision_model.onnx', ({ graph }) => {
      for (const tensor of graph!.initializer) {
        if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) continue
        for (const entry of tensor.externalData) if (entry.key === 'location') entry.value = location
        break
      }
    })
  const dims = (sizes: readonly bigint[]) => (folder: string) =>
    changeModel(folder, 'vision_model.onnx', ({ graph }) => (graph!.initializer[0]!.dims = [...sizes]))
  it.each<Spoilt>([
    ['weights in a file elsewhere', 'siglip2', external('../../../../etc/passwd'), /points outside the folder/],
    ['weights at an absolute path', 'siglip2', external('/etc/passwd'), /points outside the folder/],
    ['weights behind a Windows path', 'siglip2', external('..\\secret'), /points outside the folder/],
    ['huge sizes', 'clip', dims([1n << 40n, 1n << 20n]), /more than any model has/],
    ['sizes that the bytes do not fill', 'clip', dims([100_000n, 1_000n]), /needs 400000000 bytes for its shape/],
    ['negative sizes', 'clip', dims([-1n, 8n]), /negative size/],
    [
      'an unknown element type',
      'clip',
      (folder) => changeModel(folder, 'vision_model.onnx', ({ graph }) => (graph!.initializer[0]!.dataType = 99)),
      /unknown element type 99/,
    ],
    [
      'a graph cut off in the middle',
      'clip',
      (folder) => truncateSync(join(folder, 'onnx/vision_model.onnx'), 30_000),
      /not an ONNX file, or only a part of one/,
    ],
    [
      'an empty graph file',
      'clip',
      (folder) => truncateSync(join(folder, 'onnx/vision_model.onnx'), 0),
      /not an ONNX file that computes anything/,
    ],
    [
      'a tokenizer with a list for its model',
      'clip',
      (folder) => changeJson(folder, 'tokenizer.json', (file) => Object.assign(file, { model: [1, 2] })),
      /tokenizer.json is not a tokenizer/,
    ],
    [
      'a tokenizer with words for ids',
      'multilingual',
      (folder) =>
        changeJson(folder, 'tokenizer.json', (file) => {
          const model = file['model'] as { vocab: Record<string, unknown> }
          for (const word of Object.keys(model.vocab)) model.vocab[word] = 'one'
        }),
      /tokenizer.json is not a tokenizer/,
    ],
    [
      'a tokenizer with numbers for merges',
      'clip',
      (folder) =>
        changeJson(folder, 'tokenizer.json', (file) => Object.assign(file['model'] as object, { merges: [1, 2, 3] })),
      /tokenizer.json is not a tokenizer/,
    ],
    [
      'a configuration that is no JSON',
      'clip',
      (folder) => writeFileSync(join(folder, 'config.json'), '{'),
      /config.json is not valid JSON/,
    ],
  ])('is refused: %s', async (_, name, spoil, sentence) => {
    const folder = copyExport(name)
    spoil(folder)
    expect(await refusalOf(folder)).toMatch(sentence)
  })
})

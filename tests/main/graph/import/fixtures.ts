/** The small published-style exports of tests/fixtures/encoders as models to import, with inputs to feed them. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createRandom, floatTensor, intTensor, sizeOf, type TensorMap } from '../../../../main/base/index.ts'
import { inspectModel, openModel, type ImportableModel, type RowInput } from '../../../../main/graph/index.ts'

export const fixturePath = (name: string): string => join('tests/fixtures/encoders', `${name}.onnx`)

/** Exports whose weights are not quantised, with the length of their texts. */
export const fixtureModels: readonly {
  readonly name: string
  readonly context: number
  readonly imageSize?: number
}[] = [
  { name: 'clip/onnx/vision_model', context: 77 },
  { name: 'clip/onnx/text_model', context: 77 },
  { name: 'clip-combined/onnx/model', context: 77 },
  { name: 'clip-optimized/onnx/vision_model', context: 77 },
  { name: 'mobileclip/onnx/vision_model', context: 77 },
  { name: 'mobileclip/onnx/text_model', context: 77 },
  { name: 'mobileclip2/onnx/vision_model', context: 77, imageSize: 40 },
  { name: 'mobileclip2/onnx/text_model', context: 77 },
  { name: 'siglip/onnx/vision_model', context: 64 },
  { name: 'siglip/onnx/text_model', context: 64 },
  { name: 'siglip2/onnx/vision_model', context: 64 },
  { name: 'siglip2/onnx/text_model', context: 64 },
  { name: 'multilingual/onnx/vision_model', context: 128 },
  { name: 'multilingual/onnx/text_model', context: 128 },
]

export type Fixture = {
  readonly path: string
  readonly bytes: Uint8Array
  readonly model: ImportableModel
  readonly inputs: Readonly<Record<string, RowInput>>
  /** Name of the last output, which is the embedding. */
  readonly output: string
}

export function readFixture(path: string, context: number, imageSize = 32): Fixture {
  const bytes = new Uint8Array(readFileSync(path))
  const model = openModel(bytes, (location) => new Uint8Array(readFileSync(join(dirname(path), location))))
  const inputs = Object.fromEntries(
    inspectModel(bytes).inputs.map(({ name, dtype }): [string, RowInput] => [
      name,
      name === 'pixel_values'
        ? { dtype: 'float32', shape: [3, imageSize, imageSize] }
        : { dtype: dtype as 'int64', shape: [context] },
    ]),
  )
  return { path, bytes, model, inputs, output: model.outputNames.at(-1)! }
}

/** Seeded pictures, token ids below 30, and masks of the first nine places. */
export function feedsFor(inputs: Fixture['inputs'], batch: number, seed: number): TensorMap {
  const random = createRandom(seed)
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape: row }]) => {
      const shape = [batch, ...row]
      const length = sizeOf(shape)
      if (name === 'pixel_values')
        return [
          name,
          floatTensor(
            shape,
            Float32Array.from({ length }, () => random.normal()),
          ),
        ]
      const isMask = name === 'attention_mask'
      return [
        name,
        intTensor(
          shape,
          Array.from({ length }, (_, i) => (isMask ? Number(i % row[0]! < 9) : random.integer(30))),
        ),
      ]
    }),
  )
}

/** Models whose weights lie in files beside them, made whole. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { create, toBinary } from '@bufbuild/protobuf'
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  type ModelProto,
  type TensorProto,
} from 'onnx-buf'
import { expect, it } from 'vitest'
import { floatTensor, tensor } from '../../../../main/base/index.ts'
import { inspectModel, openModel, parseModel, withInlineWeights } from '../../../../main/graph/index.ts'
import { fixturePath } from './fixtures.ts'
import { modelOfNodes } from './graph-model.ts'

const path = fixturePath('siglip2/onnx/vision_model')
const bytes = new Uint8Array(readFileSync(path))
const beside = (location: string): Uint8Array => new Uint8Array(readFileSync(join(dirname(path), location)))

it('holds every weight itself afterwards, with the same numbers under the same name', () => {
  const outside = inspectModel(bytes).externalTensors.map(({ tensor }) => tensor)
  expect(outside.length).toBeGreaterThan(0)
  const whole = withInlineWeights(bytes, beside)
  expect(inspectModel(whole)).toEqual({ ...inspectModel(bytes), externalTensors: [] })
  const [before, after] = [openModel(bytes, beside), openModel(whole)]
  for (const { name } of parseModel(bytes).graph!.initializer) expect(after.tensor(name)).toEqual(before.tensor(name))
})

it('gives a model that has its weights back as it is', () => {
  const whole = withInlineWeights(bytes, beside)
  expect(withInlineWeights(whole, beside)).toBe(whole)
})

it('refuses a file that is cut short, naming the tensor', () => {
  const short = (location: string): Uint8Array => beside(location).subarray(0, beside(location).length - 4)
  expect(() => withInlineWeights(bytes, short)).toThrow(/ends before its tensor "/)
})

it('holds the weights of branches itself, too', () => {
  const inner = { nodes: [], tensors: { w: floatTensor([3], [1, 2, 3]) }, outputs: ['w'] }
  const model = parseModel(
    modelOfNodes({
      ...{ inputs: {}, opset: 17, outputs: ['y'], tensors: { yes: tensor('bool', [], Uint8Array.of(1)) } },
      nodes: [
        { operator: 'If', inputs: ['yes'], outputs: ['y'], attributes: { then_branch: inner, else_branch: inner } },
      ],
    }),
  )
  const held = (of: ModelProto): TensorProto[] => of.graph!.node[0]!.attribute.map(({ g }) => g!.initializer[0]!)
  const [first] = held(model)
  const numbers = first!.rawData
  for (const each of held(model)) {
    each.rawData = new Uint8Array()
    each.dataLocation = TensorProto_DataLocation.EXTERNAL
    each.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: 'beside' })]
  }
  const outside = toBinary(ModelProtoSchema, model)
  expect(inspectModel(outside).externalTensors).toHaveLength(2)
  const whole = withInlineWeights(outside, () => numbers)
  expect(inspectModel(whole).externalTensors).toEqual([])
  for (const { rawData } of held(parseModel(whole))) expect(rawData).toEqual(numbers)
})

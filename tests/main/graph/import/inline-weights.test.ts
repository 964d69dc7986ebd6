/** Models whose weights lie in files beside them, made whole. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { inspectModel, openModel, parseModel, withInlineWeights } from '../../../../main/graph/index.ts'
import { fixturePath } from './fixtures.ts'

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

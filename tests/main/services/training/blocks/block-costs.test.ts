/** What training blocks would cost, asked of the thread that reads real encoders. */
import { cpSync, truncateSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createRuntime } from '../../../../../main/runtime/index.ts'
import { createBlockCosts } from '../../../../../main/services/training/blocks/block-costs.ts'
import type { BlockCost, BlockWishes } from '../../../../../main/services/training/ports.ts'
import { temporaryFolder } from '../../../../temporary-folder.ts'
import { exportFolder, importFrom } from '../../../encoders/exports.ts'

const built = resolve('resources/models/built-in')
const broken = join(temporaryFolder('block-costs'), 'broken')
cpSync(built, broken, { recursive: true })
truncateSync(join(broken, 'vision.onnx'), 100_000)

const costs = createBlockCosts(async (bundle) => bundle)
afterAll(() => costs.close())

const long = 60_000

async function smallClip(): Promise<string> {
  const runtime = await createRuntime({ provider: 'cpu' })
  const { folder } = await importFrom(exportFolder('clip'), runtime)
  await runtime.dispose()
  return folder
}

const wishes: BlockWishes = {
  ...{ objective: 'mama', seed: 0, pairs: 300, metaSet: 40, dim: 256, frameCount: 8, texts: [] },
  blocks: { blocks: 1, rank: null, rateFactor: 0.1 },
}
const of = (more: Partial<BlockWishes>, blocks: Partial<BlockWishes['blocks']> = {}): Promise<BlockCost> =>
  costs.of(built, { ...wishes, ...more, blocks: { ...wishes.blocks, ...blocks } })
const flops = ({ run }: BlockCost): number => run!.stepFlops

test('a real encoder has blocks, a cut, and steps that cost more with more of them', { timeout: long }, async () => {
  const one = await of({})
  expect(one).toMatchObject({
    found: { pictures: 4, texts: null },
    run: { batchSize: 64, cut: { dim: 36 * 256 }, text: null },
  })
  expect(one.run!.cut!.id).toContain(' below ')
  expect(one.run!.memoryBytes).toBeGreaterThan(1e9)
  const two = await of({}, { blocks: 2 })
  expect(two.run!.cut!.id).not.toBe(one.run!.cut!.id)
  expect(flops(two) / flops(one)).toBeGreaterThan(1.8)
  expect(flops(two) / flops(one)).toBeLessThan(2.2)
  expect(flops(await of({}, { rank: 8 }))).toBeLessThan(flops(one))
  expect(flops(await of({ objective: 'angular' }))).toBeLessThan(flops(one) / 2)
})

test('the same question is answered from memory, whatever changes nothing of a step', { timeout: long }, async () => {
  const one = await of({})
  expect(await of({ seed: 5, epochs: 30, pairs: 1000, marginRadians: 0.01 }, { rateFactor: 1 })).toBe(one)
  // 20 pairs, and three times 4 trusted ones.
  expect((await of({ pairs: 20, metaSet: 4 })).run!.batchSize).toBe(32)
})

test('more blocks than there are have no cut, but the count', { timeout: long }, async () => {
  expect(await of({}, { blocks: 5 })).toEqual({ found: { pictures: 4, texts: null }, run: null })
})

test('blocks of texts cost memory for each text, and no reading of pictures', { timeout: long }, async () => {
  const folder = await smallClip()
  const of = (blocks: BlockWishes['blocks'], texts: string[]): Promise<BlockCost> =>
    costs.of(folder, { ...wishes, dim: 16, blocks, texts })
  const texts = { blocks: 0, rank: null, rateFactor: 0.1, texts: 1 }
  const one = await of(texts, ['a red shoe'])
  expect(one).toMatchObject({ found: { pictures: null }, run: { cut: null } })
  expect(one.found.texts).toBeGreaterThan(0)
  const { stored, decoded } = one.run!.text!
  expect(stored).toBeGreaterThan(0)
  expect(decoded).toBeGreaterThan(stored)
  const both = await of({ ...texts, blocks: 1 }, ['a red shoe'])
  expect(flops(both)).toBeGreaterThan(flops(one))
  expect(await of({ ...texts, texts: 50 }, ['a red shoe'])).toMatchObject({ found: one.found, run: null })
})

test('an encoder that cannot be read is refused as it is elsewhere', { timeout: long }, async () => {
  await expect(costs.of(broken, wishes)).rejects.toMatchObject({ name: 'AppError', code: 'encoder.invalid' })
})

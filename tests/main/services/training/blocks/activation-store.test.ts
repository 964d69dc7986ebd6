/** What is kept of frames below trained blocks: half precision, thinned and padded as features are, one cut at a time. */
import { readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openActivations, removeActivations } from '../../../../../main/services/training/blocks/activation-store.ts'
import { temporaryFolder } from '../../../../temporary-folder.ts'

/** Frame f holds f, f + 1/2. */
const rows = (count: number): Float32Array => Float32Array.from({ length: 2 * count }, (_, i) => i / 2)

it('gives shots back thinned to the frames that are wanted, or padded, with their mask', () => {
  const store = openActivations(temporaryFolder('activations'), 'cut', 2)
  store.save('long', rows(5), 5)
  store.save('short', rows(1), 1)
  expect(['long', 'short', 'other'].map(store.has)).toEqual([true, true, false])
  expect([...store.mask(['short', 'long'], 3)]).toEqual([1, 0, 0, 1, 1, 1])
  expect([...store.load(['short', 'long'], 3)]).toEqual([0, 0.5, 0, 0, 0, 0, 0, 0.5, 2, 2.5, 4, 4.5])
})

it('keeps the shots of a cut when it is opened again, and forgets those of another one', () => {
  const dir = temporaryFolder('activations')
  openActivations(dir, 'first cut', 2).save('a', rows(2), 2)
  expect(openActivations(dir, 'first cut', 2).has('a')).toBe(true)
  expect(openActivations(dir, 'second cut', 2).has('a')).toBe(false)
  expect(openActivations(dir, 'first cut', 2).has('a')).toBe(false)
  removeActivations(dir)
  expect(readdirSync(dir)).toEqual([])
})

it('does not take a file for a shot that does not hold whole frames', () => {
  const dir = temporaryFolder('activations')
  const store = openActivations(dir, 'cut', 2)
  store.save('a', rows(2), 2)
  const [folder] = readdirSync(join(dir, 'activations'))
  truncateSync(join(dir, 'activations', folder!, 'a.f16'), 5)
  expect(store.has('a')).toBe(false)
})

it('refuses numbers that half precision cannot hold, in a sentence', () => {
  const store = openActivations(temporaryFolder('activations'), 'cut', 2)
  expect(() => store.save('a', Float32Array.of(1, 70_000), 1)).toThrow('too large to be kept in half precision')
  expect(() => store.save('a', Float32Array.of(1, NaN), 1)).toThrow('too large to be kept in half precision')
  expect(store.has('a')).toBe(false)
})

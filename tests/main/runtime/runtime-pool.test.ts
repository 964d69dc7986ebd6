import { expect, it } from 'vitest'
import type { Runtime, RuntimeOptions } from '../../../main/runtime/index.ts'
import { createRuntimePool } from '../../../main/runtime/runtime-pool.ts'

/** Runtimes that know only whether they are alive. */
function fakes() {
  const made: { provider: string; die(): void; disposed: boolean }[] = []
  const create = async ({ provider = 'cpu' }: RuntimeOptions): Promise<Runtime> => {
    const fake = { provider, alive: true, disposed: false, die: () => void (fake.alive = false) }
    made.push(fake)
    return {
      ...{ provider, engine: 'fake' },
      get isAlive() {
        return fake.alive
      },
      createSession: () => Promise.reject(new Error('not here')),
      dispose: async () => void (fake.disposed = true),
    }
  }
  return { made, create }
}

it('gives one runtime a provider, and auto is the device that the app was started with', async () => {
  const { made, create } = fakes()
  const pool = createRuntimePool(create, 'webgpu')
  expect(await pool.get('auto')).toBe(await pool.get('webgpu'))
  await pool.get('cpu')
  expect(made.map(({ provider }) => provider)).toEqual(['webgpu', 'cpu'])
  await pool.dispose()
  expect(made.every(({ disposed }) => disposed)).toBe(true)
})

it('makes a new runtime when the thread of the old one has died', async () => {
  const { made, create } = fakes()
  const pool = createRuntimePool(create, 'auto')
  const first = await pool.get('cpu')
  made[0]!.die()
  const second = await pool.get('auto')
  expect(second).not.toBe(first)
  expect(await pool.get('cpu')).toBe(second)
  expect(made).toHaveLength(2)
})

it('tries again after a runtime could not be made', async () => {
  const { create } = fakes()
  let fails = true
  const pool = createRuntimePool(
    (options) => (fails ? Promise.reject(new Error('no driver')) : create(options)),
    'auto',
  )
  await expect(pool.get('webgpu')).rejects.toThrow('no driver')
  fails = false
  expect((await pool.get('webgpu')).provider).toBe('webgpu')
})

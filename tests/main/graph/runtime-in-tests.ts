/** What tests that execute graphs share: one runtime a test file, and a model that is run once. */
import { afterAll, beforeAll } from 'vitest'
import type { TensorMap } from '../../../main/base/index.ts'
import { createRuntime, type Runtime, type SessionOptions } from '../../../main/runtime/index.ts'

/** Registers the hooks that open a single-threaded runtime before the file's tests and dispose of it afterwards. */
export function useRuntime(): { readonly runtime: Runtime } {
  let runtime: Runtime | undefined
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1 })
  })
  afterAll(async () => {
    await runtime?.dispose()
  })
  return {
    get runtime() {
      return runtime!
    },
  }
}

/** Outputs of one run. Feeds that the model does not ask for are left out. */
export async function runOnce(
  runtime: Runtime,
  model: Uint8Array,
  feeds: TensorMap,
  options: SessionOptions,
): Promise<TensorMap> {
  const session = await runtime.createSession(model, options)
  try {
    const wanted = new Set(session.inputs.map(({ name }) => name))
    return await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.has(name))))
  } finally {
    await session.dispose()
  }
}

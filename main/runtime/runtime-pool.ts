/** One runtime a provider, made when first asked for and freed together. */
import type { Device } from '../contract/index.ts'
import type { Provider, Runtime, RuntimeOptions } from './types.ts'

export type RuntimePool = {
  /** `auto` means the pool's own device. @throws AppError `runtime.unavailable` */
  get(device: Device): Promise<Runtime>
  dispose(): Promise<void>
}

/** @param ownDevice what `auto` means here; `auto` itself is the CPU: a GPU is used when it is named */
export function createRuntimePool(
  createRuntime: (options: RuntimeOptions) => Promise<Runtime>,
  ownDevice: Device,
): RuntimePool {
  const runtimes = new Map<Provider, Promise<Runtime>>()
  const providerOf = (device: Device): Provider => {
    const chosen = device === 'auto' ? ownDevice : device
    return chosen === 'auto' ? 'cpu' : chosen
  }
  return {
    async get(device) {
      const provider = providerOf(device)
      for (;;) {
        const runtime = runtimes.get(provider) ?? createRuntime({ provider })
        runtimes.set(provider, runtime)
        const drop = (): void => {
          if (runtimes.get(provider) === runtime) runtimes.delete(provider)
        }
        runtime.catch(drop) // may work later, for example after a driver update
        const opened = await runtime
        if (opened.isAlive) return opened
        drop() // its thread died, perhaps of a lack of memory
      }
    },
    async dispose() {
      const opened = [...runtimes.values()]
      runtimes.clear()
      await Promise.allSettled(opened.map(async (runtime) => (await runtime).dispose()))
    },
  }
}

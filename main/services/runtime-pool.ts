/** One runtime a provider, made when first asked for and freed together. */
import type { Device } from '../contract/index.ts'
import type { Provider, Runtime, RuntimeOptions } from '../runtime/index.ts'

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
    get(device) {
      const provider = providerOf(device)
      const runtime = runtimes.get(provider) ?? createRuntime({ provider })
      runtimes.set(provider, runtime)
      runtime.catch(() => runtimes.delete(provider)) // may work later, for example after a driver update
      return runtime
    },
    async dispose() {
      const opened = [...runtimes.values()]
      runtimes.clear()
      await Promise.allSettled(opened.map(async (runtime) => (await runtime).dispose()))
    },
  }
}

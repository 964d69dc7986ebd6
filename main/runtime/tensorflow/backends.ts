/**
 * Finds TensorFlow.js on this machine. Its packages are optional: what is installed is loaded when the engine is asked
 * for, the fastest backend first, and nothing of it is part of the app. Runs in the worker thread.
 */
import type * as tfjs from '@tensorflow/tfjs-core'

export type TensorFlow = typeof tfjs

/** Which implementation of the kernels: CUDA, the native CPU library, WebAssembly, plain JavaScript. */
export type TensorFlowBackend = 'gpu' | 'native' | 'wasm' | 'javascript'

type Candidate = { readonly backend: TensorFlowBackend; readonly package: string; readonly registeredAs: string }

/** The fastest first. */
const candidates: readonly Candidate[] = [
  { backend: 'gpu', package: '@tensorflow/tfjs-node-gpu', registeredAs: 'tensorflow' },
  { backend: 'native', package: '@tensorflow/tfjs-node', registeredAs: 'tensorflow' },
  { backend: 'wasm', package: '@tensorflow/tfjs-backend-wasm', registeredAs: 'wasm' },
  { backend: 'javascript', package: '@tensorflow/tfjs-backend-cpu', registeredAs: 'cpu' },
]

/** Every package of the engine, for messages. */
const corePackage = '@tensorflow/tfjs-core'

export type LoadedTensorFlow = { readonly tf: TensorFlow; readonly backend: TensorFlowBackend }

/**
 * Loads the core and one backend.
 *
 * @param wanted default: the fastest that is installed and starts
 * @throws Error with a clause that says what is missing
 */
export async function loadTensorFlow(wanted?: TensorFlowBackend): Promise<LoadedTensorFlow> {
  const reasons: string[] = []
  for (const candidate of candidates) {
    if (wanted !== undefined && candidate.backend !== wanted) continue
    try {
      const tf = await importPackage<TensorFlow>(corePackage)
      await importPackage(candidate.package)
      // Without it every start prints advice about other packages.
      tf.enableProdMode()
      if (!(await tf.setBackend(candidate.registeredAs))) throw new Error('its backend does not start')
      await tf.ready()
      return { tf, backend: candidate.backend }
    } catch (error) {
      if (!isMissing(error, candidate.package)) reasons.push(`${candidate.package}: ${(error as Error).message}`)
    }
  }
  const names = candidates.filter(({ backend }) => wanted === undefined || backend === wanted)
  throw new Error(
    reasons.length > 0
      ? `TensorFlow.js does not start (${reasons.join('; ')}).`
      : `TensorFlow.js is not installed (${names.map((candidate) => candidate.package).join(', ')}).`,
  )
}

/** A name in a variable, so that no bundler takes the package into the app. */
async function importPackage<T>(name: string): Promise<T> {
  const module = (await import(/* @vite-ignore */ name)) as { default?: T }
  return module.default ?? (module as T)
}

function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as { code?: string; message: string }
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return false
  return message.includes(name) || message.includes(corePackage)
}

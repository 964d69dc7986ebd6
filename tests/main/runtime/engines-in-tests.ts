/** The engines and providers that tests can hold against each other here. */
import { existsSync } from 'node:fs'
import type { RuntimeOptions } from '../../../main/runtime/index.ts'

/** Chromium's software Vulkan driver, which WebGPU accepts; Mesa's of Debian 12 is too old for it. */
const softwareVulkan = '/usr/lib/chromium/vk_swiftshader_icd.json'

export type EngineInTests = { readonly name: string; readonly options: RuntimeOptions }

/**
 * Everything but ONNX Runtime on the CPU, which the others are held against. Prints what is left out and why. WebGPU runs
 * on a software driver, unless the environment already names a driver.
 */
export function otherEngines(): EngineInTests[] {
  const engines: EngineInTests[] = [
    { name: 'tensorflow in JavaScript', options: { provider: 'tensorflow', tensorFlowBackend: 'javascript' } },
    { name: 'tensorflow in WebAssembly', options: { provider: 'tensorflow', tensorFlowBackend: 'wasm' } },
  ]
  if (process.env['VK_ICD_FILENAMES'] === undefined && existsSync(softwareVulkan)) {
    process.env['VK_ICD_FILENAMES'] = softwareVulkan // read by the driver's loader when the first session is made
  }
  if (process.env['VK_ICD_FILENAMES'] === undefined) {
    console.log(`skipped: webgpu, because ${softwareVulkan} is not installed (Debian: chromium, libvulkan1)`)
    return engines
  }
  return [...engines, { name: 'webgpu', options: { provider: 'webgpu' } }]
}

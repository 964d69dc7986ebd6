/** Turns what ONNX Runtime says into errors that name the graph, the node and the next step. */
import { AppError } from '../contract/index.ts'
import type { Provider } from './types.ts'

/** How the messages of different stages name the node, most specific first. */
const nodePatterns = [
  /^Node \((.+?)\): /,
  / Name:\s?'([^']*)'/,
  /In Node, \("([^"]*)"/,
  /Node \(([^)]+)\)/,
  /\bnode[: ]+"?'?([\w./:-]+)/i,
]

/** The name of the node in a message of ONNX Runtime, if it has one. */
export function nodeIn(message: string): string | undefined {
  for (const pattern of nodePatterns) {
    const name = pattern.exec(message)?.[1]
    if (name) return name
  }
  return undefined
}

/** The message on one line, without source locations and error numbers. */
export function plainReason(message: string): string {
  const reason = message
    .replaceAll(/\x1b\[[0-9;]*m/g, '')
    .replaceAll(/\S*onnxruntime\S*\.(?:cc|h):\d+ ?/g, '')
    .replaceAll(/onnxruntime::\S+\([^)]*\)(?:::<lambda\(\)>)?\s*/g, '')
    .replaceAll(/\[ONNXRuntimeError\] : \d+ : /g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 600)
  return /[.!?]$/.test(reason) ? reason : `${reason}.`
}

export function graphFailure(label: string, action: 'built' | 'run', message: string): AppError {
  const node = nodeIn(message)
  const place = node === undefined ? '' : ` at node "${node}"`
  return new AppError(
    'runtime.failed',
    `The graph "${label}" could not be ${action}${place}: ${plainReason(message)}`,
    node === undefined ? { graph: label } : { graph: label, node },
    { cause: new Error(message) },
  )
}

export function providerFailure(provider: Provider, message: string): AppError {
  const reason = providerReason(provider, message)
  const advice = provider === 'cpu' ? 'Install the app again.' : 'Choose another device, such as cpu.'
  const what = provider === 'tensorflow' ? 'engine' : 'execution provider'
  return new AppError(
    'runtime.unavailable',
    `The ${what} ${provider} is not available on this machine: ${reason} ${advice}`,
    { provider, reason },
    { cause: new Error(message) },
  )
}

/** One sentence: why the provider does not work here. */
function providerReason(provider: Provider, message: string): string {
  if (provider === 'tensorflow') return message
  if (/backend not found/.test(message)) return 'ONNX Runtime does not offer it on this operating system.'
  if (/Failed to load shared library|cannot open shared object/.test(message)) {
    return provider === 'cuda' ? 'the CUDA libraries are not installed.' : 'its libraries are not installed.'
  }
  if (/No supported adapters|Failed to get a WebGPU adapter/.test(message)) {
    return 'no graphics driver with Vulkan, Metal or Direct3D 12 was found.'
  }
  return plainReason(message)
}

/** What a cancelled call rejects with: never a failure. */
export function abortError(): DOMException {
  return new DOMException('The run was cancelled.', 'AbortError')
}

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { floatTensor } from '../../../main/base/index.ts'
import {
  createRuntime,
  probeInProcess,
  probeInThread,
  requireProvider,
  type ProviderStatus,
} from '../../../main/runtime/index.ts'
import { matMulChain, stepModel } from './models.ts'

const softwareVulkan = '/usr/lib/chromium/vk_swiftshader_icd.json'
const child = fileURLToPath(new URL('./child.ts', import.meta.url))
const expected = { sums: [30, 27], p: [7, 14] }

function runChild(args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const process_ = spawn(process.execPath, ['--import', 'tsx', child, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let stdout = ''
    process_.stdout.on('data', (text) => (stdout += text))
    process_.on('close', (code) => resolve({ code, stdout }))
  })
}

describe('the worker thread', () => {
  it('leaves the event loop of the caller free while a long run works', async () => {
    const size = 512
    const runtime = await createRuntime({ threads: 2 })
    const session = await runtime.createSession(matMulChain(size, 60), { label: 'chain' })
    const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i) / size)
    const feeds = { x: floatTensor([size, size], values), w: floatTensor([size, size], values) }
    const periodMs = 20
    let worstLatenessMs = 0
    let ticks = 0
    let last = performance.now()
    const timer = setInterval(() => {
      const now = performance.now()
      worstLatenessMs = Math.max(worstLatenessMs, now - last - periodMs)
      last = now
      ticks++
    }, periodMs)
    const end = performance.now() + 1000
    while (performance.now() < end) await session.run(feeds)
    clearInterval(timer)
    await runtime.dispose()
    expect(ticks).toBeGreaterThan(8)
    expect(worstLatenessMs).toBeLessThan(100)
  })

  it('finishes what was asked for before it is disposed, and refuses more', async () => {
    const runtime = await createRuntime()
    const session = await runtime.createSession(stepModel(1), { label: 'step', constants: ['p', 'm'] })
    await session.writeState({ p: floatTensor([1], [5]), m: floatTensor([1], [1]) })
    const last = session.run({ x: floatTensor([1], [1]) })
    await Promise.all([runtime.dispose(), runtime.dispose()])
    expect((await last).sum).toEqual(floatTensor([1], [5]))
    await expect(session.run({ x: floatTensor([1], [1]) })).rejects.toThrow('The runtime was closed.')
    await session.dispose()
  })

  it('frees a session and says so when it is used again', async () => {
    const runtime = await createRuntime()
    const session = await runtime.createSession(stepModel(1), { label: 'step' })
    await session.dispose()
    await session.dispose()
    await expect(session.run({})).rejects.toThrow('internal: the session of graph "step" is used after')
    await runtime.dispose()
  })

  it('ends with its process, cleanly, disposed or not', async () => {
    const [disposed, forgotten] = await Promise.all([runChild(['cpu']), runChild(['cpu', 'forget'])])
    expect(disposed).toMatchObject({ code: 0 })
    expect(forgotten).toMatchObject({ code: 0 })
    expect(JSON.parse(forgotten.stdout)).toEqual(expected)
  })
})

describe('execution providers', () => {
  let trial: Promise<ProviderStatus[]> | undefined
  const tried = (): Promise<ProviderStatus[]> => (trial ??= probeInProcess())

  it('are listed with a reason where they do not work', async () => {
    const statuses = await tried()
    expect(statuses[0]).toMatchObject({ provider: 'cpu', available: true })
    expect(statuses.map(({ provider }) => provider)).toEqual(['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'tensorflow'])
    for (const { available, reason, engine } of statuses) {
      expect(engine === undefined).toBe(!available)
      if (available) expect(reason).toBeUndefined()
      else expect(reason).toMatch(/\.$/)
    }
  })

  it('that are missing are refused by name', async () => {
    const missing = (await tried()).find(({ available }) => !available)?.provider
    if (missing === undefined) return console.log('skipped: every provider works on this machine')
    await expect(createRuntime({ provider: missing })).rejects.toMatchObject({
      code: 'runtime.unavailable',
      params: { provider: missing },
      message: expect.stringContaining(`The execution provider ${missing} is not available on this machine`) as string,
    })
  })

  it('are the same whether a process or a thread tries them', async () => {
    const statuses = await tried()
    expect(await probeInThread(['cpu', 'dml'])).toEqual(
      statuses.filter(({ provider }) => provider === 'cpu' || provider === 'dml'),
    )
  })

  it('that are missing are found by a trial, and the processor needs none', async () => {
    const missing = (await tried()).find(({ available }) => !available)
    if (missing === undefined) return console.log('skipped: every provider works on this machine')
    await expect(requireProvider(missing.provider, probeInProcess)).rejects.toMatchObject({
      code: 'runtime.unavailable',
      params: { provider: missing.provider, reason: missing.reason },
    })
    await requireProvider('cpu', () => Promise.reject(new Error('tried')))
  })

  const hasDriver = existsSync(softwareVulkan)
  if (!hasDriver) console.log(`skipped: webgpu, because ${softwareVulkan} is not installed`)
  it.skipIf(!hasDriver)('webgpu gives the numbers of cpu, on a software driver', async () => {
    const { code, stdout } = await runChild(['webgpu'], { VK_ICD_FILENAMES: softwareVulkan })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual(expected)
  })
})

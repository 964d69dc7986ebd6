import { describe, expect, test } from 'vitest'
import { AppError } from '../../../main/contract/index.ts'
import { runTool, startTool } from '../../../main/media/tool-process.ts'

const limits = { silenceTimeoutMs: 10_000, maxOutputBytes: 1_000_000 }

describe('runTool', () => {
  test('a tool that says nothing is killed after the limit', async () => {
    const run = await runTool('sleep', ['30'], { ...limits, silenceTimeoutMs: 100 })
    expect(run.stopped).toBe('timedOut')
  })

  test('a tool that writes without end is killed at the limit', async () => {
    const run = await runTool('yes', [], limits)
    expect(run.stopped).toBe('tooMuchOutput')
    expect(run.stdout.length).toBeLessThanOrEqual(limits.maxOutputBytes)
  })

  test('abort kills the tool and rejects with the reason', async () => {
    const abort = new AbortController()
    const run = runTool('sleep', ['30'], { ...limits, signal: abort.signal })
    abort.abort(new Error('stop'))
    await expect(run).rejects.toThrow('stop')
  })

  test('a missing tool is an error that the user can act on', async () => {
    const error = await runTool('no-such-tool-here', [], limits).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AppError)
    expect((error as AppError).code).toBe('media.toolMissing')
  })

  test('input reaches the tool and its exit code comes back', async () => {
    const run = await runTool('cat', [], { ...limits, input: [Buffer.from('a'), Buffer.from('b')] })
    expect([run.code, run.stdout.toString()]).toEqual([0, 'ab'])
    expect((await runTool('false', [], limits)).code).toBe(1)
  })

  test('a reader that leaves early ends the tool', async () => {
    const run = startTool('yes', [], limits)
    for await (const _ of run.output) break
    expect((await run.outcome).code).toBeNull()
  })
})

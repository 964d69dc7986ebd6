/** What a session promises, on every engine and provider that tests have beside ONNX Runtime on the CPU. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { floatTensor, tensor } from '../../../main/base/index.ts'
import { createRuntime, type Runtime } from '../../../main/runtime/index.ts'
import { otherEngines } from './engines-in-tests.ts'
import { modelOf, stepModel } from './models.ts'

const state = { p: 'p.next', m: 'm.next' }

describe.each(otherEngines())('sessions on $name', ({ options }) => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await createRuntime(options)
  })
  afterAll(async () => {
    await runtime.dispose()
  })

  it('keep state between runs, do not return it, and give copies of it', async () => {
    const session = await runtime.createSession(stepModel(2), { label: 'step', state })
    await session.writeState({ p: floatTensor([2], [10, 20]), m: floatTensor([2], [0, 0]) })
    const x = floatTensor([2], [1, 2])
    expect(await session.run({ x })).toEqual({ sum: floatTensor([1], [30]) })
    expect(await session.run({ x })).toEqual({ sum: floatTensor([1], [27]) })
    const copy = await session.readState()
    expect(copy).toEqual({ p: floatTensor([2], [7, 14]), m: floatTensor([2], [2, 4]) })
    const asked = await session.run({ x }, { outputs: ['p.next'] })
    await session.run({ x })
    expect(asked).toEqual({ 'p.next': floatTensor([2], [4, 8]) })
    expect(copy.p).toEqual(floatTensor([2], [7, 14]))
    expect(await session.readState(['m'])).toEqual({ m: floatTensor([2], [4, 8]) })
    await session.dispose()
  })

  it('leave the state as it was when a run fails', async () => {
    const session = await runtime.createSession(stepModel(2), { label: 'step', state })
    const start = { p: floatTensor([2], [1, 2]), m: floatTensor([2], [3, 4]) }
    await session.writeState(start)
    await expect(session.run({ x: floatTensor([3], [1, 2, 3]) })).rejects.toMatchObject({ code: 'runtime.failed' })
    await expect(session.run({})).rejects.toThrow('The input "x" has no value.')
    expect(await session.readState()).toEqual(start)
    await session.dispose()
  })

  it('share state by name, also after the session that it was written to is gone', async () => {
    const first = await runtime.createSession(stepModel(2), { label: 'first', state })
    const second = await runtime.createSession(stepModel(2), { label: 'second', state, sharesStateOf: first })
    await first.writeState({ p: floatTensor([2], [10, 20]), m: floatTensor([2], [0, 0]) })
    const x = floatTensor([2], [1, 2])
    await first.run({ x })
    expect(await second.run({ x })).toEqual({ sum: floatTensor([1], [27]) })
    expect((await first.readState()).p).toEqual(floatTensor([2], [7, 14]))
    await first.dispose()
    expect(await second.run({ x })).toEqual({ sum: floatTensor([1], [21]) })
    expect((await second.readState()).m).toEqual(floatTensor([2], [3, 6]))
    await second.dispose()
  })

  it('keep constants of a size that changes between writes', async () => {
    const model = modelOf(
      [{ op: 'MatMul', name: 'scores', inputs: ['vectors', 'query'], outputs: ['scores'] }],
      [
        { name: 'vectors', shape: ['N', 2] },
        { name: 'query', shape: [2, 1] },
      ],
      [{ name: 'scores', shape: ['N', 1] }],
    )
    const session = await runtime.createSession(model, { label: 'search', constants: ['vectors'] })
    const query = floatTensor([2, 1], [3, 4])
    await session.writeState({ vectors: floatTensor([2, 2], [1, 0, 0, 1]) })
    expect((await session.run({ query })).scores).toEqual(floatTensor([2, 1], [3, 4]))
    await session.writeState({ vectors: floatTensor([3, 2], [1, 0, 0, 1, 1, 1]) })
    expect((await session.run({ query })).scores).toEqual(floatTensor([3, 1], [3, 4, 7]))
    await session.dispose()
  })

  it('refuse an operator that they lack by its name', async () => {
    const broken = modelOf(
      [{ op: 'NoSuchOperator', name: 'odd', inputs: ['a'], outputs: ['b'] }],
      [{ name: 'a', shape: [1] }],
      [{ name: 'b', shape: [1] }],
    )
    await expect(runtime.createSession(broken, { label: 'broken' })).rejects.toMatchObject({
      code: 'runtime.failed',
      params: { graph: 'broken', node: 'odd' },
      message: expect.stringContaining('NoSuchOperator') as string,
    })
  })

  it('drop what waits and the result in flight when they are cancelled', async () => {
    const session = await runtime.createSession(stepModel(1), { label: 'step', state })
    await session.writeState({ p: floatTensor([1], [0]), m: floatTensor([1], [0]) })
    const controller = new AbortController()
    const x = floatTensor([1], [1])
    const dropped = session.run({ x }, { signal: controller.signal })
    controller.abort()
    await expect(dropped).rejects.toMatchObject({ name: 'AbortError' })
    await session.run({ x })
    expect([-1, -3]).toContain((await session.readState()).p!.data[0])
    await session.dispose()
  })
})

describe('the engine tensorflow', () => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await createRuntime({ provider: 'tensorflow', tensorFlowBackend: 'javascript' })
  })
  afterAll(async () => {
    await runtime.dispose()
  })

  const pass = (type: 'INT64' | 'DOUBLE' | 'BOOL') =>
    modelOf(
      [{ op: 'Identity', inputs: ['a'], outputs: ['b'] }],
      [{ name: 'a', shape: ['N'], type }],
      [{ name: 'b', shape: ['N'], type }],
    )

  it('holds int64 as 32 bits and refuses a value that does not fit, by its name', async () => {
    const session = await runtime.createSession(pass('INT64'), { label: 'pass' })
    const fits = tensor('int64', [2], BigInt64Array.of(2n ** 31n - 1n, -(2n ** 31n)))
    expect((await session.run({ a: fits })).b).toEqual(fits)
    await expect(session.run({ a: tensor('int64', [1], BigInt64Array.of(2n ** 31n)) })).rejects.toThrow(
      'The value "a" holds 2147483648, which does not fit the 32 bits',
    )
    await session.dispose()
  })

  it('carries truth values and refuses float64 when the graph is built', async () => {
    const session = await runtime.createSession(pass('BOOL'), { label: 'pass' })
    const value = tensor('bool', [2], Uint8Array.of(1, 0))
    expect((await session.run({ a: value })).b).toEqual(value)
    await session.dispose()
    await expect(runtime.createSession(pass('DOUBLE'), { label: 'double' })).rejects.toThrow('"a" has an element type')
  })

  it('says which package is missing where a backend is not installed', async () => {
    const wanted = createRuntime({ provider: 'tensorflow', tensorFlowBackend: 'gpu' })
    await expect(wanted.then((there) => there.dispose())).rejects.toMatchObject({
      code: 'runtime.unavailable',
      params: { provider: 'tensorflow' },
      message: expect.stringContaining('@tensorflow/tfjs-node-gpu') as string,
    })
  })
})

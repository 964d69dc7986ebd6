import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { floatTensor, intTensor, tensor } from '../../../main/base/index.ts'
import { createRuntime, type Runtime } from '../../../main/runtime/index.ts'
import { matMulChain, modelOf, stepModel } from './models.ts'

let runtime: Runtime

beforeAll(async () => {
  runtime = await createRuntime({ threads: 2 })
})

afterAll(async () => {
  await runtime.dispose()
})

const addModel = () =>
  modelOf(
    [
      { op: 'Add', name: 'add', inputs: ['a', 'b'], outputs: ['sum'] },
      { op: 'Mul', name: 'mul', inputs: ['a', 'b'], outputs: ['product'] },
    ],
    [
      { name: 'a', shape: ['N', 2] },
      { name: 'b', shape: [2] },
    ],
    [
      { name: 'sum', shape: ['N', 2] },
      { name: 'product', shape: ['N', 2] },
    ],
  )

describe('running a graph', () => {
  it('gives the right values and describes inputs and outputs', async () => {
    const session = await runtime.createSession(addModel(), { label: 'add' })
    expect(session.inputs).toEqual([
      { name: 'a', dtype: 'float32', shape: ['N', 2] },
      { name: 'b', dtype: 'float32', shape: [2] },
    ])
    const result = await session.run({ a: floatTensor([2, 2], [1, 2, 3, 4]), b: floatTensor([2], [10, 20]) })
    expect(result).toEqual({
      sum: floatTensor([2, 2], [11, 22, 13, 24]),
      product: floatTensor([2, 2], [10, 40, 30, 80]),
    })
    await session.dispose()
  })

  it('computes and returns only the outputs that were asked for', async () => {
    const session = await runtime.createSession(addModel(), { label: 'add' })
    const feeds = { a: floatTensor([1, 2], [1, 2]), b: floatTensor([2], [10, 20]) }
    expect(Object.keys(await session.run(feeds, { outputs: ['product'] }))).toEqual(['product'])
    await session.dispose()
  })

  it('carries every element type there and back', async () => {
    const values = {
      float: floatTensor([2], [1.5, -2]),
      double: tensor('float64', [2], Float64Array.of(0.1, -0.2)),
      half: tensor('float16', [2], Uint16Array.of(0x3c00, 0xc000)),
      long: intTensor([2], [5, -6]),
      int: tensor('int32', [2], Int32Array.of(7, -8)),
      byte: tensor('uint8', [2], Uint8Array.of(9, 255)),
      bool: tensor('bool', [2], Uint8Array.of(1, 0)),
    }
    const types = {
      float: 'FLOAT',
      double: 'DOUBLE',
      half: 'FLOAT16',
      long: 'INT64',
      int: 'INT32',
      byte: 'UINT8',
      bool: 'BOOL',
    } as const
    const names = Object.keys(values) as (keyof typeof values)[]
    const model = modelOf(
      names.map((name) => ({ op: 'Identity', name, inputs: [name], outputs: [`${name}.out`] })),
      names.map((name) => ({ name, shape: [2], type: types[name] })),
      names.map((name) => ({ name: `${name}.out`, shape: [2], type: types[name] })),
    )
    const session = await runtime.createSession(model, { label: 'types' })
    const result = await session.run(values)
    for (const name of names) expect(result[`${name}.out`]).toEqual(values[name])
    await session.dispose()
  })

  it('copies the feeds unless they may be moved, and never takes the neighbours of a view along', async () => {
    const session = await runtime.createSession(addModel(), { label: 'add' })
    const b = floatTensor([2], [0, 0])
    const kept = floatTensor([1, 2], [1, 2])
    await session.run({ a: kept, b })
    expect(kept.data).toHaveLength(2)
    const whole = Float32Array.of(1, 2, 3, 4)
    const part = floatTensor([1, 2], whole.subarray(2))
    expect((await session.run({ a: part, b }, { transfer: true })).sum!.data).toEqual(Float32Array.of(3, 4))
    expect(whole).toEqual(Float32Array.of(1, 2, 3, 4))
    await session.run({ a: kept, b: floatTensor([2], [0, 0]) }, { transfer: true })
    expect(kept.data).toHaveLength(0)
    await session.dispose()
  })
})

describe('resident tensors', () => {
  it('are replaced by their outputs after every run and are not returned', async () => {
    const session = await runtime.createSession(stepModel(2), {
      label: 'step',
      state: { p: 'p.next', m: 'm.next' },
    })
    await session.writeState({ p: floatTensor([2], [10, 20]), m: floatTensor([2], [0, 0]) })
    const x = floatTensor([2], [1, 2])
    expect(await session.run({ x })).toEqual({ sum: floatTensor([1], [30]) })
    expect(await session.run({ x })).toEqual({ sum: floatTensor([1], [27]) })
    expect(await session.readState()).toEqual({ p: floatTensor([2], [7, 14]), m: floatTensor([2], [2, 4]) })
    expect(await session.readState(['m'])).toEqual({ m: floatTensor([2], [2, 4]) })
    await session.dispose()
  })

  it('give the same numbers as feeding the outputs again', async () => {
    const size = 1000
    const resident = await runtime.createSession(stepModel(size), {
      label: 'resident',
      state: { p: 'p.next', m: 'm.next' },
    })
    const plain = await runtime.createSession(stepModel(size), { label: 'plain' })
    let p = floatTensor(
      [size],
      Float32Array.from({ length: size }, (_, i) => Math.sin(i)),
    )
    let m = floatTensor([size], new Float32Array(size))
    await resident.writeState({ p, m })
    for (let step = 0; step < 7; step++) {
      const x = floatTensor(
        [size],
        Float32Array.from({ length: size }, (_, i) => Math.cos(i * step)),
      )
      const a = await resident.run({ x })
      const b = await plain.run({ p, m, x })
      expect(a.sum).toEqual(b.sum)
      p = b['p.next']!
      m = b['m.next']!
    }
    expect(await resident.readState()).toEqual({ p, m })
    await resident.dispose()
    await plain.dispose()
  })

  it('can be returned as copies that later runs do not change', async () => {
    const session = await runtime.createSession(stepModel(1), { label: 'step', state: { p: 'p.next', m: 'm.next' } })
    await session.writeState({ p: floatTensor([1], [0]), m: floatTensor([1], [0]) })
    const x = floatTensor([1], [1])
    const first = await session.run({ x }, { outputs: ['p.next'] })
    await session.run({ x })
    await session.run({ x })
    expect(first).toEqual({ 'p.next': floatTensor([1], [-1]) })
    expect((await session.readState()).p).toEqual(floatTensor([1], [-6]))
    await session.dispose()
  })

  it('stay as they were when a run fails', async () => {
    const session = await runtime.createSession(stepModel(2), { label: 'step', state: { p: 'p.next', m: 'm.next' } })
    const start = { p: floatTensor([2], [1, 2]), m: floatTensor([2], [3, 4]) }
    await session.writeState(start)
    await expect(session.run({ x: floatTensor([3], [1, 2, 3]) })).rejects.toMatchObject({ code: 'runtime.failed' })
    expect(await session.readState()).toEqual(start)
    await session.dispose()
  })

  it('may be constants, which no run changes, of a size that changes between writes', async () => {
    const model = modelOf(
      [{ op: 'MatMul', name: 'scores', inputs: ['vectors', 'query'], outputs: ['scores'] }],
      [
        { name: 'vectors', shape: ['N', 2] },
        { name: 'query', shape: [2] },
      ],
      [{ name: 'scores', shape: ['N'] }],
    )
    const session = await runtime.createSession(model, { label: 'search', constants: ['vectors'] })
    await session.writeState({ vectors: floatTensor([2, 2], [1, 0, 0, 1]) })
    const query = floatTensor([2], [3, 4])
    expect((await session.run({ query })).scores).toEqual(floatTensor([2], [3, 4]))
    await session.writeState({ vectors: floatTensor([3, 2], [1, 0, 0, 1, 1, 1]) })
    expect((await session.run({ query })).scores).toEqual(floatTensor([3], [3, 4, 7]))
    await session.dispose()
  })
})

describe('resident tensors that sessions share', () => {
  const state = { p: 'p.next', m: 'm.next' }
  const x = floatTensor([2], [1, 2])

  it('change for both when either runs or writes', async () => {
    const first = await runtime.createSession(stepModel(2), { label: 'first', state })
    const second = await runtime.createSession(stepModel(2), { label: 'second', state, sharesStateOf: first })
    await first.writeState({ p: floatTensor([2], [10, 20]), m: floatTensor([2], [0, 0]) })
    expect(await first.run({ x })).toEqual({ sum: floatTensor([1], [30]) })
    expect(await second.run({ x })).toEqual({ sum: floatTensor([1], [27]) })
    expect(await first.run({ x })).toEqual({ sum: floatTensor([1], [21]) })
    expect(await second.readState()).toEqual({ p: floatTensor([2], [4, 8]), m: floatTensor([2], [3, 6]) })
    await second.writeState({ p: floatTensor([2], [1, 1]) })
    expect(await first.run({ x })).toEqual({ sum: floatTensor([1], [2]) })
    await first.dispose()
    await second.dispose()
  })

  it('may be state for one and constants for another, and stay until the last session goes', async () => {
    const first = await runtime.createSession(stepModel(2), { label: 'first', state })
    await first.writeState({ p: floatTensor([2], [10, 20]), m: floatTensor([2], [0, 0]) })
    const reader = await runtime.createSession(stepModel(2), {
      ...{ label: 'reader', constants: ['p', 'm'], sharesStateOf: first },
    })
    expect((await reader.run({ x }, { outputs: ['sum'] }))['sum']).toEqual(floatTensor([1], [30]))
    await first.run({ x })
    await first.dispose()
    expect((await reader.run({ x }, { outputs: ['sum'] }))['sum']).toEqual(floatTensor([1], [27]))
    expect((await reader.run({ x }, { outputs: ['sum'] }))['sum']).toEqual(floatTensor([1], [27])) // it changes nothing
    await reader.dispose()
  })

  it('are of one runtime only', async () => {
    const other = await createRuntime({ threads: 1 })
    try {
      const elsewhere = await other.createSession(stepModel(2), { label: 'elsewhere', state })
      const asked = runtime.createSession(stepModel(2), { label: 'here', state, sharesStateOf: elsewhere })
      await expect(asked).rejects.toThrow('a session of this runtime to share state with')
    } finally {
      await other.dispose()
    }
  })
})

describe('failures', () => {
  it('name the graph when it cannot be built', async () => {
    const broken = modelOf(
      [{ op: 'NoSuchOperator', name: 'odd', inputs: ['a'], outputs: ['b'] }],
      [{ name: 'a', shape: [1] }],
      [{ name: 'b', shape: [1] }],
    )
    await expect(runtime.createSession(broken, { label: 'broken graph' })).rejects.toMatchObject({
      code: 'runtime.failed',
      params: { graph: 'broken graph', node: 'odd' },
      message: expect.stringContaining('"broken graph"') as string,
    })
    await expect(runtime.createSession(new Uint8Array(9), { label: 'no graph' })).rejects.toMatchObject({
      code: 'runtime.failed',
      params: { graph: 'no graph' },
    })
  })

  it('name the graph and the node when it cannot be run', async () => {
    const model = modelOf(
      [{ op: 'MatMul', name: 'tower.product', inputs: ['a', 'b'], outputs: ['c'] }],
      [
        { name: 'a', shape: ['M', 'K'] },
        { name: 'b', shape: ['L', 'N'] },
      ],
      [{ name: 'c', shape: ['M', 'N'] }],
    )
    const session = await runtime.createSession(model, { label: 'tower' })
    const feeds = { a: floatTensor([1, 2], [1, 2]), b: floatTensor([3, 1], [1, 2, 3]) }
    await expect(session.run(feeds)).rejects.toMatchObject({
      code: 'runtime.failed',
      params: { graph: 'tower', node: 'tower.product' },
    })
    await session.dispose()
  })

  it('say which input is missing or unknown', async () => {
    const session = await runtime.createSession(addModel(), { label: 'add' })
    const a = floatTensor([1, 2], [1, 2])
    await expect(session.run({ a })).rejects.toThrow('The graph "add" could not be run: The input "b" has no value.')
    await expect(session.run({ a, b: floatTensor([2], [1, 2]), z: a })).rejects.toThrow('There is no input "z"')
    await expect(session.run({ a, b: floatTensor([2], [1, 2]) }, { outputs: ['x'] })).rejects.toThrow('no output "x"')
    await session.dispose()
  })
})

describe('cancelling', () => {
  it('drops a waiting run and the result of the one in flight, and keeps the state consistent', async () => {
    const busy = await runtime.createSession(matMulChain(768, 8), { label: 'busy' })
    const step = await runtime.createSession(stepModel(1), { label: 'step', state: { p: 'p.next', m: 'm.next' } })
    await step.writeState({ p: floatTensor([1], [0]), m: floatTensor([1], [0]) })
    const square = floatTensor([768, 768], new Float32Array(768 * 768))
    const controller = new AbortController()
    const { signal } = controller
    const inFlight = busy.run({ x: square, w: square }, { signal })
    const dropped = step.run({ x: floatTensor([1], [1]) }, { signal })
    const kept = step.run({ x: floatTensor([1], [1]) })
    await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort()
    await expect(inFlight).rejects.toMatchObject({ name: 'AbortError' })
    await expect(dropped).rejects.toMatchObject({ name: 'AbortError' })
    await kept
    expect((await step.readState()).p).toEqual(floatTensor([1], [-1]))
    await expect(step.run({ x: floatTensor([1], [1]) }, { signal })).rejects.toMatchObject({ name: 'AbortError' })
    expect((await step.readState()).p).toEqual(floatTensor([1], [-1]))
    await busy.dispose()
    await step.dispose()
  })
})

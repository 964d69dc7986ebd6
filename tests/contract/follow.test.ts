/** Following the engine's news: nothing that happens around the start of it is missed. */
import { expect, it } from 'vitest'
import { followNews, type Client, type ProcedureEvent } from '../../main/contract/index.ts'

const counts = { videos: 0 } as never
const listening: ProcedureEvent = { kind: 'listening' }
const changed = (...what: ('videos' | 'texts')[]): ProcedureEvent => ({ kind: 'change', what, counts })

/** An engine whose news the test tells by hand. */
function engine() {
  let listener: ((event: ProcedureEvent) => void) | undefined
  let finish: (() => void) | undefined
  let signal: AbortSignal | undefined
  const watch: Client['watch'] = (_, options) =>
    new Promise((resolve, reject) => {
      listener = options?.onEvent
      signal = options?.signal
      finish = () => resolve({})
      signal?.addEventListener('abort', () => reject(signal?.reason as Error), { once: true })
    })
  return {
    client: { watch },
    tell: (event: ProcedureEvent) => listener?.(event),
    end: () => finish?.(),
    isLeft: () => signal?.aborted,
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

it('reads once it is heard, and takes what was told meanwhile after that, in order', async () => {
  const { client, tell, end } = engine()
  const seen: unknown[] = []
  let hasRead: () => void = () => {}
  const following = followNews(client, {
    signal: new AbortController().signal,
    onOpen() {
      seen.push('reads')
      return new Promise<void>((resolve) => (hasRead = resolve)).then(() => void seen.push('has read'))
    },
    onEvent: (event) => seen.push(event),
  })
  await turn()
  expect(seen).toEqual([])
  tell(listening)
  await turn()
  tell(changed('videos'))
  tell(changed('texts'))
  await turn()
  expect(seen).toEqual(['reads'])
  hasRead()
  await turn()
  tell(changed('videos', 'texts'))
  end()
  await following
  expect(seen).toEqual([...['reads', 'has read'], ...[changed('videos'), changed('texts'), changed('videos', 'texts')]])
})

it('leaves, and says why, when what is there cannot be read', async () => {
  const { client, tell, isLeft } = engine()
  const following = followNews(client, {
    signal: new AbortController().signal,
    onOpen: () => Promise.reject(new Error('the library does not open')),
    onEvent() {},
  })
  tell(listening)
  await expect(following).rejects.toThrow('the library does not open')
  expect(isLeft()).toBe(true)
})

it('says why it cannot listen, without reading, and ends when it is told to', async () => {
  let reads = 0
  const onOpen = async (): Promise<void> => void (reads += 1)
  const refusing = { watch: () => Promise.reject(new Error('the engine is away')) }
  const parts = { onOpen, onEvent() {} }
  const { signal } = new AbortController()
  await expect(followNews(refusing, { ...parts, signal })).rejects.toThrow('the engine is away')
  expect(reads).toBe(0)
  const { client, tell } = engine()
  const leaving = new AbortController()
  const following = followNews(client, { ...parts, signal: leaving.signal })
  tell(listening)
  await turn()
  leaving.abort(new Error('enough'))
  await expect(following).rejects.toThrow('enough')
  expect(reads).toBe(1)
})

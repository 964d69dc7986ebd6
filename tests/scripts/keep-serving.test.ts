/** The engine behind a window in a browser, whatever ends it. Real processes in the engine's place, ended by real signals. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keepServing } from '../../scripts/keep-serving.mjs'

let folder: string
let record: string
let said: string
let addresses: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mama-serving-'))
  record = join(folder, 'starts.txt')
  writeFileSync(record, '')
  said = ''
  addresses = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Start = { pid: number; token: string; port: string }

/** Every start of the stand-in, as it saw itself. */
const starts = (): Start[] =>
  readFileSync(record, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Start)

/** Notes how it was started, prints an address and then does what the script says. */
function standIn(then: string): string[] {
  const file = join(folder, 'engine.cjs')
  writeFileSync(
    file,
    `const { appendFileSync, readFileSync } = require('node:fs')
     const port = process.argv.at(-2) === '--port' ? process.argv.at(-1) : ''
     appendFileSync(${JSON.stringify(record)}, JSON.stringify({ pid: process.pid, token: process.env.MAMA_SERVE_TOKEN, port }) + '\\n')
     console.log('Open http://127.0.0.1:' + (port || 4711) + '/?token=abc')
     const count = readFileSync(${JSON.stringify(record)}, 'utf8').trim().split('\\n').length
     setInterval(() => {}, 1000)
     ${then}`,
  )
  return [file]
}

const serve = (then: string, leastMs = 0): Promise<number> =>
  keepServing({
    ...{ command: standIn(then), leastMs },
    onAddress: (url) => addresses.push(url),
    print: (text) => (said += String(text)),
  })

const patient = { timeout: 20_000 }

describe('the engine behind a window in a browser', () => {
  it('is started again after a kill, where the open window looks for it and with the key that it has', async () => {
    const ended = serve('if (count === 3) setTimeout(() => process.exit(0), 100)')
    for (const count of [1, 2]) {
      await expect.poll(() => said.match(/Open http/g)?.length, patient).toBe(count)
      process.kill(starts().at(-1)!.pid, 'SIGKILL')
    }
    expect(await ended).toBe(0)
    const [first, ...others] = starts()
    expect(first?.port).toBe('')
    expect(first?.token).toMatch(/^[\w-]{43}$/)
    expect(others.map(({ port, token }) => [port, token])).toEqual([
      ['4711', first?.token],
      ['4711', first?.token],
    ])
    // The browser was opened once; the window in it goes on.
    expect(addresses).toEqual(['http://127.0.0.1:4711/?token=abc'])
    expect(said.match(/started again; nothing is lost/g)).toHaveLength(2)
  }, 40_000)

  it('is not started again when it ends by itself, and hands on how', async () => {
    expect(await serve('process.exit(3)')).toBe(3)
    expect(starts()).toHaveLength(1)
  })

  it('is not started again when it was killed before it could have worked', async () => {
    expect(await serve("process.kill(process.pid, 'SIGKILL')", 60_000)).toBe(1)
    expect(starts()).toHaveLength(1)
  })

  it('ends with us, and is not brought back then', async () => {
    const others = process.listeners('SIGTERM')
    const ended = serve('')
    await expect.poll(() => said, patient).toContain('Open http')
    // As the system does it to this process, without ending the tests.
    for (const listener of process.listeners('SIGTERM')) if (!others.includes(listener)) listener('SIGTERM')
    expect(await ended).toBe(0)
    expect(starts()).toHaveLength(1)
    expect(process.listeners('SIGTERM')).toEqual(others)
  }, 40_000)
})

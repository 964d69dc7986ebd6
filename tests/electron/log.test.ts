/** The log of the desktop app: bounded, one line each, and nothing of the customer's in what it keeps of errors. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { graphicsFallback } from '../../electron/graphics-fallback.ts'
import { openLogFile } from '../../electron/log-file.ts'
import { traceOf, traceOfOutput } from '../../electron/trace.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mama-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the log file', () => {
  it('has one line for each entry, with time and source, whatever the entry holds', () => {
    const log = openLogFile(join(folder, 'not', 'there', 'yet'), { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) })
    log.write('app', 'starts')
    log.write('engine', 'ended\n  at once\n  at twice')
    expect(readFileSync(log.path, 'utf8')).toBe(
      '2026-01-02T03:04:05.006Z app: starts\n2026-01-02T03:04:05.006Z engine: ended | at once | at twice\n',
    )
  })

  it('goes on in a new file when it is full, and keeps only the newest old ones', () => {
    const log = openLogFile(folder, { now: () => 0, maxBytes: 400, keep: 2 })
    for (let i = 0; i < 60; i += 1) log.write('app', `entry ${String(i).padStart(2, '0')} ${'.'.repeat(20)}`)
    const read = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n')
    const all = [`${log.path}.2`, `${log.path}.1`, log.path]
    for (const path of all) expect(statSync(path).size).toBeLessThan(400 + 80)
    expect(existsSync(`${log.path}.3`)).toBe(false)
    const numbers = all.flatMap(read).map((line) => Number(/entry (\d\d)/.exec(line)?.[1]))
    expect(numbers.at(-1)).toBe(59)
    expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i))
  })

  it('stops no app when it cannot be written', () => {
    writeFileSync(join(folder, 'file'), '')
    const log = openLogFile(join(folder, 'file', 'below'), { now: () => 0 })
    expect(() => log.write('app', 'starts')).not.toThrow()
  })
})

describe('what is kept of an error', () => {
  const secret = '/home/ann/Autumn Catalogue/secret dress.mp4'

  it('is its kind, its code and where it was thrown, without its message and without folders', () => {
    const error = Object.assign(new TypeError(`cannot read ${secret}\n${secret} again`), { code: 'ENOENT' })
    error.stack = `TypeError: cannot read ${secret}\n${secret} again\n    at readClip (/opt/app/out/engine/engine.js:10:5)\n    at async /opt/app/out/engine/engine.js:20:7`
    expect(traceOf(error)).toBe('TypeError ENOENT\nat readClip (engine.js:10:5)\nat engine.js:20:7')
  })

  it('leaves out a code that is a sentence, and says something of what is no error', () => {
    expect(traceOf(Object.assign(new Error('x'), { code: secret }))).not.toContain('secret')
    expect(traceOf(secret)).toBe('something of type string was thrown')
  })

  it('finds the error in the last words of a process', () => {
    const output = `looking at ${secret}\nnode:internal:1\n\nUncaught RangeError: ${secret}\n    at new Shot (file:///opt/app/shots.js:3:1)\n\nNode.js v24\n`
    expect(traceOfOutput(output)).toBe('RangeError\nat new Shot (shots.js:3:1)')
    expect(traceOfOutput(`looking at ${secret}\n`)).toBe('')
  })
})

describe('graphics that keep dying', () => {
  it('are left out at the next start, until the app has another version or the deaths lie apart', () => {
    const file = join(folder, 'graphics-off')
    let now = 0
    const first = graphicsFallback(file, '1.0.0', () => now)
    expect(first.isOff).toBe(false)
    const deaths = [0, 200_000, 400_000, 410_000, 420_000].map((at) => ((now = at), first.gone()))
    expect(deaths).toEqual([false, false, false, false, true])
    expect(graphicsFallback(file, '1.0.0', () => now).isOff).toBe(true)
    expect(graphicsFallback(file, '1.0.1', () => now).isOff).toBe(false)
  })
})

/** What a reader sees of a set-up: a line a step, the rest in a log, and its end when a step fails. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createSteps, durationText, lastLines } from '../../scripts/steps.mjs'
import { temporaryFolder } from '../temporary-folder.ts'

const node = (script: string) => ({ command: process.execPath, args: ['-e', script] })

function reader(): { log: string; steps: ReturnType<typeof createSteps>; said: () => string } {
  const log = join(temporaryFolder('steps'), 'out', 'set-up.log')
  let text = ''
  return { log, steps: createSteps(log, (part) => (text += part)), said: () => text }
}

it('a step is one line with its time, and what the programs print is in the log, whose path is said once', () => {
  const { log, steps, said } = reader()
  expect(steps.run('packages', [node('console.log("chatter")'), node('console.error("more chatter")')])).toBe(true)
  expect(steps.run('ffmpeg', [node('')])).toBe(true)
  expect(said()).toMatch(
    /^Setting up\. What the installers say goes to .*set-up\.log\n {2}packages … \d+(\.\d)? s\n {2}ffmpeg … \d+(\.\d)? s\n$/,
  )
  expect(said()).toContain(log)
  expect(readFileSync(log, 'utf8')).toMatch(/chatter\n[^]*more chatter\n/)
})

it('the end of what a failed step said is shown with the path of the log, and the commands after it are not run', () => {
  const { log, steps, said } = reader()
  steps.run('first', [node('console.log("of the first step")')])
  const many = node('for (let i = 1; i <= 40; i++) console.log(`line ${i}`); process.exit(3)')
  expect(steps.run('packages', [many, node('console.log("never")')])).toBe(false)
  expect(said()).toMatch(/packages … failed after .* s; the last that was said:\n {4}line 26\n[^]* {4}line 40\n/)
  expect(said().endsWith(`All of it: ${log}\n`)).toBe(true)
  expect(said()).not.toContain('of the first step')
  expect(readFileSync(log, 'utf8')).not.toContain('\nnever')
})

it('a program that is not there is a failed step', () => {
  const { steps, said } = reader()
  expect(steps.run('tool', [{ command: 'no-such-program-of-mama', args: [] }])).toBe(false)
  expect(said()).toContain('ENOENT')
})

it('nothing is written before there is a step', () => {
  const { log } = reader()
  expect(existsSync(log)).toBe(false)
})

it('times and last lines are short', () => {
  expect([0.04, 9.96, 42.4, 125].map(durationText)).toEqual(['0.0 s', '10 s', '42 s', '2 min 5 s'])
  expect(lastLines('a\r\n\n  \nb\n')).toBe('    a\n    b')
})

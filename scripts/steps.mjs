/**
 * Steps of a set-up as the reader sees them: one line each with its time. What the programs print that do the work goes to a log
 * file; when one fails, the end of what it said is shown. Plain Node without dependencies.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const shownLines = 15

/**
 * @typedef {{
 *   command: string,
 *   args: readonly string[],
 *   cwd?: string,
 *   env?: NodeJS.ProcessEnv,
 *   shell?: boolean,
 * }} Command
 */

/**
 * @param {string} logFile begun anew by the first step
 * @param {(text: string) => void} [print]
 */
export function createSteps(logFile, print = (text) => void process.stderr.write(text)) {
  let isBegun = false

  /** @param {string} name @param {Command} command */
  function append(name, { command, args, ...options }) {
    const log = openSync(logFile, 'a')
    try {
      writeSync(log, `\n== ${name}: ${[command, ...args].join(' ')}\n`)
      const done = spawnSync(command, args, { ...options, stdio: ['ignore', log, log] })
      if (done.error !== undefined) writeSync(log, `${done.error.message}\n`)
      return done.status === 0
    } finally {
      closeSync(log)
    }
  }

  return {
    /**
     * Runs the commands one after the other until one fails.
     *
     * @param {string} name a word or two
     * @param {readonly Command[]} commands
     * @returns {boolean} whether all of them succeeded
     */
    run(name, commands) {
      if (!isBegun) {
        mkdirSync(dirname(logFile), { recursive: true })
        closeSync(openSync(logFile, 'w'))
        print(`Setting up. What the installers say goes to ${logFile}\n`)
        isBegun = true
      }
      const begin = performance.now()
      const beganAt = statSync(logFile).size
      print(`  ${name} … `)
      const isDone = commands.every((command) => append(name, command))
      const seconds = durationText((performance.now() - begin) / 1000)
      if (isDone) print(`${seconds}\n`)
      else {
        const said = readFileSync(logFile).subarray(beganAt).toString('utf8')
        print(`failed after ${seconds}; the last that was said:\n${lastLines(said)}\nAll of it: ${logFile}\n`)
      }
      return isDone
    },
  }
}

/** `0.4 s`, `42 s`, `2 min 5 s`. @param {number} seconds */
export function durationText(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** The last lines that say something, indented. @param {string} text */
export function lastLines(text) {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  return lines
    .slice(-shownLines)
    .map((line) => `    ${line}`)
    .join('\n')
}

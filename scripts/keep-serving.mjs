/**
 * Runs the engine for a window in a browser. An engine that a signal ended (a crash, a kill) is started again with the same
 * port and token: the open window goes on by itself, and the library with what was under way.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { root } from './setup.mjs'

const endings = /** @type {const} */ (['SIGINT', 'SIGTERM'])

/** An engine that ends sooner would only end again. */
const usualLeastMs = 5000

/**
 * @param {object} parts
 * @param {readonly string[]} parts.command what Node runs; `--port PORT` follows when it is started again
 * @param {(url: string) => void} parts.onAddress called once, with the address that the engine prints
 * @param {(text: string | Uint8Array) => void} [parts.print] default: to the standard output
 * @param {number} [parts.leastMs] an engine that has lived for less is not started again
 * @returns {Promise<number>} the exit code, once the engine has ended for good
 */
export function keepServing({
  command,
  onAddress,
  print = (text) => process.stdout.write(text),
  leastMs = usualLeastMs,
}) {
  const env = { ...process.env, MAMA_SERVE_TOKEN: randomBytes(32).toString('base64url') }
  let port = ''
  return new Promise((resolve) => {
    const start = () => {
      const begin = performance.now()
      const again = port === '' ? [] : ['--port', port]
      const engine = spawn(process.execPath, [...command, ...again], {
        cwd: root,
        env,
        stdio: ['inherit', 'pipe', 'inherit'],
      })
      let isStopping = false
      engine.stdout.on('data', (chunk) => {
        print(chunk)
        const url = /http:\/\/127\.0\.0\.1:(\d+)\/\S*/.exec(String(chunk))
        if (url === null || port !== '') return
        port = url[1] ?? ''
        onAddress(url[0])
      })
      const pass = (/** @type {NodeJS.Signals} */ signal) => ((isStopping = true), engine.kill(signal))
      for (const signal of endings) process.on(signal, pass)
      engine.on('close', (code) => {
        for (const signal of endings) process.off(signal, pass)
        const hasWorked = port !== '' && performance.now() - begin > leastMs
        if (code !== null || isStopping || !hasWorked) return resolve(code ?? (isStopping ? 0 : 1))
        print('The engine ended unexpectedly and is started again; nothing is lost.\n')
        start()
      })
    }
    start()
  })
}

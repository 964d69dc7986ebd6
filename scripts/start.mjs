/** `npm start`: sets up, builds the window and opens the desktop app; where its binary is missing, says so and opens the same window in a browser. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keepServing } from './keep-serving.mjs'
import { ensureNatives } from './natives.mjs'
import { root, setUp } from './setup.mjs'

const bin = (/** @type {string} */ path) => join(root, 'node_modules', path)

/** Path of the Electron binary, or null where it was never fetched. */
function electronBinary() {
  const named = bin('electron/path.txt')
  if (!existsSync(named)) return null
  const binary = bin(join('electron', 'dist', readFileSync(named, 'utf8').trim()))
  return existsSync(binary) ? binary : null
}

/** Opens the address with the system's own program; where there is none, the address that was printed is enough. */
function openInBrowser(/** @type {string} */ url) {
  const [program, ...args] =
    process.platform === 'win32'
      ? ['cmd', '/c', 'start', '""', url.replaceAll('&', '^&')]
      : [process.platform === 'darwin' ? 'open' : 'xdg-open', url]
  spawn(program ?? '', args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}

/** Runs Node to its end and resolves with its exit code. */
function node(/** @type {string[]} */ ...args) {
  return new Promise((resolve) => {
    spawn(process.execPath, args, { cwd: root, stdio: 'inherit' }).on('close', (code) => resolve(code ?? 1))
  })
}

setUp()
// Each time: a window of an earlier version would ask the engine for what it no longer has.
console.log('Building the window.')
const built = await node(bin('vite/bin/vite.js'), 'build', '--logLevel', 'warn')
if (built !== 0) process.exit(built)
const binary = electronBinary()
const obstacle = binary === null ? 'The desktop app is not installed on this computer.' : ensureNatives()
if (binary !== null && obstacle === undefined) {
  // Loaded here, because it needs packages that the set-up above may only just have installed.
  const { buildDesktop } = await import('./build-desktop.mjs')
  await buildDesktop({ ifOlder: true })
  spawn(binary, [root, ...process.argv.slice(2)], { stdio: 'inherit' }).on('close', (code) => process.exit(code ?? 1))
} else {
  console.log(`${obstacle} The same window opens in your browser.`)
  process.exitCode = await keepServing({
    command: ['scripts/mama.mjs', 'serve', ...process.argv.slice(2)],
    onAddress: openInBrowser,
  })
}

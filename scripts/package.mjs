/**
 * `npm run dist`: builds everything that is packed and makes the installers of this platform. Arguments go to
 * electron-builder (`npm run dist -- --dir`). Windows and macOS installers are made on Windows and macOS.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { writeLicences } from './licences.mjs'
import { ensureNatives } from './natives.mjs'
import { root, setUp } from './setup.mjs'

const bin = (/** @type {string} */ path) => join(root, 'node_modules', path)
const run = (/** @type {string[]} */ ...args) => {
  const env = { ...process.env, MAMA_NATIVES: 'out/natives' }
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env })
  if (status !== 0) process.exit(status ?? 1)
}

setUp()
const problem = ensureNatives()
if (problem !== undefined) {
  console.error(problem)
  process.exit(1)
}
run(bin('vite/bin/vite.js'), 'build', '--logLevel', 'warn')
// Loaded here, because it needs packages that the set-up above may only just have installed.
const { buildDesktop } = await import('./build-desktop.mjs')
await buildDesktop()
writeLicences()
run(bin('electron-builder/cli.js'), '--publish', 'never', ...process.argv.slice(2))

/**
 * SQLite for Electron, beside the one for Node: better-sqlite3 is bound to one ABI, and its binary in node_modules is
 * Node's. Fetches or compiles it in a copy and puts it under `out/natives/<os>-<arch>`, from where the desktop app loads it
 * (`nativeBinding`) and electron-builder packs it. A second run finds it done.
 *
 *   node scripts/natives.mjs [--arch x64]
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './setup.mjs'

/** As electron-builder names platforms. @type {Readonly<Record<string, string>>} */
const osNames = { darwin: 'mac', win32: 'win', linux: 'linux' }
const bin = (/** @type {string} */ path) => join(root, 'node_modules', path)

/** @typedef {{ platform: string, arch: string, electron: string }} Target */

/** Where the binary goes, and the file that says which Electron it is for. Pure. @param {Target} target @param {string} folder */
export function nativePlace({ platform, arch, electron }, folder) {
  const place = join(folder, `${osNames[platform] ?? platform}-${arch}`)
  return { binary: join(place, 'better_sqlite3.node'), stamp: join(place, 'electron.txt'), text: `${electron}\n` }
}

/** The ways to get it, best first: each a command that leaves `build/Release/better_sqlite3.node`. Pure. @param {Target} target */
export function nativeCommands({ platform, arch, electron }) {
  return [
    [
      bin('prebuild-install/bin.js'),
      '--runtime',
      'electron',
      '--target',
      electron,
      '--arch',
      arch,
      '--platform',
      platform,
    ],
    [
      bin('node-gyp/bin/node-gyp.js'),
      ...['rebuild', '--release', '--runtime=electron', `--target=${electron}`, `--arch=${arch}`],
      '--dist-url=https://electronjs.org/headers',
    ],
  ]
}

/**
 * A sentence when it could not be had, else undefined.
 *
 * @param {{ arch?: string, folder?: string, commands?: string[][] }} [options]
 * @returns {string | undefined}
 */
export function ensureNatives({ arch = process.arch, folder = join(root, 'out', 'natives'), commands } = {}) {
  const electron = JSON.parse(readFileSync(bin('electron/package.json'), 'utf8')).version
  const target = { platform: process.platform, arch, electron }
  const { binary, stamp, text } = nativePlace(target, folder)
  if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, 'utf8') === text) return undefined
  const copy = join(folder, `copy-${arch}`)
  try {
    rmSync(copy, { recursive: true, force: true })
    cpSync(bin('better-sqlite3'), copy, { recursive: true, filter: (path) => path !== bin('better-sqlite3/build') })
    const made = join(copy, 'build', 'Release', 'better_sqlite3.node')
    const isMade = (commands ?? nativeCommands(target)).some((args) => {
      const { status } = spawnSync(process.execPath, args, { cwd: copy, stdio: 'ignore' })
      return status === 0 && existsSync(made)
    })
    if (!isMade) {
      return `better-sqlite3 could not be fetched or compiled for Electron ${electron} on ${process.platform}-${arch}. It needs github.com or electronjs.org, and to compile Python 3, make and a C++ compiler.`
    }
    mkdirSync(join(binary, '..'), { recursive: true })
    cpSync(made, binary)
    writeFileSync(stamp, text)
    return undefined
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--arch')
  const problem = ensureNatives(at < 0 ? {} : { arch: process.argv[at + 1] ?? process.arch })
  if (problem !== undefined) {
    console.error(problem)
    process.exitCode = 1
  }
}

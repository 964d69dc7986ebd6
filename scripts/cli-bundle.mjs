/**
 * Where the bundle of the command line is and whether it is that of today's sources. A bundle lies in a folder that is named
 * after a stamp of its sources and appears there whole, by a rename: commands that start at the same time never see half of one,
 * and a command that runs keeps the files that it began with. Plain Node without dependencies; it costs each start a few milliseconds.
 */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What a bundle is made of, relative to the project. */
const sources = ['main', 'package-lock.json', 'scripts/build-cli.mjs', 'scripts/bundle.mjs']

/** Beside `out/renderer`: an address relative to `main/host/cli.ts` means the same in `out/cli-…/cli.js`. */
const prefix = 'cli-'
const unfinished = 'unfinished-cli-'

/** Bundles of earlier sources that stay: commands may still run from them and start a thread later. */
const keptBundles = 4
const keptMs = 86_400_000 // a day

/**
 * Changes with every change of a source, of its time or of its place.
 *
 * @param {string} root
 */
export function stampOf(root) {
  const hash = createHash('sha256')
  const add = (/** @type {string} */ path) => {
    const { mtimeMs, size } = statSync(join(root, path))
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  const walk = (/** @type {string} */ folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else add(path)
    }
  }
  for (const path of sources) {
    if (!existsSync(join(root, path))) continue
    if (statSync(join(root, path)).isDirectory()) walk(path)
    else add(path)
  }
  return hash.digest('hex').slice(0, 16)
}

/**
 * The folder of the bundle of today's sources, whether it is there or not.
 *
 * @param {string} root
 */
export function bundleFolder(root) {
  return join(root, 'out', prefix + stampOf(root))
}

/**
 * Makes the bundle unless it is there.
 *
 * @param {string} root
 * @param {(folder: string) => Promise<void> | void} write fills an empty folder
 * @returns {Promise<string>} its folder
 * @throws what `write` throws, and when nothing can be written here
 */
export async function ensureBundle(root, write) {
  const folder = bundleFolder(root)
  if (existsSync(folder)) return folder
  const out = join(root, 'out')
  mkdirSync(out, { recursive: true })
  const own = join(out, unfinished + randomBytes(6).toString('hex'))
  mkdirSync(own)
  try {
    await write(own)
    // Sources that were saved meanwhile may be in it or not: it is then nobody's bundle, and the next start makes another.
    publish(own, folder)
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
  removeOld(out, folder)
  return folder
}

/** @param {string} own @param {string} folder */
function publish(own, folder) {
  try {
    renameSync(own, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error // else another start was first, with the same sources
  }
}

/** @param {string} out @param {string} current */
function removeOld(out, current) {
  const aged = (/** @type {string} */ start) =>
    readdirSync(out)
      .filter((name) => name.startsWith(start))
      .map((name) => join(out, name))
      .filter((folder) => folder !== current)
      .map((folder) => ({ folder, ageMs: Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0) }))
      .filter(({ ageMs }) => ageMs > keptMs)
      .sort((a, b) => a.ageMs - b.ageMs)
  for (const { folder } of aged(prefix).slice(keptBundles - 1)) {
    // First out of the way, so that no start finds half of it.
    const gone = join(out, unfinished + randomBytes(6).toString('hex'))
    try {
      renameSync(folder, gone)
      rmSync(gone, { recursive: true, force: true })
    } catch {
      // another start removes it at this moment
    }
  }
  for (const { folder } of aged(unfinished)) rmSync(folder, { recursive: true, force: true })
}

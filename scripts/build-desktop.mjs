/**
 * Bundles the desktop app: `out/desktop` (Electron's main process and the preload script, packed into the archive) and
 * `out/engine` (the engine's processes and threads, which stay plain files). Building
 * again when nothing changed takes about as long as looking (`--if-older`).
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Resvg } from '@resvg/resvg-js'
import { startedByAddress, writeBundle } from './bundle.mjs'
import { root } from './setup.mjs'

const out = join(root, 'out')
const builders = ['build-desktop.mjs', 'bundle.mjs'].map((name) => join(root, 'scripts', name))

/** @type {readonly { name: string, entries: Record<string, string>, format: 'es' | 'cjs' }[]} */
const bundles = [
  {
    name: 'engine',
    format: 'es',
    entries: {
      engine: 'electron/engine.ts',
      'utility-media-host': 'electron/utility-media-host.ts',
      ...startedByAddress,
    },
  },
  { name: 'desktop', format: 'es', entries: { main: 'electron/main.ts' } },
  { name: 'desktop', format: 'cjs', entries: { preload: 'electron/preload.ts' } },
]

/** @param {{ ifOlder?: boolean }} [options] */
export async function buildDesktop({ ifOlder = false } = {}) {
  if (ifOlder && isNewest()) return
  for (const name of ['engine', 'desktop']) rmSync(join(out, name), { recursive: true, force: true })
  for (const { name, ...bundle } of bundles) await writeBundle({ folder: join(out, name), ...bundle })
  const icon = readFileSync(join(root, 'renderer', 'public', 'icon.svg'), 'utf8')
  const drawn = new Resvg(icon, { fitTo: { mode: 'width', value: 1024 } }).render()
  writeFileSync(join(out, 'desktop', 'icon.png'), drawn.asPng())
  // Read beside the code that applies them (main/storage/migrations.ts).
  cpSync(join(root, 'main', 'storage', 'migrations'), join(out, 'engine', 'migrations'), { recursive: true })
}

function isNewest() {
  const made = [join(out, 'engine', 'migrations'), join(out, 'desktop', 'icon.png')]
  const newest = join(out, 'desktop', 'icon.png')
  if (!made.every((file) => existsSync(file))) return false
  const madeAtMs = statSync(newest).mtimeMs
  const sources = ['electron', 'main'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  return [...sources, join(root, 'package-lock.json'), ...builders].every((file) => statSync(file).mtimeMs <= madeAtMs)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildDesktop({ ifOlder: process.argv.includes('--if-older') })
}

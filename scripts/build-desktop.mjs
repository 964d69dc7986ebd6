/**
 * Bundles the desktop app: `out/desktop` (Electron's main process and the preload script, packed into the archive) and
 * `out/engine` (the engine's processes and threads, which stay plain files). Nothing is minified, so that a stack can be
 * read. Building again when nothing changed takes about as long as looking (`--if-older`).
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Resvg } from '@resvg/resvg-js'
import { build } from 'vite'
import { root } from './setup.mjs'

const out = join(root, 'out')
/** Loaded by the operating system, or brought by Electron: they stay what they are. */
const unbundled = ['electron', 'better-sqlite3', 'onnxruntime-node']

/** @typedef {{ name: string, entries: Record<string, string>, format: 'es' | 'cjs' }} Bundle */

/** @type {readonly Bundle[]} */
const bundles = [
  {
    name: 'engine',
    format: 'es',
    entries: {
      engine: 'electron/engine.ts',
      'utility-media-host': 'electron/utility-media-host.ts',
      // Started by their addresses (main/media, main/runtime, main/services), so their names are fixed.
      'media-host': 'main/media/media-host.ts',
      'session-worker': 'main/runtime/session-worker.ts',
      'block-cost-worker': 'main/services/training/blocks/block-cost-worker.ts',
    },
  },
  { name: 'desktop', format: 'es', entries: { main: 'electron/main.ts' } },
  { name: 'desktop', format: 'cjs', entries: { preload: 'electron/preload.ts' } },
]

/** @param {{ ifOlder?: boolean }} [options] */
export async function buildDesktop({ ifOlder = false } = {}) {
  if (ifOlder && isNewest()) return
  for (const name of ['engine', 'desktop']) rmSync(join(out, name), { recursive: true, force: true })
  for (const bundle of bundles) await buildBundle(bundle)
  const icon = readFileSync(join(root, 'renderer', 'public', 'icon.svg'), 'utf8')
  const drawn = new Resvg(icon, { fitTo: { mode: 'width', value: 1024 } }).render()
  writeFileSync(join(out, 'desktop', 'icon.png'), drawn.asPng())
  // Read beside the code that applies them (main/storage/migrations.ts).
  cpSync(join(root, 'main', 'storage', 'migrations'), join(out, 'engine', 'migrations'), { recursive: true })
}

/** @param {Bundle} bundle */
async function buildBundle({ name, entries, format }) {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true, external: unbundled, target: 'node' },
    build: {
      ssr: true,
      outDir: join(out, name),
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      sourcemap: true,
      reportCompressedSize: false,
      rollupOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([entry, file]) => [entry, join(root, file)])),
        external: [...unbundled, ...builtinModules, /^node:/],
        output: {
          format,
          entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js',
          // Beside the entries: addresses relative to a file mean the same in each.
          chunkFileNames: 'shared-[hash].js',
          ...(format === 'cjs' ? { codeSplitting: false } : {}),
        },
      },
    },
  })
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
  return [...sources, join(root, 'package-lock.json'), fileURLToPath(import.meta.url)].every(
    (file) => statSync(file).mtimeMs <= madeAtMs,
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildDesktop({ ifOlder: process.argv.includes('--if-older') })
}

/**
 * How sources become plain JavaScript that Node or Electron runs: the bundler's settings, shared by the desktop app
 * (build-desktop.mjs) and the command line (build-cli.mjs). Nothing is minified, so that a stack can be read.
 */
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from './setup.mjs'

/** Loaded by the operating system, or brought by Electron: they stay what they are. */
const unbundled = ['electron', 'better-sqlite3', 'onnxruntime-node']

/** Threads and processes that are started by their addresses (main/media, main/runtime, main/services): their names are fixed. */
export const startedByAddress = {
  'media-host': 'main/media/media-host.ts',
  'session-worker': 'main/runtime/session-worker.ts',
  'probe-host': 'main/runtime/probe-host.ts',
  'block-cost-worker': 'main/services/training/blocks/block-cost-worker.ts',
}

/**
 * @typedef {{
 *   folder: string,
 *   entries: Readonly<Record<string, string>>,
 *   format: 'es' | 'cjs',
 * }} Bundle `entries`: names of the files that are written, and the sources that they begin with
 */

/** @param {Bundle} bundle */
export async function writeBundle({ folder, entries, format }) {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true, external: unbundled, target: 'node' },
    build: {
      ssr: true,
      outDir: folder,
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

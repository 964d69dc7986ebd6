/**
 * Bundles the command line, the demo, and the threads and processes that they start, unless the bundle of these sources is there:
 * `node scripts/build-cli.mjs`. Set-up and the launcher (mama.mjs) do it.
 */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBundle } from './cli-bundle.mjs'
import { root } from './setup.mjs'

/** @returns {Promise<string>} the folder of the bundle */
export function buildCli() {
  return ensureBundle(root, async (folder) => {
    // Loaded here: looking alone must not load a bundler.
    const { startedByAddress, writeBundle } = await import('./bundle.mjs')
    const entries = { cli: 'main/host/cli.ts', demo: 'main/host/demo.ts', ...startedByAddress }
    await writeBundle({ folder, entries, format: 'es' })
    // Read beside the code that applies them (main/storage/migrations.ts).
    cpSync(join(root, 'main', 'storage', 'migrations'), join(folder, 'migrations'), { recursive: true })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildCli()

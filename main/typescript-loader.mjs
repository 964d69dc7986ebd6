/**
 * Preloaded in a worker thread or a child process that runs from source: lets it import TypeScript. `--import tsx` alone does so
 * in a main thread only. Plain JavaScript, because it runs before TypeScript can be read; not part of a bundle. Where many
 * threads are started from the same sources (the tests), `MAMA_ENTRIES` names the folder of a bundle of them: reading that
 * takes a fifth of the time.
 */
import { existsSync } from 'node:fs'
import { register } from 'node:module'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const bundled = bundledEntry()
if (bundled === undefined) {
  const { register: registerTypeScript } = await import('tsx/esm/api')
  registerTypeScript()
} else {
  register('./typescript-loader-bundled.mjs', import.meta.url, { data: pathToFileURL(bundled).href })
}

function bundledEntry() {
  const folder = process.env['MAMA_SOURCE'] ? undefined : process.env['MAMA_ENTRIES']
  if (folder === undefined || folder === '') return undefined
  const file = join(folder, `${basename(process.argv[1] ?? '', '.ts')}.js`)
  return existsSync(file) ? file : undefined
}

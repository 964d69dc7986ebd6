/**
 * `npm run mama`: starts the command line from its bundle, which it makes anew when a source has changed. Where no bundle
 * can be made (a folder that cannot be written, a source that does not compile) or `MAMA_SOURCE` is set, it runs the sources.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundleFolder } from './cli-bundle.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Loads an entry of the command line, which then runs in this process.
 *
 * @param {'cli' | 'demo'} entry
 */
export async function startEntry(entry) {
  const folder = process.env['MAMA_SOURCE'] ? undefined : await currentBundle()
  if (folder !== undefined) {
    // Before the bundle is loaded: Node reads a map together with its file.
    process.setSourceMapsEnabled(true)
    await import(pathToFileURL(join(folder, `${entry}.js`)).href)
    return
  }
  process.env['MAMA_SOURCE'] = '1' // for the threads and processes, too
  await import('../main/typescript-loader.mjs')
  await import(`../main/host/${entry}.ts`)
}

async function currentBundle() {
  const folder = bundleFolder(root)
  if (existsSync(folder)) return folder
  try {
    const { buildCli } = await import('./build-cli.mjs')
    return await buildCli()
  } catch (error) {
    if (process.env['MAMA_DEBUG'] !== undefined) process.stderr.write(`The sources run instead of a bundle: ${error}\n`)
    return undefined
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await startEntry('cli')

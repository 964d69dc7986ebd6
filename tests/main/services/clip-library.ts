/** Libraries over a small published encoder (CLIP with random weights) and some clips, with the real engine. */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { createClient, createLocalTransport, type Client } from '../../../main/contract/index.ts'
import { createRuntime } from '../../../main/runtime/index.ts'
import { createEngineServices } from '../../../main/services.ts'
import { openLibrary, type Library } from '../../../main/storage/index.ts'
import { exportFolder, importFrom } from '../encoders/exports.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const sample = resolve('resources/sample-catalogue')
export const clips = 9

export type ClipLibraries = {
  readonly dir: string
  /** Folder of the bundle. */
  readonly bundleDir: string
  /** A library that is imported, described and labelled. */
  readonly untrained: string
  withEngine<T>(libraryDir: string, work: (client: Client) => Promise<T>): Promise<T>
  copyOf(libraryDir: string, name: string): string
  /** Three epochs with margin 0.02, everything learned kept and seed 3, killed in the second one. */
  trainAndKill(libraryDir: string, options: readonly string[]): Promise<void>
}

export async function clipLibraries(name: string): Promise<ClipLibraries> {
  const dir = temporaryFolder(name)
  const untrained = join(dir, 'untrained')
  const runtime = await createRuntime({ provider: 'cpu' })
  const bundleDir = (await importFrom(exportFolder('clip'), runtime)).folder
  await runtime.dispose()
  const libraries: ClipLibraries = {
    ...{ dir, bundleDir, untrained },
    async withEngine(libraryDir, work) {
      const services = createEngineServices({ libraryDir, bundleDir, now: Date.now, newId: () => crypto.randomUUID() })
      try {
        return await work(createClient(createLocalTransport(services.handlers)))
      } finally {
        await services.close()
      }
    },
    copyOf(libraryDir, copy) {
      cpSync(libraryDir, join(dir, copy), { recursive: true })
      return join(dir, copy)
    },
    async trainAndKill(library, options) {
      const wishes = ['--margin', '0.02', '--epochs', '3', '--seed', '3']
      const child = spawn(
        process.execPath,
        [...['scripts/mama.mjs', 'train', ...wishes, ...options], ...['--device', 'cpu', '--library', library]],
        { env: { ...process.env, MAMA_MODEL: bundleDir }, stdio: ['ignore', 'ignore', 'pipe'] },
      )
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (/epoch 2\/3/.test(text)) child.kill('SIGKILL')
      })
      expect(await new Promise((done) => child.on('exit', (_, signal) => done(signal)))).toBe('SIGKILL')
    },
  }
  const videos = join(dir, 'videos')
  mkdirSync(videos)
  const labelled = readFileSync(join(sample, 'exemplars.csv'), 'utf8').matchAll(/^videos\/(.+?),/gm)
  for (const file of [...new Set([...labelled].map((match) => match[1]!))].slice(0, clips)) {
    cpSync(join(sample, 'videos', file), join(videos, file))
  }
  await libraries.withEngine(untrained, async (client) => {
    await client.import({ paths: [videos] })
    await client.describe({ file: join(sample, 'catalogue.csv') })
    await client.label({ file: join(sample, 'exemplars.csv') })
  })
  return libraries
}

/** Looks into a library that no engine has open. */
export function inLibrary<T>(libraryDir: string, work: (library: Library) => T): T {
  const options = { now: Date.now, newId: () => crypto.randomUUID(), create: false }
  const library = openLibrary(libraryDir, options)
  try {
    return work(library)
  } finally {
    library.close()
  }
}

/** Of the version that a library has. */
export const weightsOf = (libraryDir: string): Uint8Array =>
  inLibrary(libraryDir, ({ models }) => models.weights(models.all().find(({ hasWeights }) => hasWeights)!.id)!)

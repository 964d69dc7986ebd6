/**
 * The `mama` command: hands the process's arguments, streams and signals to the program. Nothing else touches them. The engine
 * and the server are loaded by the commands that need them, so that help and a mistyped option are answered at once.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createClient, createLocalTransport } from '../contract/index.ts'
import { runCli } from './program.ts'

// The bundle of this file (scripts/build-cli.mjs) lies as deep in the project as its source.
const project = new URL('../../', import.meta.url)

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', project), 'utf8')) as { version: string }
  return version
}

const interrupted = new AbortController()
const stop = (): void => {
  // A second Ctrl-C does not wait for the clean end; whatever was written in a transaction is safe.
  if (interrupted.signal.aborted) process.exit(1)
  interrupted.abort()
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
// `mama … | head` closes stdout early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

/** Not for the programs that the engine starts. */
const endpointKey = process.env['MAMA_ENDPOINT_KEY']?.trim() ?? ''
delete process.env['MAMA_ENDPOINT_KEY']

process.exitCode = await runCli({
  args: process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  signal: interrupted.signal,
  async openEngine(libraryDir, { device }) {
    const { createEngineServices } = await import('../services.ts')
    const services = createEngineServices({
      libraryDir,
      now: Date.now,
      newId: () => crypto.randomUUID(),
      ...(device === undefined ? {} : { device }),
      bundleDir: process.env['MAMA_MODEL'],
      hubUrl: process.env['MAMA_HUB'] ?? process.env['HF_ENDPOINT'],
      proxies: {
        httpProxy: process.env['http_proxy'] ?? process.env['HTTP_PROXY'],
        httpsProxy: process.env['https_proxy'] ?? process.env['HTTPS_PROXY'],
        noProxy: process.env['no_proxy'] ?? process.env['NO_PROXY'],
      },
      endpointKey: () => (endpointKey === '' ? null : { key: endpointKey, from: 'environment' }),
      ffmpegPath: process.env['MAMA_FFMPEG'],
      ffprobePath: process.env['MAMA_FFPROBE'],
      resourcesDir: fileURLToPath(new URL('resources', project)),
      appVersion: readVersion(),
    })
    const { mediaFiles } = services
    return { client: createClient(createLocalTransport(services.handlers)), mediaFiles, close: () => services.close() }
  },
  async serve({ client, mediaFiles }, { port, signal, say }) {
    const { addressOf, chooseToken, startServer } = await import('./serve.ts')
    const token = chooseToken(process.env['MAMA_SERVE_TOKEN'])
    delete process.env['MAMA_SERVE_TOKEN'] // not for the programs that the engine starts
    const server = await startServer(client, { port, token, ...(mediaFiles === undefined ? {} : { mediaFiles }) })
    say(`Serving the library for this computer only; stop with Ctrl-C. Open this address in a browser:`)
    say(addressOf(server, token))
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    await server.close()
  },
})

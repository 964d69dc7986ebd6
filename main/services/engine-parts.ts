/** The collaborators of the features as the app has them: the real runtime, media process, storage and encoders. */
import { readFileSync } from 'node:fs'
import { arch, cpus, homedir, platform } from 'node:os'
import { join, parse, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Device } from '../contract/index.ts'
import { createHttpClient, type HttpClient, type ProxySettings } from '../encoders/index.ts'
import { createMediaProcess, type StartMediaHost } from '../media/index.ts'
import {
  createRuntime,
  createRuntimePool,
  probeInProcess,
  requireProvider,
  type ProbeProviders,
  type Runtime,
  type RuntimeOptions,
} from '../runtime/index.ts'
import { createVectorIndex } from '../search/index.ts'
import { hashContent, openLibrary, restoreLibrary } from '../storage/index.ts'
import { measureStep } from '../training/index.ts'
import { createBundleStore } from './encoders/bundle-store.ts'
import type { EndpointKey, EndpointOutside } from './endpoint/index.ts'
import { createSender, endpointSilenceMs } from './endpoint/sender.ts'
import { createMediaTools } from './library/media-tools.ts'
import { createMediaReader } from './library/reading/media-reader.ts'
import type { ServiceParts } from './service-parts.ts'
import type { ProcessorTimes } from './shared/processor-times.ts'
import { createBlockCosts } from './training/blocks/block-costs.ts'
import { createTowerTrainer } from './training/tower-trainer.ts'

export type { ServiceParts } from './service-parts.ts'
export { createLibraryAccess } from './shared/library-access.ts'

export type EngineOptions = {
  readonly libraryDir: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A new unique id; letters, digits and dashes. */
  readonly newId: () => string
  /** Where to compute; default `auto`. */
  readonly device?: Device | undefined
  /** Folder of a model bundle; default: the built-in one. */
  readonly bundleDir?: string | undefined
  /** Address of the model hub or of a mirror. */
  readonly hubUrl?: string | undefined
  /** As the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY have them; default: none. */
  readonly proxies?: ProxySettings | undefined
  /** The key of the customer's vision model at this origin (scheme, host, port); default: there is none. */
  readonly endpointKey?: ((origin: string) => EndpointKey | null) | undefined
  readonly ffmpegPath?: string | undefined
  readonly ffprobePath?: string | undefined
  /** Path of the compiled SQLite binding for a host with another ABI. */
  readonly nativeBinding?: string | undefined
  /** Folder with `models/` and `sample-catalogue/`; default: the one of the sources. */
  readonly resourcesDir?: string | undefined
  /** Default: the one of the sources' `package.json`. */
  readonly appVersion?: string | undefined
  /** The host's log, whose last lines become part of the diagnostics report; default: none. */
  readonly logFile?: string | undefined
  /** How the media process is started; default: as a child process. */
  readonly startMediaHost?: StartMediaHost | undefined
  /** How devices are tried; default: in a child process. */
  readonly probeProviders?: ProbeProviders | undefined
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}

/** What a measured step depends on besides the engines. */
function machineName(threads: number | null): string {
  const processors = cpus()
  return `${platform()} ${arch()}, ${processors.length} x ${processors[0]?.model ?? 'processor'}, threads ${threads ?? 'auto'}`
}

function processorTimes(): ProcessorTimes {
  const { user, system } = process.cpuUsage() // microseconds
  let [idleMs, totalMs] = [0, 0]
  for (const { times } of cpus()) {
    idleMs += times.idle
    totalMs += times.user + times.nice + times.sys + times.idle + times.irq
  }
  return { ownMs: (user + system) / 1000, busyMs: totalMs - idleMs, totalMs }
}

/**
 * The real collaborators. Nothing starts before it is needed: no worker thread, no model, no library file.
 * @param threadsOf threads of computations that the settings ask for; null: the runtime's own choice
 */
export function createEngineParts(
  options: EngineOptions,
  threadsOf: () => number | null,
): ServiceParts & { close(): Promise<void> } {
  const {
    now,
    newId,
    device = 'auto',
    probeProviders = probeInProcess,
    resourcesDir = fileURLToPath(new URL('../../resources', import.meta.url)),
  } = options
  const bundleDir = options.bundleDir ?? join(resourcesDir, 'models', 'built-in')
  const libraryDir = resolve(options.libraryDir)
  const binding = options.nativeBinding === undefined ? {} : { nativeBinding: options.nativeBinding }
  // Runtimes begin with the first computation, when the services and their settings are there.
  const openRuntime = async (wanted: RuntimeOptions): Promise<Runtime> => {
    await requireProvider(wanted.provider ?? 'cpu', probeProviders)
    const threads = threadsOf()
    return createRuntime({ ...wanted, ...(threads === null ? {} : { threads }) })
  }
  const runtimes = createRuntimePool(openRuntime, device)
  const media = createMediaProcess(
    {
      ...(options.ffmpegPath === undefined ? {} : { ffmpegPath: options.ffmpegPath }),
      ...(options.ffprobePath === undefined ? {} : { ffprobePath: options.ffprobePath }),
    },
    options.startMediaHost,
  )
  const runtimeFor = (wanted: Device): Promise<Runtime> => runtimes.get(wanted)
  const wait: EndpointOutside['wait'] = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal })
  const bundles = createBundleStore({
    ...{ ownBundleDir: bundleDir, libraryDir, newId, runtime: () => runtimeFor('auto') },
    ...{ hubUrl: options.hubUrl ?? 'https://huggingface.co', proxies: options.proxies ?? {} },
    wait,
  })
  let endpointClient: HttpClient | undefined
  const blockCosts = createBlockCosts(bundles.folderOf)
  return {
    libraryDir,
    openLibrary: (access) => openLibrary(libraryDir, { ...access, ...binding, now, newId }),
    restoreLibrary: (file) => restoreLibrary(file, libraryDir, { ...binding, now }),
    hashContent,
    reader: createMediaReader(media),
    mediaTools: createMediaTools(media),
    ...{ bundles, blockCosts },
    endpoint: {
      send: createSender(() => (endpointClient ??= createHttpClient(options.proxies, endpointSilenceMs))),
      keyFor: options.endpointKey ?? (() => null),
      pictures: {
        frame: (path, seconds, longSide, signal) => media.thumbnail(path, seconds, { longSide, signal }),
        grid: (path, grid, signal) => media.pictureGrid(path, grid, { signal }),
      },
      wait,
    },
    openVectorIndex: async (dim) => createVectorIndex({ runtime: await runtimeFor('auto'), dim }),
    trainer: createTowerTrainer(runtimeFor),
    runtime: () => runtimeFor('auto'),
    availableMemory: () => process.availableMemory(),
    availableProviders: () => probeProviders(),
    async measureDevice(provider, signal) {
      const runtime = await openRuntime({ provider })
      try {
        return await measureStep(runtime, { now, signal })
      } finally {
        await runtime.dispose()
      }
    },
    machine: () => machineName(threadsOf()),
    ownDevice: device,
    sampleDir: join(resourcesDir, 'sample-catalogue'),
    browseRoots: [...new Set([homedir(), process.cwd(), parse(homedir()).root])],
    appVersion: options.appVersion ?? readVersion(),
    logFile: options.logFile ?? null,
    computer: { name: cpus()[0]?.model ?? 'unknown', cores: Math.max(1, cpus().length) },
    processorTimes,
    now,
    newId,
    async close() {
      await blockCosts.close()
      await endpointClient?.close()
      media.close()
      await runtimes.dispose()
    },
  }
}

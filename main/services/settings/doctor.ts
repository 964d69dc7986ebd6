/** The doctor: everything that can be wrong around the library, each as one finding. It changes nothing. */
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AppError, type CallContext, type Check, type Finding, type ProcedureOutput } from '../../contract/index.ts'
import { tilingFault, tilingSentence } from '../../media/index.ts'
import type { ProviderStatus } from '../../runtime/index.ts'
import type { Library } from '../../storage/index.ts'
import { countsOf, type VideoReader } from '../library/index.ts'
import { featuresIdOf } from '../models/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { sentenceOfFinding } from './doctor-sentences.ts'

type Report = ProcedureOutput<'doctor'>

const lowDiskBytes = 2e9

export type DoctorParts = {
  readonly libraryDir: string
  readonly openLibrary: () => Library
  readonly reader: VideoReader
  readonly encoder: () => Promise<FeatureEncoder>
  readonly availableProviders: () => Promise<ProviderStatus[]>
}

export async function examine(parts: DoctorParts, { signal }: Pick<CallContext, 'signal'>): Promise<Report> {
  const encoder = await attempt('model bundle', async () => {
    const { id, dim, imageSize } = await parts.encoder()
    return { kind: 'encoder', id, dimensions: dim, imageSizePixels: imageSize }
  })
  const encoderId = encoder.finding.kind === 'encoder' ? encoder.finding.id : null
  const library = openIfThere(parts.openLibrary)
  const checks = [
    await attempt('ffmpeg', async () => ({ kind: 'ffmpeg', version: await parts.reader.version(signal) })),
    encoder,
    ...(await parts.availableProviders()).map(providerCheck),
    await diskCheck(parts.libraryDir),
    ...('check' in library ? [library.check] : libraryChecks(library.library, encoderId)),
  ]
  signal.throwIfAborted()
  const failures =
    'check' in library
      ? []
      : library.library.videos.list({ status: 'failed' }).map(({ path, failure }) => ({
          file: path,
          reason: failure?.code ?? 'unknown',
          message: failure?.sentence ?? `${path} could not be indexed.`,
        }))
  return {
    ok: checks.every(({ state }) => state !== 'failed'),
    checks,
    counts: 'check' in library ? null : countsOf(library.library),
    failures,
  }
}

/** The promise to the user, checked on the rows themselves, and that every indexed video can be searched and played. */
function libraryChecks(library: Library, encoderId: string | null): Check[] {
  const problems = library.integrityCheck()
  const { eligible, indexed, failed, pending } = library.counts()
  const isAccounted = eligible === indexed + failed + pending
  const videos = library.videos.list()
  const gone = videos.filter(({ path }) => !existsSync(path)).length
  const active = encoderId === null ? undefined : library.models.active(encoderId)
  const seeing = encoderId === null ? [] : [encoderId, ...(active === undefined ? [] : [featuresIdOf(active)])]
  // A version in use may see with blocks of its own.
  const unseen = Math.max(0, ...seeing.map((id) => library.features.segmentsWithout(id).length))
  return [
    check('library', problems.length === 0 ? 'ok' : 'failed', { kind: 'library', folder: library.dir, problems }),
    check('counts', !isAccounted ? 'failed' : pending > 0 ? 'warning' : 'ok', {
      ...{ kind: 'counts', eligible, indexed, failed, pending },
    }),
    check('files', gone === 0 ? 'ok' : 'warning', { kind: 'files', gone, videos: videos.length }),
    tilingCheck(library),
    check('features', unseen === 0 ? 'ok' : 'warning', { kind: 'features', unseen }),
  ]
}

/** That no second of a video was lost. */
function tilingCheck(library: Library): Check {
  // Of a library of an older version the next import looks first for what that one lost.
  const faults = library.videos.list({ status: 'indexed' }).flatMap(({ id, fileName, durationSeconds }) => {
    const shots = library.segments.ofVideo(id)
    const lastSeconds = library.readings.isCurrent() ? (durationSeconds ?? 0) : (shots.at(-1)?.endSeconds ?? 0)
    const fault = tilingFault(shots, { firstSeconds: shots[0]?.startSeconds ?? 0, lastSeconds })
    return fault === null ? [] : [`${fileName} ${tilingSentence(fault)}`]
  })
  const finding = { kind: 'tiling' as const, videos: faults.length, example: faults[0] ?? null }
  return check('shots', faults.length === 0 ? 'ok' : 'failed', finding)
}

function providerCheck({ provider, available, engine, reason }: ProviderStatus): Check {
  // Only the CPU is owed; a missing GPU provider is no fault.
  const state = available ? 'ok' : provider === 'cpu' ? 'failed' : 'warning'
  return check(`compute: ${provider}`, state, {
    kind: 'provider',
    provider,
    isThere: available,
    reason: reason ?? null,
    ...(engine === undefined ? {} : { engine }),
  })
}

async function diskCheck(libraryDir: string): Promise<Check> {
  let folder = resolve(libraryDir)
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  const isLow = freeBytes < lowDiskBytes
  return check('disk', isLow ? 'warning' : 'ok', { kind: 'disk', freeBytes, isLow })
}

function openIfThere(open: () => Library): { library: Library } | { check: Check } {
  try {
    return { library: open() }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { check: check('library', error.code === 'library.missing' ? 'warning' : 'failed', findingOf(error)) }
  }
}

async function attempt(name: string, work: () => Promise<Finding>): Promise<Check> {
  try {
    return check(name, 'ok', await work())
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return check(name, 'failed', findingOf(error))
  }
}

function findingOf({ code, message }: AppError): Finding {
  return { kind: 'error', code, message }
}

function check(name: string, state: Check['state'], finding: Finding): Check {
  return { name, state, finding, detail: sentenceOfFinding(finding) }
}

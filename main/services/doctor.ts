/** The doctor: everything that can be wrong around the library, each as one line. It changes nothing. */
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AppError, type CallContext, type ProcedureOutput } from '../contract/index.ts'
import type { ProviderStatus } from '../runtime/index.ts'
import type { Library } from '../storage/index.ts'
import { countsOf } from './counts.ts'
import type { FeatureEncoder, VideoReader } from './ports.ts'

type Report = ProcedureOutput<'doctor'>
type Check = Report['checks'][number]

export type DoctorParts = {
  readonly libraryDir: string
  readonly openLibrary: () => Library
  readonly reader: VideoReader
  readonly encoder: () => Promise<FeatureEncoder>
  readonly availableProviders: () => Promise<ProviderStatus[]>
}

const lowDiskBytes = 2e9

export async function examine(parts: DoctorParts, { signal }: Pick<CallContext, 'signal'>): Promise<Report> {
  const encoder = await attempt('model bundle', async () => {
    const { id, dim, imageSize } = await parts.encoder()
    return { detail: `${id}: ${dim} numbers an embedding, pictures of ${imageSize} x ${imageSize}`, value: id }
  })
  const library = openIfThere(parts.openLibrary)
  const checks: Check[] = [
    (await attempt('ffmpeg', async () => ({ detail: await parts.reader.version(signal), value: null }))).check,
    encoder.check,
    ...(await providerChecks(parts.availableProviders)),
    await diskCheck(parts.libraryDir),
    ...('check' in library ? [library.check] : libraryChecks(library.library, encoder.value)),
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
  const counts = library.counts()
  const sum = counts.indexed + counts.failed + counts.pending
  const videos = library.videos.list()
  const gone = videos.filter(({ path }) => !existsSync(path)).length
  const unseen = encoderId === null ? 0 : library.features.segmentsWithout(encoderId).length
  return [
    {
      name: 'library',
      state: problems.length === 0 ? 'ok' : 'failed',
      detail:
        problems.length === 0
          ? `${library.dir} is sound`
          : `${problems.slice(0, 3).join('; ')}. Restore a backup with mama restore.`,
    },
    {
      name: 'counts',
      state: counts.eligible === sum ? (counts.pending > 0 ? 'warning' : 'ok') : 'failed',
      detail:
        `${counts.eligible} eligible ${counts.eligible === sum ? '=' : 'but'} ${counts.indexed} indexed + ${counts.failed} failed + ${counts.pending} pending` +
        (counts.pending > 0 ? '. Run mama import again to go on.' : ''),
    },
    {
      name: 'files',
      state: gone === 0 ? 'ok' : 'warning',
      detail: gone === 0 ? 'every video is where it was' : `${gone} of ${videos.length} videos are not where they were`,
    },
    {
      name: 'features',
      state: unseen === 0 ? 'ok' : 'warning',
      detail:
        unseen === 0
          ? 'every shot can be searched'
          : `${unseen} shots were not seen by this model bundle. Run mama import on their folder again.`,
    },
  ]
}

async function providerChecks(availableProviders: () => Promise<ProviderStatus[]>): Promise<Check[]> {
  const statuses = await availableProviders()
  return statuses.map(({ provider, available, reason }) => ({
    name: `compute: ${provider}`,
    // Only the CPU is owed; a missing GPU provider is no fault.
    state: available ? 'ok' : provider === 'cpu' ? 'failed' : 'warning',
    detail: available ? 'works' : `not available here${reason === undefined ? '' : ` (${oneLine(reason)})`}`,
  }))
}

async function diskCheck(libraryDir: string): Promise<Check> {
  let folder = resolve(libraryDir)
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  const detail = `${(freeBytes / 1e9).toFixed(1)} GB free`
  return freeBytes >= lowDiskBytes
    ? { name: 'disk', state: 'ok', detail }
    : { name: 'disk', state: 'warning', detail: `only ${detail}. Free some space.` }
}

function openIfThere(open: () => Library): { library: Library } | { check: Check } {
  try {
    return { library: open() }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const state = error.code === 'library.missing' ? 'warning' : 'failed'
    return { check: { name: 'library', state, detail: error.message } }
  }
}

async function attempt<T>(
  name: string,
  work: () => Promise<{ detail: string; value: T }>,
): Promise<{ check: Check; value: T | null }> {
  try {
    const { detail, value } = await work()
    return { check: { name, state: 'ok', detail }, value }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { check: { name, state: 'failed', detail: error.message }, value: null }
  }
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length <= 90 ? flat : `${flat.slice(0, 89)}…`
}

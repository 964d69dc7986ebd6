/**
 * A small catalogue on disk, the `mama` command as a process that can be killed, and what must be equal afterwards. Shared
 * by the kill test and by kill-many.ts, which does the same at many more moments.
 */
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { openLibrary, type Library } from '../../main/storage/index.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const sample = join(root, 'resources', 'sample-catalogue')

export type Ended = {
  readonly code: number | null
  readonly killed: boolean
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds from the start to the end of the process. */
  readonly ms: number
}

/** What a reopened library looked like right after a kill. */
export type Aftermath = { readonly there: boolean; readonly problems: string[]; readonly indexed: number }

/** When a process gets SIGKILL, if it still runs: so many milliseconds after its start, or as soon as something holds. */
export type KillMoment = number | (() => boolean)

export type KillWorld = {
  mama(library: string, args: readonly string[], kill?: KillMoment): Promise<Ended>
  /** As `mama`, and fails when the command does. */
  finish(library: string, args: readonly string[]): Promise<Ended>
  importArgs: readonly string[]
  trainArgs: readonly string[]
  /** A library path that does not exist yet. */
  freshLibrary(): string
  /** A copy of a closed library. */
  copyLibrary(from: string): string
  /** Describes and labels an imported library, so that it can be trained on. */
  addWords(library: string): Promise<void>
  remove(library: string): void
  close(): void
}

/** @param dir an empty folder; everything is made below it */
export function createKillWorld(dir: string, { clips, epochs }: { clips: number; epochs: number }): KillWorld {
  const videos = join(dir, 'footage', 'videos')
  mkdirSync(videos, { recursive: true })
  // Clips with an exemplar, so that few are enough to train on.
  const labelled = readFileSync(join(sample, 'exemplars.csv'), 'utf8').matchAll(/^videos\/(.+?),/gm)
  for (const name of [...new Set([...labelled].map((match) => match[1]!))].slice(0, clips)) {
    cpSync(join(sample, 'videos', name), join(videos, name))
  }
  let made = 0
  const freshLibrary = (): string => join(dir, `library-${(made += 1)}`)

  const mama: KillWorld['mama'] = (library, args, kill) =>
    new Promise((resolve, reject) => {
      const startedMs = performance.now()
      const command = [join(root, 'scripts', 'mama.mjs'), ...args, '--library', library, '--json']
      const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
      const text = { stdout: '', stderr: '' }
      child.stdout.setEncoding('utf8').on('data', (part: string) => (text.stdout += part))
      child.stderr.setEncoding('utf8').on('data', (part: string) => (text.stderr += part))
      const timer =
        kill === undefined
          ? undefined
          : typeof kill === 'number'
            ? setTimeout(() => child.kill('SIGKILL'), kill)
            : setInterval(() => kill() && child.kill('SIGKILL'), 5)
      child.on('error', reject)
      // 'exit', not 'close': a decoder that outlives the killed process may hold the pipes open for a moment.
      child.on(kill === undefined ? 'close' : 'exit', (code, signal) => {
        clearTimeout(timer)
        resolve({ code, killed: signal === 'SIGKILL', ...text, ms: performance.now() - startedMs })
      })
    })
  const finish: KillWorld['finish'] = async (library, args) => {
    const ended = await mama(library, args)
    if (ended.code !== 0)
      throw new Error(`mama ${args.join(' ')} ended with ${ended.code}: ${ended.stdout}${ended.stderr}`)
    return ended
  }
  return {
    mama,
    finish,
    importArgs: ['import', videos],
    trainArgs: ['train', '--epochs', String(epochs), '--seed', '7'],
    freshLibrary,
    copyLibrary(from) {
      const to = freshLibrary()
      cpSync(from, to, { recursive: true })
      return to
    },
    async addWords(library) {
      await finish(library, ['describe', join(sample, 'catalogue.csv')])
      await finish(library, ['label', join(sample, 'exemplars.csv')])
    },
    remove: (library) => rmSync(library, { recursive: true, force: true }),
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** Seconds of the drawn long video, and of each of its shots: it is read in four stretches and saved in as many parts. */
export const longVideo = { seconds: 480, shotSeconds: 8 } as const

/** Draws a video of that length, another pattern for each shot. @returns its path */
export function drawLongVideo(dir: string): string {
  const path = join(dir, 'long.mp4')
  const { seconds, shotSeconds } = longVideo
  const wave = (step: number, place: string): string => `127+120*sin(${step}*floor(T/${shotSeconds})+${place})`
  const pattern = `geq=r='${wave(1.7, 'X/9')}':g='${wave(2.9, 'Y/7')}':b='${wave(4.3, '(X+Y)/11')}'`
  const source = ['-f', 'lavfi', '-i', `nullsrc=s=64x48:r=4:d=${seconds},format=gbrp,${pattern},format=yuv420p`]
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...source, '-c:v', 'mpeg4', '-q:v', '3', '-g', '40', path])
  return path
}

/** Ids of all segments in order, as another process sees them while the library is being written. */
export function savedSegments(dir: string): string[] {
  const file = join(dir, 'catalogue.db')
  if (!existsSync(file)) return []
  const database = new Database(file, { readonly: true })
  try {
    return database.prepare('SELECT id FROM segments ORDER BY video_id, position').pluck().all() as string[]
  } catch (error) {
    // Looked at before its tables are made.
    if (/no such table|locked|busy/.test(String(error))) return []
    throw error
  } finally {
    database.close()
  }
}

/**
 * Reopens a library as the next start of the app would and looks for anything that a kill could have broken.
 * @param inParts whether videos are long, so that a pending one may have its beginning. Default false
 */
export function examine(dir: string, { inParts = false }: { readonly inParts?: boolean } = {}): Aftermath {
  const file = join(dir, 'catalogue.db')
  // Killed before the library existed.
  if (!existsSync(file)) return { there: false, problems: [], indexed: 0 }
  return withLibrary(dir, (library) => {
    const { eligible, indexed, failed, pending } = library.counts()
    const problems = library.integrityCheck()
    const database = new Database(file, { readonly: true })
    const check = database.pragma('integrity_check', { simple: true })
    database.close()
    if (check !== 'ok') problems.push(`integrity_check: ${String(check)}`)
    if (eligible !== indexed + failed + pending) {
      problems.push(`${eligible} eligible but ${indexed} indexed + ${failed} failed + ${pending} pending`)
    }
    const halfIndexed = library.videos
      .list({ status: 'indexed' })
      .filter(({ id }) => library.segments.ofVideo(id).length === 0)
    if (halfIndexed.length > 0) problems.push(`${halfIndexed.length} indexed videos have no shot`)
    const strays = library.segments.all().filter(({ videoId }) => library.videos.get(videoId)?.status !== 'indexed')
    if (strays.length > 0 && !inParts) problems.push(`${strays.length} shots belong to videos that are not indexed`)
    return { there: true, problems, indexed }
  })
}

/** Digest of everything that indexing decides, bit for bit: shots, frame times, trunk features. */
export function indexDigest(dir: string): string {
  return withLibrary(dir, (library) => {
    const hash = createHash('sha256')
    const encoderId = encoderOf(library)
    for (const { id, path, startSeconds, endSeconds, frameCount } of library.segments.all()) {
      const frames = library.features.framesOf(id, encoderId)
      hash.update(JSON.stringify([path, startSeconds, endSeconds, frameCount, frames?.frameSeconds]))
      if (frames !== undefined) hash.update(new Uint8Array(frames.features.buffer))
    }
    return hash.digest('hex')
  })
}

/** Digest of everything that training decides, bit for bit: weights, per-pair records, embeddings, what is active. */
export function modelDigest(dir: string): { digest: string; models: string[] } {
  return withLibrary(dir, (library) => {
    const hash = createHash('sha256')
    const trained = library.models.all().filter(({ hasWeights }) => hasWeights)
    for (const { id, name, runId, metrics, active } of trained) {
      hash.update(JSON.stringify([name, metrics, active]))
      hash.update(library.models.weights(id) ?? '')
      hash.update(new Uint8Array(library.embeddings.matrix(id).vectors.buffer))
      if (runId === null) continue
      hash.update(JSON.stringify([library.runs.curves(runId), library.runs.get(runId)?.state]))
    }
    return { digest: hash.digest('hex'), models: trained.map(({ name }) => name) }
  })
}

/** Whether the newest training run of a library has ended. */
export function isFinished(dir: string): boolean {
  if (!existsSync(join(dir, 'catalogue.db'))) return false
  return withLibrary(dir, (library) => library.runs.all()[0]?.state === 'finished')
}

function encoderOf(library: Library): string {
  const database = new Database(join(library.dir, 'catalogue.db'), { readonly: true })
  const row = database.prepare('SELECT encoder_id FROM frame_features LIMIT 1').get() as
    { encoder_id: string } | undefined
  database.close()
  if (row === undefined) throw new Error(`no features in ${library.dir}`)
  return row.encoder_id
}

function withLibrary<T>(dir: string, work: (library: Library) => T): T {
  const library = openLibrary(dir, { now: Date.now, newId: () => crypto.randomUUID(), create: false })
  try {
    return work(library)
  } finally {
    library.close()
  }
}

/** Import: take note of every file by its content, then index what is not indexed yet. Running it again goes on. */
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { CallContext, FailedFile, ProcedureInput, ProcedureOutput } from '../../contract/index.ts'
import type { FoundFile, Library, Video } from '../../storage/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { createProgressMeter } from '../shared/progress-meter.ts'
import { countsOf } from './counts.ts'
import type { VideoReader } from './ports.ts'
import { learnIndexRate } from './reading/index-rate.ts'
import { indexVideos } from './reading/index-videos.ts'
import { createFeatureWriter, createIndexWriter, type VideoWriter } from './reading/video-writers.ts'
import { scan, sidecarPaths } from './scan.ts'

export type ImportParts = {
  readonly library: Library
  readonly reader: VideoReader
  readonly encoder: () => Promise<FeatureEncoder>
  /** Reads what else is to see new videos: a version in use may have blocks of its own. @returns those that it could not read */
  readonly readFurther: (
    library: Library,
    trunk: FeatureEncoder,
    context: Pick<CallContext, 'signal' | 'onEvent'>,
  ) => Promise<readonly FailedFile[]>
  readonly hashContent: (path: string, options: { signal: AbortSignal }) => Promise<Omit<FoundFile, 'path'>>
  readonly now: () => number
}

/** @throws AppError `input.missing` for a path that does not exist; the abort reason, with whole videos kept */
export async function importVideos(
  { library, reader, encoder, readFurther, hashContent, now }: ImportParts,
  { paths, sidecars }: ProcedureInput<'import'>,
  { signal, onEvent }: CallContext,
): Promise<ProcedureOutput<'import'>> {
  const startedMs = now()
  const { files, skipped } = await scan(paths, { signal, leaveOut: library.dir })
  const unreadable: FailedFile[] = []
  const named = await register()
  const retried = named.filter(({ status }) => status === 'failed').map(({ id }) => id)
  if (retried.length > 0) library.videos.retry(retried)

  const totals = { imported: 0, segments: 0, frames: 0, videoSeconds: 0 }
  const failed: FailedFile[] = [...unreadable]
  const trunk = await encoder()
  const work = toIndex(trunk.id)
  const indexingMs = now()
  if (work.length > 0) {
    const meter = createProgressMeter({ stage: 'indexing', unit: 'videos', total: work.length, now }, onEvent)
    await indexVideos(work, {
      library,
      reader,
      encoder: trunk,
      writer: writerFor(library),
      signal,
      onVideo(video, outcome) {
        if (outcome.kind === 'failed') {
          const { reason, sentence } = outcome.refusal
          failed.push({ file: video.path, reason, message: sentence })
          onEvent({ kind: 'note', message: sentence })
        } else if (outcome.kind === 'indexed') {
          totals.imported += 1
          totals.segments += outcome.segments
          totals.frames += outcome.frames
          totals.videoSeconds += outcome.durationSeconds
        }
        meter.add()
      },
    })
  }
  learnIndexRate(library, totals.videoSeconds, (now() - indexingMs) / 1000)
  const unread = await readFurther(library, trunk, { signal, onEvent })
  failed.push(...unread.filter(({ file }) => failed.every((other) => other.file !== file)))
  const described = sidecars ? await readSidecars(named) : 0
  const workIds = new Set(work.map(({ id }) => id))
  return {
    ...totals,
    alreadyThere: named.filter(({ id }) => !workIds.has(id)).length,
    failed: failed.sort((a, b) => (a.file < b.file ? -1 : 1)),
    skipped,
    sidecars: described,
    elapsedSeconds: (now() - startedMs) / 1000,
    counts: countsOf(library),
  }

  /** Every file that was named, as the library knows it; each content once. */
  async function register(): Promise<Video[]> {
    const meter = createProgressMeter({ stage: 'looking at files', unit: 'files', total: files.length, now }, onEvent)
    const known = new Map<string, Video>()
    for (const path of files) {
      signal.throwIfAborted()
      try {
        const { size, mtimeMs } = await stat(path)
        const untouched = library.videos.findUntouched(path, size, mtimeMs)
        const video =
          untouched ?? library.videos.register({ path, ...(await hashContent(path, { signal })) }, existsSync).video
        known.set(video.id, video)
      } catch (error) {
        signal.throwIfAborted()
        unreadable.push({ file: path, reason: 'unreadableFile', message: unreadableSentence(path, error) })
      }
      meter.add()
    }
    return [...known.values()]
  }

  /** Pending videos (of an earlier import that was stopped too), and indexed ones that this encoder has not seen. */
  function toIndex(encoderId: string): Video[] {
    const stale = new Set(library.features.segmentsWithout(encoderId).map((id) => library.segments.get(id)?.videoId))
    return library.videos
      .list()
      .filter(({ id, status }) => status === 'pending' || (status === 'indexed' && stale.has(id)))
  }

  async function readSidecars(videos: readonly Video[]): Promise<number> {
    let count = 0
    for (const { id, path } of videos) {
      for (const sidecar of sidecarPaths(path)) {
        const text = await readFile(sidecar, 'utf8').catch(() => null) // most videos have none
        if (text === null || text.includes('\u0000')) continue
        const trimmed = text
          .replace(/^\ufeff/, '')
          .trim()
          .slice(0, 10_000)
        if (trimmed === '') continue
        library.descriptions.replace(id, 'sidecar', [trimmed])
        count += 1
        break
      }
    }
    return count
  }
}

/** Videos that are indexed but that this encoder has not seen keep their segments and what other encoders made of them. */
function writerFor(library: Library): VideoWriter {
  const fresh = createIndexWriter(library)
  const added = createFeatureWriter(library)
  const of = ({ status }: Video): VideoWriter => (status === 'indexed' ? added : fresh)
  return {
    resumeAt: (video, encoderId) => of(video).resumeAt(video, encoderId),
    savePart: (video, encoded) => of(video).savePart(video, encoded),
    save: (video, encoded) => of(video).save(video, encoded),
    refuse: (video, refusal, info) => of(video).refuse(video, refusal, info),
  }
}

function unreadableSentence(path: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EACCES' || code === 'EPERM') return `${path} may not be read. Change its permissions and try again.`
  if (code === 'ENOENT') return `${path} is not there any more.`
  return `${path} cannot be read (${code ?? (error instanceof Error ? error.message : 'unknown reason')}).`
}

/** Import: take note of every file by its content, then index what is not indexed yet. Running it again goes on. */
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { CallContext, FailedFile, ProcedureInput, ProcedureOutput } from '../../contract/index.ts'
import { tilingFault, tilingSentence, wasReadWrongly } from '../../media/index.ts'
import { guessText, hashWhole, isSampled, type FoundFile, type Library, type Video } from '../../storage/index.ts'
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
  const { files, skipped, unreadable: unseen } = await scan(paths, { signal, leaveOut: library.dir })
  const unreadable: FailedFile[] = unseen.map(({ path, error }) => ({
    ...{ file: path, reason: 'unreadableFile', message: unreadableSentence(path, error) },
  }))
  const named = await register()
  const retried = named.filter(({ status }) => status === 'failed').map(({ id }) => id)
  if (retried.length > 0) library.videos.retry(retried)

  const totals = { imported: 0, segments: 0, frames: 0, videoSeconds: 0 }
  const failed: FailedFile[] = [...unreadable]
  await lookForWrongReadings()
  const readAnew = new Set(library.readings.waiting())
  const trunk = await encoder()
  const work = toIndex(trunk.id)
  const indexingMs = now()
  if (work.length > 0) {
    const meter = createProgressMeter({ stage: 'indexing', unit: 'videos', total: work.length, now }, onEvent)
    await indexVideos(work, {
      library,
      reader,
      encoder: trunk,
      writer: writerFor(library, readAnew),
      signal,
      onVideo(video, outcome) {
        if (outcome.kind === 'failed') {
          const { reason, sentence } = outcome.refusal
          failed.push({ file: video.path, reason, message: sentence })
          onEvent({ kind: 'note', message: sentence })
        } else if (outcome.kind === 'indexed') {
          const cutOff = cutOffSentence(video, outcome)
          if (cutOff !== null) onEvent({ kind: 'note', message: cutOff })
          totals.imported += 1
          totals.segments += outcome.segments
          totals.frames += outcome.frames
          totals.videoSeconds += outcome.durationSeconds
        }
        if (readAnew.has(video.id)) library.readings.done(video.id)
        meter.add()
      },
    })
    failed.push(...withGaps(work.filter(({ id, status }) => status === 'pending' || readAnew.has(id))))
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
        const video = untouched ?? library.videos.register({ path, ...(await contentOf(path)) }, existsSync).video
        known.set(video.id, video)
      } catch (error) {
        signal.throwIfAborted()
        unreadable.push({ file: path, reason: 'unreadableFile', message: unreadableSentence(path, error) })
      }
      meter.add()
    }
    return [...known.values()]
  }

  /** The hash of a file; samples that are those of another file that is still there tell too little, so all is read. */
  async function contentOf(path: string): Promise<Omit<FoundFile, 'path'>> {
    const sampled = await hashContent(path, { signal })
    const same = library.videos.byContent(sampled.contentHash)
    if (same === undefined || same.path === path || !isSampled(sampled.sizeBytes) || !existsSync(same.path))
      return sampled
    const [own, other] = [await hashWhole(path, { signal }), await hashWhole(same.path, { signal })]
    return own === other ? sampled : { ...sampled, contentHash: `${sampled.contentHash}-${own}` }
  }

  /** Pending videos (of an earlier import that was stopped too), and indexed ones that this encoder has not seen. */
  function toIndex(encoderId: string): Video[] {
    const stale = new Set(library.features.segmentsWithout(encoderId).map((id) => library.segments.get(id)?.videoId))
    return library.videos
      .list()
      .filter(
        ({ id, status, path }) =>
          status === 'pending' || (status === 'indexed' && (stale.has(id) || (readAnew.has(id) && existsSync(path)))),
      )
  }

  /** Once a library: which of its videos an older version read wrongly. They stay searchable until they are read anew. */
  async function lookForWrongReadings(): Promise<void> {
    if (library.readings.isCurrent()) return
    const indexed = library.videos.list({ status: 'indexed' }).filter(({ path }) => existsSync(path))
    const wrong: string[] = []
    const meter = createProgressMeter({ stage: 'looking at files', unit: 'files', total: indexed.length, now }, onEvent)
    for (const { id, path } of indexed) {
      const info = await reader.probe(path, signal)
      // What is refused now was indexed as noise.
      const shots = library.segments.ofVideo(id)
      if ('refusal' in info || wasReadWrongly(info.probe, shots)) wrong.push(id)
      else library.videos.setDuration(id, shots.at(-1)!.endSeconds) // what the container said is not always so
      meter.add()
    }
    library.readings.markCurrent(wrong)
  }

  /** The promise at the end of an import, checked on what was stored: no second of a video is lost. */
  function withGaps(videos: readonly Video[]): FailedFile[] {
    return videos.flatMap(({ id, path, fileName }) => {
      const video = library.videos.get(id)
      const shots = library.segments.ofVideo(id)
      if (video?.status !== 'indexed') return []
      const lastSeconds = video.durationSeconds ?? 0
      const fault = tilingFault(shots, { firstSeconds: shots[0]?.startSeconds ?? 0, lastSeconds })
      if (fault === null) return []
      const failure = { code: 'notWhole', sentence: `${fileName} ${tilingSentence(fault)}. Try again.` }
      library.videos.markFailed(id, failure)
      return [{ file: path, reason: failure.code, message: failure.sentence }]
    })
  }

  async function readSidecars(videos: readonly Video[]): Promise<number> {
    let count = 0
    for (const { id, path } of videos) {
      for (const sidecar of sidecarPaths(path)) {
        const bytes = await readFile(sidecar).catch(() => null) // most videos have none
        const text = bytes === null ? null : guessText(bytes)
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
function writerFor(library: Library, readAnew: ReadonlySet<string>): VideoWriter {
  const fresh = createIndexWriter(library)
  const added = createFeatureWriter(library)
  const of = ({ id, status }: Video): VideoWriter => (status === 'indexed' && !readAnew.has(id) ? added : fresh)
  return {
    resumeAt: (video, encoderId) => of(video).resumeAt(video, encoderId),
    savePart: (video, encoded) => of(video).savePart(video, encoded),
    save: (video, encoded) => of(video).save(video, encoded),
    refuse: (video, refusal, info) => of(video).refuse(video, refusal, info),
  }
}

function cutOffSentence(
  { fileName }: Video,
  read: { durationSeconds: number; cutOffFromSeconds?: number | undefined },
) {
  if (read.cutOffFromSeconds === undefined) return null
  const [shown, claimed] = [read.durationSeconds, read.cutOffFromSeconds].map((seconds) => Number(seconds.toFixed(1)))
  return `${fileName} is cut off after ${shown} s of ${claimed}. What is there is indexed; copy it again from its source for the rest.`
}

function unreadableSentence(path: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EACCES' || code === 'EPERM') return `${path} may not be read. Change its permissions and try again.`
  if (path.includes('\ufffd')) return `${path} has a name that is not UTF-8. Rename it and import it again.`
  if (code === 'ENOENT') return `${path} is not there any more.`
  return `${path} cannot be read (${code ?? (error instanceof Error ? error.message : 'unknown reason')}).`
}

/** The library as lists and single videos, in the form that windows get. Nothing here changes anything. */
import { existsSync } from 'node:fs'
import { z } from 'zod'
import {
  AppError,
  type Exemplar as ListedExemplar,
  type ProcedureInput,
  type ProcedureOutput,
  type VideoRow,
} from '../../contract/index.ts'
import type { Exemplar, Library, ListedVideo, Video } from '../../storage/index.ts'

export function listVideos(
  library: Library,
  { filter, text, ...page }: ProcedureInput<'listVideos'>,
): ProcedureOutput<'listVideos'> {
  const { total, videos } = library.videoList.page({ ...page, filter: { ...filter, text } })
  return { total, videos: videos.map(toRow) }
}

/** @throws AppError `input.missing` */
export function videoDetail(library: Library, encoderId: string, id: string): ProcedureOutput<'video'> {
  const video = existingVideo(library, id)
  const probe = probeSchema.safeParse(video.probe ?? {}).data
  const concepts = conceptNames(library)
  return {
    ...videoRow(library, id),
    path: video.path,
    copies: library.videos.paths(id).filter((path) => path !== video.path),
    isThere: existsSync(video.path),
    sizeBytes: video.sizeBytes,
    codec: probe?.codec ?? null,
    width: probe?.width ?? null,
    height: probe?.height ?? null,
    framesPerSecond: probe?.framesPerSecond ?? null,
    descriptions: library.descriptions.ofVideo(id).map(({ id, text, source, generated, createdAtMs }) => ({
      ...{ id, text, source },
      generated:
        generated === null
          ? null
          : {
              ...{ start: generated.startSeconds, end: generated.endSeconds, model: generated.model },
              ...{ prompt: generated.prompt, at: new Date(createdAtMs).toISOString() },
            },
    })),
    shots: library.segments.ofVideo(id).map((segment) => ({
      id: segment.id,
      start: segment.startSeconds,
      end: segment.endSeconds,
      hasPoster: segment.posterPath !== null,
      frameTimes: library.features.framesOf(segment.id, encoderId)?.frameSeconds ?? [],
    })),
    labels: library.exemplars.ofVideo(id).map((exemplar) => toExemplar(exemplar, concepts)),
  }
}

/** @throws AppError `input.missing` */
export function videoRow(library: Library, id: string): VideoRow {
  const row = library.videoList.row(id)
  if (row === undefined) throw gone(id)
  return toRow(row)
}

/** @throws AppError `input.missing` */
export function existingVideo(library: Library, id: string): Video {
  const video = library.videos.get(id)
  if (video === undefined) throw gone(id)
  return video
}

export function toExemplar(exemplar: Exemplar, concepts: ReadonlyMap<string, string>): ListedExemplar {
  const { id, videoId, segmentId, startSeconds, endSeconds, text, grade, conceptId } = exemplar
  return {
    ...{ id, video: videoId, segment: segmentId, start: startSeconds, end: endSeconds, text, grade },
    concept: conceptId === null ? null : (concepts.get(conceptId) ?? null),
  }
}

/** Names by id. */
export function conceptNames(library: Library): Map<string, string> {
  return new Map(library.concepts.all().map(({ id, name }) => [id, name]))
}

function toRow(video: ListedVideo): VideoRow {
  const { failure, posterSegmentIds } = video
  return {
    id: video.id,
    fileName: video.fileName,
    status: video.status,
    failure: failure === null ? null : { reason: failure.code, message: failure.sentence },
    durationSeconds: video.durationSeconds,
    title: video.title,
    sku: video.sku,
    category: video.category,
    description: video.description,
    posterSegment: posterSegmentIds[0] ?? null,
    posters: [...posterSegmentIds],
    segments: video.segmentCount,
    exemplars: video.exemplarCount,
    addedAt: new Date(video.addedAtMs).toISOString(),
  }
}

/** What main/media writes, read leniently. */
const probeSchema = z.object({
  codec: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  framesPerSecond: z.number().optional(),
})

function gone(id: string): AppError {
  return new AppError('input.missing', 'This video is not in the library any more. Refresh the list.', { video: id })
}

/** Decisions about labels and texts, each one saved transaction that can be undone. */
import { AppError, type EditOutcome, type EditRequest, type ProcedureInput } from '../../contract/index.ts'
import type { Edit, EditKind, Library, Patch } from '../../storage/index.ts'
import { conceptNames, existingVideo, toExemplar } from '../library/index.ts'

type Planned = { kind: EditKind; videoId: string | null; segmentId: string | null; after: Patch }
type Parts = { readonly library: Library; readonly newId: () => string; readonly now: () => number }

/** @throws AppError `input.missing` for what is gone; `usage` for a range that is none */
export function performEdit(parts: Parts, request: EditRequest): EditOutcome {
  const { library } = parts
  const edit = library.transaction(() => library.edits.perform(plan(parts, request)))
  return outcome(parts, edit)
}

export function stepHistory(parts: Parts, { step, count }: ProcedureInput<'history'>): EditOutcome {
  const { library } = parts
  return library.transaction(() => {
    let last: Edit | undefined
    for (let i = 0; i < count; i++) {
      const edit = step === 'undo' ? library.edits.undo() : library.edits.redo()
      if (edit === undefined) break
      last = edit
    }
    return outcome(parts, last)
  })
}

function plan(parts: Parts, request: EditRequest): Planned {
  switch (request.action) {
    case 'label':
      return planLabel(parts, request)
    case 'unlabel': {
      const exemplar = parts.library.exemplars.get(request.exemplar)
      if (exemplar === undefined) throw gone('This label', { exemplar: request.exemplar })
      const { videoId, segmentId, id } = exemplar
      return { kind: 'unlabel', videoId, segmentId, after: { exemplars: { [id]: null } } }
    }
    case 'skip': {
      const segment = parts.library.segments.get(request.segment)
      if (segment === undefined) throw gone('This moment', { segment: request.segment })
      const after = { skipped: { [segment.id]: true } }
      return { kind: 'skip', videoId: segment.videoId, segmentId: segment.id, after }
    }
    case 'describe':
      return planDescription(parts, request)
  }
}

function planLabel({ library, newId, now }: Parts, request: EditRequest & { action: 'label' }): Planned {
  const { start, text, grade } = request
  const video = existingVideo(library, request.video)
  const end = video.durationSeconds === null ? request.end : Math.min(request.end, video.durationSeconds)
  if (!(end > start)) {
    const message = `The range from ${start} to ${request.end} s is empty or lies after the video. Choose a start before its end.`
    throw new AppError('usage', message, { field: 'end' })
  }
  const named = request.exemplar === undefined ? undefined : library.exemplars.get(request.exemplar)
  if (request.exemplar !== undefined && named === undefined) throw gone('This label', { exemplar: request.exemplar })
  const same = library.exemplars
    .ofVideo(video.id)
    .find((each) => each.startSeconds === start && each.endSeconds === end && each.text === text)
  const replaced = named ?? same
  const id = replaced?.id ?? newId()
  const concept = request.concept ?? (replaced === undefined ? (video.category ?? '') : null)
  const conceptId = concept === null ? replaced!.conceptId : concept === '' ? null : library.concepts.ensure(concept).id
  const state = {
    ...{ videoId: video.id, startSeconds: start, endSeconds: end, text, grade, conceptId },
    createdAtMs: replaced?.createdAtMs ?? now(),
  }
  // The same moment and text may have a label already, which this one takes the place of.
  const takenOver = same !== undefined && same.id !== id ? { [same.id]: null } : {}
  return {
    kind: 'label',
    videoId: video.id,
    segmentId: library.segments.bestOverlap(video.id, start, end)?.id ?? null,
    after: { exemplars: { ...takenOver, [id]: state } },
  }
}

function planDescription({ library }: Parts, request: EditRequest & { action: 'describe' }): Planned {
  const { from, to } = request
  const video = existingVideo(library, request.video)
  const about = { kind: 'describe', videoId: video.id, segmentId: null } as const
  const all = library.descriptions
    .ofVideo(video.id)
    .filter(({ source }) => source !== 'filename' && source !== 'generated')
  const own = all.filter(({ source }) => source === 'user')
  const inEffect = (own.length > 0 ? own : all).map(({ text }) => text)
  if (from === undefined) return { ...about, after: { userTexts: { [video.id]: [...inEffect, to] } } }
  if (inEffect.includes(from)) {
    return { ...about, after: { userTexts: { [video.id]: inEffect.map((text) => (text === from ? to : text)) } } }
  }
  // Only what was corrected becomes the user's; what else a model has written of the video does not.
  const isGenerated = library.descriptions
    .ofVideo(video.id)
    .some(({ source, text }) => source === 'generated' && text === from)
  if (isGenerated) return { ...about, after: { userTexts: { [video.id]: [...inEffect, to] } } }
  if (video.title === from) return { ...about, after: { titles: { [video.id]: to } } }
  throw new AppError('input.missing', 'This text has been changed meanwhile. Look at it again and correct it then.', {
    video: video.id,
  })
}

function outcome({ library, now }: Parts, edit: Edit | undefined): EditOutcome {
  const id = Object.keys(edit?.after.exemplars ?? {}).find((each) => library.exemplars.get(each) !== undefined)
  const exemplar = id === undefined ? undefined : library.exemplars.get(id)
  return {
    edit: edit?.id ?? null,
    kind: edit?.kind ?? null,
    video: edit?.videoId ?? null,
    segment: edit?.segmentId ?? null,
    exemplar: exemplar === undefined ? null : toExemplar(exemplar, conceptNames(library)),
    savedAt: new Date(now()).toISOString(),
    canUndo: library.edits.canUndo(),
    canRedo: library.edits.canRedo(),
  }
}

function gone(what: string, params: Record<string, string>): AppError {
  return new AppError('input.missing', `${what} is not in the library any more. Go on with the next.`, params)
}

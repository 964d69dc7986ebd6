/** Lets the vision model describe shots, several at a time, and keeps each text as soon as it is there. */
import {
  type CallContext,
  type DescriptionScope,
  type EndpointSettings,
  type ProcedureOutput,
} from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { createProgressMeter } from '../shared/progress-meter.ts'
import { converse, findServer, type Server } from './conversation.ts'
import {
  descriptionChat,
  exampleTexts,
  gridOf,
  promptOf,
  readDescription,
  shotsToDescribe,
  type ShotToDescribe,
} from './describe-shots.ts'
import { notePace } from './estimate.ts'
import { appErrorOf, EndpointFailure } from './failure.ts'
import { createPacer } from './pacer.ts'
import type { EndpointOutside } from './ports.ts'
import { probe } from './probe.ts'

export type GenerateParts = {
  readonly library: Library
  readonly outside: EndpointOutside
  readonly settings: EndpointSettings
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** So many shots one after the other that come to nothing are not the shots' fault. */
const mostFailuresInARow = 5

/**
 * What is there already is left out, so that a run that was stopped goes on where it was.
 * @throws AppError `endpoint.failed` when no shot would go better; what was written is kept
 */
export async function generateDescriptions(
  { library, outside, settings, now }: GenerateParts,
  { scope, limit }: { readonly scope: DescriptionScope; readonly limit?: number | undefined },
  { signal, onEvent }: CallContext,
): Promise<ProcedureOutput<'generateDescriptions'>> {
  const startedMs = now()
  const examples = exampleTexts(library.descriptions.all())
  const waiting = shotsToDescribe(library, scope).slice(0, limit)
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const failed: ProcedureOutput<'generateDescriptions'>['failed'] = []
  let [written, tokens, inARow, model] = [0, 0, 0, settings.model]
  let host = ''
  let fatal: unknown

  try {
    const server = await findServer(outside, settings, signal)
    host = server.host
    onEvent({ kind: 'note', message: `Pictures of ${waiting.length} shots go to ${host}.` })
    model = waiting.length === 0 ? server.model : await probe(outside, server, signal)
    const meter = createProgressMeter(
      { stage: 'writing descriptions', unit: 'shots', total: waiting.length, now },
      onEvent,
    )
    const pace = createPacer(settings.requestsPerMinute, { now, wait: outside.wait, signal: both })
    const next = waiting[Symbol.iterator]()
    const worker = async (): Promise<void> => {
      for (const shot of next) {
        if (both.aborted) return
        try {
          await describe(server, shot, pace)
          inARow = 0
        } catch (error) {
          if (!(error instanceof EndpointFailure)) throw error
          const { problem, message } = error
          failed.push({ segment: shot.segment.id, file: shot.fileName, reason: problem, message })
          inARow += problem === 'picture' ? 0 : 1
          if (error.isLasting || inARow >= mostFailuresInARow) throw error
        }
        meter.add()
      }
    }
    const guarded = async (): Promise<void> => {
      try {
        await worker()
      } catch (error) {
        // The first failure counts; the others only follow from the stop.
        if (!stop.signal.aborted) fatal = error
        stop.abort()
      }
    }
    await Promise.all(Array.from({ length: Math.min(settings.concurrency, waiting.length) }, guarded))
  } catch (error) {
    fatal = error
  }
  signal.throwIfAborted()
  if (fatal instanceof EndpointFailure) throw appErrorOf(fatal, host)
  if (fatal !== undefined) throw fatal as Error
  return { written, failed, host, model, tokens, elapsedSeconds: (now() - startedMs) / 1000 }

  async function describe(server: Server, { segment }: ShotToDescribe, pace: () => Promise<void>): Promise<void> {
    const { path, startSeconds, endSeconds, videoId } = segment
    let prompt = ''
    let startMs = now()
    const answered = await converse(
      outside,
      server,
      {
        async chat({ isHalved, isLonger, times }) {
          const grid = gridOf(isHalved)
          const jpeg = await outside.pictures.grid(path, { start: startSeconds, end: endSeconds, ...grid }, both)
          // Who gave back an example is not shown any again.
          prompt = promptOf((times.nonsense ?? 0) > 0 ? [] : examples, grid)
          return jpeg === null ? null : descriptionChat(jpeg, prompt, isLonger ? 2000 : 500)
        },
        read: (content) => readDescription(content, examples),
      },
      both,
      async () => {
        await pace()
        startMs = now()
      },
    )
    // Without waiting between the answer and its place in the library: a kill loses what is on its way, no more.
    if (library.segments.get(segment.id) === undefined) return
    library.descriptions.addGenerated(videoId, answered.value, {
      startSeconds,
      endSeconds,
      model: answered.model,
      prompt,
    })
    notePace(library.settings, settings, { seconds: (now() - startMs) / 1000, tokens: answered.tokens })
    written += 1
    tokens += answered.tokens ?? 0
    model = answered.model
  }
}

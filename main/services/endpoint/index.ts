/** A vision model of the customer's, optional and off: open answers from frames, and descriptions of shots. */
import type { CallContext, FeatureHandlers, ProcedureInput, ProcedureOutput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import type { Jobs, News, Work } from '../jobs/index.ts'
import { existingVideo } from '../library/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import { basename } from 'node:path'
import { urlsOf } from './address.ts'
import { findServer } from './conversation.ts'
import { changeEndpoint, endpointInUse, isNetworkingAllowed, readEndpoint } from './endpoint-settings.ts'
import { estimateDescriptions } from './estimate.ts'
import { appErrorOf, EndpointFailure } from './failure.ts'
import { generateDescriptions } from './generate.ts'
import { openAnswer, type AnswerMoment, type OpenAnswer } from './open-answer.ts'
import type { EndpointOutside } from './ports.ts'
import { probe } from './probe.ts'

export type { AnswerMoment, Citation, OpenAnswer } from './open-answer.ts'
export type { EndpointKey, EndpointOutside, EndpointPictures, Send } from './ports.ts'

export type EndpointParts = {
  readonly access: LibraryAccess
  readonly jobs: Jobs
  readonly news: News
  readonly endpoint: EndpointOutside
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What other features may use of it. */
export type Endpoint = {
  readonly handlers: FeatureHandlers<'endpoint'>
  readonly work: (library: Library) => Pick<Work, 'descriptions'>
  /** Whether it is set and on; nothing is asked. `host` is to be shown before anything is sent. */
  standing(library: Library): { readonly isOn: boolean; readonly host: string | null; readonly model: string }
  /**
   * Answers a question from frames of the moments, best first (at most five are looked at). Which frames show the answer
   * is in `citations`; an answer with none has `isProven` false and is to be shown as unproven.
   * @throws AppError `endpoint.off`, `network.off`, `endpoint.failed`; the abort reason
   */
  openAnswer(
    library: Library,
    asked: {
      readonly question: string
      readonly moments: readonly Omit<AnswerMoment, 'path' | 'fileName'>[]
      readonly allowNetwork?: boolean | undefined
    },
    signal: AbortSignal,
  ): Promise<OpenAnswer & { readonly host: string }>
}

export function createEndpoint({ access, jobs, news, endpoint: outside, now }: EndpointParts): Endpoint {
  const { view, change } = access
  const describe = (library: Library): ProcedureOutput<'endpoint'> => {
    const settings = readEndpoint(library)
    const host = settings.address === '' ? null : urlsOf(settings.address).origin
    return {
      ...{ ...settings, host, keyFrom: host === null ? null : (outside.keyFor(host)?.from ?? null) },
      isNetworkingAllowed: isNetworkingAllowed(library),
      generatedDescriptions: library.descriptions.countGenerated(),
    }
  }
  const generate = async (
    library: Library,
    {
      allowNetwork,
      ...input
    }: { scope: 'untrusted' | 'undescribed'; limit?: number | undefined; allowNetwork: boolean },
    context: CallContext,
  ): Promise<ProcedureOutput<'generateDescriptions'>> => {
    const settings = endpointInUse(library, { allowNetwork })
    try {
      return await generateDescriptions({ library, outside, settings, now }, input, context)
    } finally {
      news.changed('videos', 'texts', 'settings')
    }
  }
  const answer: Endpoint['openAnswer'] = async (library, { question, moments, allowNetwork = false }, signal) => {
    const settings = endpointInUse(library, { allowNetwork })
    const located = moments.map((moment): AnswerMoment => {
      const { path } = existingVideo(library, moment.videoId)
      return { ...moment, path, fileName: basename(path) }
    })
    return explained(settings.address, async () => {
      const server = await findServer(outside, settings, signal)
      return { ...(await openAnswer(outside, server, { question, moments: located }, signal)), host: server.host }
    })
  }

  return {
    handlers: {
      endpoint: async () => describe(view()),
      changeEndpoint: async (changes) => {
        changeEndpoint(change(), changes)
        news.changed('settings')
        return describe(view())
      },
      testEndpoint: async ({ allowNetwork }, { signal }) => {
        const settings = endpointInUse(view(), { allowNetwork })
        const startMs = now()
        return explained(settings.address, async () => {
          const server = await findServer(outside, settings, signal)
          const model = await probe(outside, server, signal)
          const { host, dialect, models } = server
          return { host, dialect, model, models: [...models], seconds: (now() - startMs) / 1000 }
        })
      },
      estimateDescriptions: async (input) => estimateDescriptions(view(), readEndpoint(view()), input),
      generateDescriptions: (input, context) => generate(access.open('write'), input, context),
      startDescriptions: async (input) => {
        endpointInUse(change(), { allowNetwork: false })
        return { job: jobs.queue().start('descriptions', input) }
      },
      removeDescriptions: async () => {
        const removed = change().descriptions.removeGenerated()
        news.changed('videos', 'texts', 'settings')
        return { removed }
      },
      askEndpoint: async ({ question, moments, allowNetwork }, { signal }) => {
        const startMs = now()
        const asked = moments.map(({ video, start, end }) => ({ videoId: video, startSeconds: start, endSeconds: end }))
        const { citations, ...rest } = await answer(view(), { question, moments: asked, allowNetwork }, signal)
        return {
          ...rest,
          citations: citations.map(({ name, videoId, seconds }) => ({ name, video: videoId, seconds })),
          seconds: (now() - startMs) / 1000,
        }
      },
    },
    work: (library) => ({
      descriptions: (input: ProcedureInput<'startDescriptions'>, context) =>
        generate(library, { ...input, allowNetwork: false }, context),
    }),
    standing(library) {
      const { isOn, address, model } = readEndpoint(library)
      return { isOn: isOn && address !== '', host: address === '' ? null : urlsOf(address).origin, model }
    },
    openAnswer: answer,
  }
}

async function explained<T>(address: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof EndpointFailure) throw appErrorOf(error, urlsOf(address).origin)
    throw error
  }
}

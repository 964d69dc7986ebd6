/** How long descriptions take and what they cost, from what earlier ones took. Pure apart from reading the library. */
import type { DescriptionScope, EndpointSettings, ProcedureOutput } from '../../contract/index.ts'
import type { Library, SettingStore } from '../../storage/index.ts'
import { urlsOf } from './address.ts'
import { shotsToDescribe } from './describe-shots.ts'

/** Of one description by one model, measured here. */
export type Pace = { readonly of: string; readonly count: number; readonly seconds: number; readonly tokens: number }

const settingName = 'endpointPace'
/** A small vision model on a graphics card; the grid is about 1000 by 450 pixels. */
const typical = { seconds: 5, tokens: 1200 }
/** Older requests count less than this many newer ones. */
const longestMemory = 100

export function paceOf(
  settings: Pick<SettingStore, 'get'>,
  { address, model }: Pick<EndpointSettings, 'address' | 'model'>,
): Pace | null {
  const kept = settings.get(settingName) as Partial<Pace> | undefined
  const isOurs = kept?.of === nameOf({ address, model })
  return isOurs && typeof kept?.seconds === 'number' && typeof kept.tokens === 'number' ? (kept as Pace) : null
}

/** Remembers one more request. */
export function notePace(
  settings: Pick<SettingStore, 'get' | 'set'>,
  endpoint: Pick<EndpointSettings, 'address' | 'model'>,
  took: { readonly seconds: number; readonly tokens: number | null },
): void {
  const before = paceOf(settings, endpoint) ?? { count: 0, seconds: 0, tokens: 0 }
  const count = Math.min(longestMemory, before.count + 1)
  const mean = (old: number, value: number): number => old + (value - old) / count
  settings.set(settingName, {
    ...{ of: nameOf(endpoint), count, seconds: mean(before.seconds, took.seconds) },
    tokens: mean(before.tokens, took.tokens ?? typical.tokens),
  } satisfies Pace)
}

export function estimateDescriptions(
  library: Library,
  settings: EndpointSettings,
  { scope, limit }: { readonly scope: DescriptionScope; readonly limit?: number | undefined },
): ProcedureOutput<'estimateDescriptions'> {
  const shots = shotsToDescribe(library, scope).slice(0, limit)
  const pace = paceOf(library.settings, settings)
  const { concurrency, requestsPerMinute, pricePerMillionTokens, address, model } = settings
  const each = pace ?? typical
  const byModel = (shots.length * each.seconds) / concurrency
  const byRate = requestsPerMinute === null ? 0 : (Math.max(0, shots.length - 1) * 60) / requestsPerMinute
  const tokens = Math.round(shots.length * each.tokens)
  return {
    ...{ shots: shots.length, videos: new Set(shots.map(({ segment }) => segment.videoId)).size },
    ...{ estimatedSeconds: Math.max(byModel, byRate), tokens },
    cost: pricePerMillionTokens === null ? null : (tokens / 1e6) * pricePerMillionTokens,
    estimatedFrom: pace === null ? 'typical' : 'here',
    ...{ host: address === '' ? null : urlsOf(address).origin, model },
  }
}

function nameOf({ address, model }: Pick<EndpointSettings, 'address' | 'model'>): string {
  return `${address} ${model}`
}

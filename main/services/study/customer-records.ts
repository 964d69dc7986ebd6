/** What trying the arms on simulated customers came to: one record a customer, and what all of them say together. Pure. */
import { z } from 'zod'
import { createRandom } from '../../base/index.ts'
import { bootstrapMean, quantile, type Interval } from '../../training/index.ts'
import { studyArms, type StudyArm } from './study.ts'

const armSchema = z.strictObject({
  precisionAt10: z.number(),
  meanAveragePrecision: z.number(),
  /** Mean of the two: what arms are compared by. */
  score: z.number(),
  /** Of the weights, wrong pairs against aligned ones; null without weights or without wrong pairs. */
  auc: z.number().nullable(),
  /** Share of a batch that the weights lean on; null without weights. */
  effectiveShare: z.number().nullable(),
  /** Share of the runs that the held-out exemplars prefer to not training; null where there are none, and for ceilings. */
  promoted: z.number().nullable(),
  seconds: z.number(),
})

const intervalSchema = z.strictObject({ mean: z.number(), low: z.number(), high: z.number() })
const armName = z.enum(studyArms)

const recordSchema = z.strictObject({
  customer: z.string(),
  size: z.number(),
  noisePercent: z.number(),
  trusted: z.number(),
  words: z.enum(['known', 'new']),
  /** Of customer and settings: a record of another fingerprint is of another run. */
  fingerprint: z.string(),
  /** Runs of each arm. */
  seeds: z.number(),
  /** What there was in the end. */
  pairs: z.number(),
  metaSet: z.number(),
  heldOut: z.number(),
  queries: z.number(),
  ownWords: z.number(),
  arms: z.partialRecord(armName, armSchema),
  /** Score of mama less that of each other arm; the interval is over queries. */
  over: z.partialRecord(armName, intervalSchema),
})

export type CustomerRecord = z.infer<typeof recordSchema>
export type ArmRecord = z.infer<typeof armSchema>

/** Records of a file of them. A line that a kill cut short, or of another kind, is left out. */
export function readCustomerRecords(text: string): CustomerRecord[] {
  return text.split('\n').flatMap((line): CustomerRecord[] => {
    try {
      return [recordSchema.parse(JSON.parse(line))]
    } catch {
      return []
    }
  })
}

/** What mama must not be below. */
const rivals = ['infonce', 'plain rule', 'zero-shot'] as const
type Rival = (typeof rivals)[number]

export type CustomerSummary = {
  /** `all`, or what its customers have in common. */
  readonly group: string
  readonly customers: number
  readonly score: Partial<Record<StudyArm, number>>
  /**
   * Share of the damage by doubtful texts that is undone: sum of the gains over infonce, over the sum of what training on the
   * right pairs only gains; over customers with doubtful texts, interval over customers. Null where there is no damage.
   */
  readonly undone: Partial<Record<'mama' | 'plain rule', Share | null>>
  /** Mean of mama's score less the rival's, interval over customers. */
  readonly over: Partial<Record<Rival, Interval>>
  /** The customer for whom mama is furthest below the rival, or least above it. */
  readonly worst: Partial<Record<Rival, { readonly customer: string; readonly difference: number }>>
  /** Customers for whom mama is below the rival with the whole of the interval over their queries. */
  readonly clearlyBelow: Partial<Record<Rival, number>>
  readonly auc: number | null
  readonly effectiveShare: number | null
  readonly promoted: number | null
}

export type Share = { readonly share: number; readonly low: number; readonly high: number }

/** One row for all, then one for each kind of words, noise, size and number of trusted pairs. */
export function summariseCustomers(records: readonly CustomerRecord[]): CustomerSummary[] {
  const groupsBy = (name: string, of: (record: CustomerRecord) => string | number): CustomerSummary[] =>
    [...new Set(records.map(of))]
      .sort((a, b) => (a < b ? -1 : 1))
      .map((value) =>
        summarise(
          `${name} ${value}`,
          records.filter((record) => of(record) === value),
        ),
      )
  return [
    summarise('all', records),
    ...groupsBy('words', ({ words }) => words),
    ...groupsBy('noise', ({ noisePercent }) => noisePercent),
    ...groupsBy('size', ({ size }) => size),
    ...groupsBy('trusted', ({ trusted }) => trusted),
  ]
}

const bootstrapSeed = 1

function summarise(group: string, records: readonly CustomerRecord[]): CustomerSummary {
  const armsHere = studyArms.filter((arm) => records.length > 0 && records.every(({ arms }) => arms[arm] !== undefined))
  const rivalsHere = rivals.filter((rival) => records.length > 0 && records.every(({ over }) => over[rival]))
  const ofMama = (pick: (arm: ArmRecord) => number | null): number | null =>
    meanOf(records.flatMap(({ arms }) => (arms.mama && pick(arms.mama)) ?? []))
  const differences = (rival: Rival): number[] => records.map(({ over }) => over[rival]!.mean)
  return {
    ...{ group, customers: records.length },
    score: fromNames(armsHere, (arm) => meanOf(records.map(({ arms }) => arms[arm]!.score))!),
    undone: fromNames(
      (['mama', 'plain rule'] as const).filter((arm) => armsHere.includes(arm)),
      (arm) => shareUndone(records, arm),
    ),
    over: fromNames(rivalsHere, (rival) => bootstrapMean(differences(rival), { seed: bootstrapSeed })),
    worst: fromNames(rivalsHere, (rival) => {
      const all = differences(rival)
      const difference = Math.min(...all)
      return { customer: records[all.indexOf(difference)]!.customer, difference }
    }),
    clearlyBelow: fromNames(rivalsHere, (rival) => records.filter(({ over }) => over[rival]!.high < 0).length),
    auc: ofMama(({ auc }) => auc),
    effectiveShare: ofMama(({ effectiveShare }) => effectiveShare),
    promoted: ofMama(({ promoted }) => promoted),
  }
}

const resamples = 2000

function shareUndone(records: readonly CustomerRecord[], arm: StudyArm): Share | null {
  const parts = records.flatMap(({ arms, noisePercent }) => {
    const [plain, right] = [arms.infonce, arms['right pairs']]
    if (noisePercent === 0 || plain === undefined || right === undefined) return []
    return [{ gain: arms[arm]!.score - plain.score, damage: right.score - plain.score }]
  })
  const ratio = (drawn: typeof parts): number => {
    let [gain, damage] = [0, 0]
    for (const part of drawn) {
      gain += part.gain
      damage += part.damage
    }
    return damage > 0 ? gain / damage : NaN
  }
  const share = ratio(parts)
  if (Number.isNaN(share)) return null
  const random = createRandom(bootstrapSeed)
  const shares = Array.from({ length: resamples }, () => ratio(parts.map(() => parts[random.integer(parts.length)]!)))
  // Where some resamples have no damage at all, the ratio has no interval worth the name.
  const found = shares.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  const isSure = found.length === resamples
  return { share, low: isSure ? quantile(found, 0.025) : -Infinity, high: isSure ? quantile(found, 0.975) : Infinity }
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

function fromNames<K extends string, V>(names: readonly K[], of: (name: K) => V): Partial<Record<K, V>> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Partial<Record<K, V>>
}

/** Trains on a simulated customer as the app would, and judges each text by the audit's rule. */
import type { Encoder } from '../../../main/encoders/index.ts'
import type { Runtime } from '../../../main/runtime/index.ts'
import { isDoubted } from '../../../main/services/audit/judge-run.ts'
import { studyData } from '../../../main/services/study/load-study.ts'
import type { SimulatedCustomer } from '../../../main/services/study/simulated-customer.ts'
import { openStudyWorld } from '../../../main/services/study/study-world.ts'
import { relativeWeights } from '../../../main/services/training/index.ts'
import {
  createTowerEncoder,
  frozenPairs,
  pairDoubts,
  type FrozenPairs,
  type PairSet,
} from '../../../main/training/index.ts'

export type Judged = { readonly kind: string; readonly isSuspect: boolean }

export type VerdictOptions = {
  readonly runtime: Runtime
  readonly encoder: Pick<Encoder, 'dim' | 'encodeTexts' | 'knowsWord'>
  readonly views: number
  /** Features [N, views, D] of products. */
  readonly framesOf: (ids: readonly string[]) => Promise<Float32Array>
  readonly conceptOf: (id: string) => string
  readonly signal: AbortSignal
}

/** @throws AppError `training.diverged`; the abort reason */
export async function customerVerdicts(customer: SimulatedCustomer, options: VerdictOptions): Promise<Judged[]> {
  const { runtime, encoder, views, framesOf, conceptOf, signal } = options
  const gallery = customer.gallery.map((id) => ({ id }))
  const data = await studyData({ ...customer, gallery }, { encoder, views, frameWidth: encoder.dim, framesOf })
  const world = openStudyWorld(runtime, data, { signal })
  const { tower, metaSet } = world.common
  const seed = 1
  const trained = await world.train(world.configOf('mama', seed, data.pairs.count))
  const finished = await createTowerEncoder(runtime, tower, trained.last)
  const embed = async ({ frames, mask, texts, count, facts }: PairSet): Promise<FrozenPairs> => ({
    videos: await finished.videos(frames, mask, count),
    texts: await finished.texts(texts, count, { entries: facts?.entries }),
  })
  try {
    const doubts = await pairDoubts({
      ...{ runtime, width: data.width, seed },
      names: {
        concepts: customer.pairs.map(({ id }) => conceptOf(id)),
        strings: customer.pairs.map(({ text }) => text),
      },
      before: joined(frozenPairs(data.pairs, data.width), frozenPairs(metaSet, data.width)),
      after: joined(await embed(data.pairs), await embed(metaSet)),
    })
    const weights = relativeWeights(trained.weights)
    return data.kinds.map((kind, i) => ({
      kind: kind ?? 'unknown',
      isSuspect: isDoubted(doubts?.wrong[i] ?? 0, weights[i]!),
    }))
  } finally {
    await finished.dispose()
  }
}

function joined(a: FrozenPairs, b: FrozenPairs): FrozenPairs {
  const join = (left: Float32Array, right: Float32Array): Float32Array => {
    const out = new Float32Array(left.length + right.length)
    out.set(left)
    out.set(right, left.length)
    return out
  }
  return { videos: join(a.videos, b.videos), texts: join(a.texts, b.texts) }
}

/** Precision: suspects that are wrong, and that are wrong or partial. Recall: wrong texts that are suspects. */
export function tally(judged: readonly Judged[]): object {
  const share = (part: number, of: number): number | null => (of === 0 ? null : Number((part / of).toFixed(3)))
  const count = (kind: string, among: readonly Judged[]): number => among.filter((one) => one.kind === kind).length
  const suspects = judged.filter(({ isSuspect }) => isSuspect)
  const isDoubtful = suspects.length - count('aligned', suspects)
  return {
    ...{ pairs: judged.length, suspects: suspects.length, suspectShare: share(suspects.length, judged.length) },
    ...{ wrongOfSuspects: share(count('wrong', suspects), suspects.length) },
    ...{ doubtfulOfSuspects: share(isDoubtful, suspects.length) },
    wrongFound: share(count('wrong', suspects), count('wrong', judged)),
    partialFound: share(count('partial', suspects), count('partial', judged)),
    rightAccused: share(count('aligned', suspects), count('aligned', judged)),
  }
}

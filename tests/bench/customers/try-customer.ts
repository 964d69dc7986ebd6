/** Trains every arm on one simulated customer and judges it on the customer's queries. */
import type { TensorMap } from '../../../main/base/index.ts'
import type { Encoder } from '../../../main/encoders/index.ts'
import type { Runtime } from '../../../main/runtime/index.ts'
import type { ArmRecord, CustomerRecord } from '../../../main/services/study/customer-records.ts'
import { studyData } from '../../../main/services/study/load-study.ts'
import type { SimulatedCustomer } from '../../../main/services/study/simulated-customer.ts'
import { openStudyWorld, weightAuc, type StudyData, type StudyWorld } from '../../../main/services/study/study-world.ts'
import { trainingOf, type StudyArm } from '../../../main/services/study/study.ts'
import { judgePromotion, rankExemplars, type ExemplarScore } from '../../../main/services/training/held-out.ts'
import {
  createEntriesOf,
  createTowerEncoder,
  meanAndSpread,
  meanOverRuns,
  pairedDifference,
  partsOf,
  type QueryOutcome,
} from '../../../main/training/index.ts'

export type TryOptions = {
  readonly runtime: Runtime
  readonly encoder: Pick<Encoder, 'dim' | 'encodeTexts' | 'knowsWord'>
  readonly views: number
  /** Features [N, views, D] of products. */
  readonly framesOf: (ids: readonly string[]) => Promise<Float32Array>
  readonly arms: readonly StudyArm[]
  /** Runs of each arm. */
  readonly seeds: number
  readonly signal: AbortSignal
}

type Run = {
  readonly outcomes: readonly QueryOutcome[]
  readonly auc: number | null
  readonly effectiveShare: number | null
  readonly promoted: boolean | null
}

/** @throws AppError `training.diverged`; the abort reason */
export async function tryCustomer(
  customer: SimulatedCustomer,
  options: TryOptions,
): Promise<Pick<CustomerRecord, 'pairs' | 'metaSet' | 'heldOut' | 'queries' | 'ownWords' | 'arms' | 'over'>> {
  const { runtime, encoder, views, framesOf, arms, seeds, signal } = options
  const gallery = customer.gallery.map((id) => ({ id }))
  const data = await studyData({ ...customer, gallery }, { encoder, views, frameWidth: encoder.dim, framesOf })
  const world = openStudyWorld(runtime, data, { signal })
  const judge = await openJudge(runtime, data, world, customer)
  const isClean = data.kinds.every((kind) => kind === 'aligned')

  const runsOf = async (arm: StudyArm): Promise<Run[]> => {
    if (arm === 'zero-shot') {
      const { outcomes } = await world.measure(world.zeroShot())
      return [{ outcomes, auc: null, effectiveShare: null, promoted: null }]
    }
    const { objective, pairs } = await trainingOf(arm, runtime, data, world)
    const runs: Run[] = []
    for (let seed = 1; seed <= seeds; seed++) {
      const trained = await world.train(world.configOf(objective, seed, pairs.count), { pairs })
      const { outcomes } = await world.measure(trained.last)
      const { weights } = partsOf(objective)
      runs.push({
        outcomes,
        auc: weights && !isClean ? weightAuc(data, trained.weights) : null,
        effectiveShare: weights ? trained.effectiveShare : null,
        promoted: arm === objective ? await judge(trained.last) : null,
      })
    }
    return runs
  }

  const found = new Map<StudyArm, { record: ArmRecord; scores: Float64Array }>()
  for (const arm of arms) {
    const startedMs = performance.now()
    // Where all texts are right, the ceilings train on the same pairs as infonce.
    const isSame = isClean && (arm === 'right pairs' || arm === 'true texts')
    const same = isSame ? found.get('infonce') : undefined
    if (same !== undefined) {
      found.set(arm, { ...same, record: { ...same.record, promoted: null, seconds: 0 } })
      continue
    }
    const runs = await runsOf(arm)
    const scores = meanOverRuns(runs.map(({ outcomes }) => outcomes.map(scoreOf)))
    found.set(arm, { scores, record: armRecord(runs, (performance.now() - startedMs) / 1000) })
  }
  const mama = found.get('mama')
  const others = mama === undefined ? [] : [...found].filter(([arm]) => arm !== 'mama')
  return {
    ...{ pairs: data.pairs.count, metaSet: world.metaCount, heldOut: data.exemplars.count - world.metaCount },
    ...{ queries: found.values().next().value?.scores.length ?? 0, ownWords: data.lexicon.words.length },
    arms: Object.fromEntries([...found].map(([arm, { record }]) => [arm, record])),
    over: Object.fromEntries(
      others.map(([arm, { scores }]) => {
        const { mean, low, high } = pairedDifference(mama!.scores, scores, { seed: 1 })
        return [arm, { mean: rounded(mean), low: rounded(low), high: rounded(high) }]
      }),
    ),
  }
}

/** Says whether the held-out exemplars prefer what a run learned to not training, as the app asks them. */
async function openJudge(
  runtime: Runtime,
  { width, exemplars, exemplarIds, exemplarConcepts, views, lexicon }: StudyData,
  world: StudyWorld,
  customer: SimulatedCustomer,
): Promise<(parameters: TensorMap) => Promise<boolean | null>> {
  const entriesOf = createEntriesOf(lexicon)
  const features = {
    ...{ ids: exemplarIds, concepts: exemplarConcepts, strings: customer.exemplars.map(({ text }) => text) },
    ...{ frames: exemplars.frames, texts: exemplars.texts, mask: new Float32Array(exemplars.count * views).fill(1) },
  }
  const heldOutScores = async (parameters: TensorMap): Promise<ExemplarScore[]> => {
    const tower = await createTowerEncoder(runtime, world.common.tower, parameters)
    try {
      const scores = await rankExemplars(
        {
          videos: (frames, mask, count) => tower.videos(frames, mask, count),
          texts: (texts, strings) => tower.texts(texts, strings.length, { entries: strings.map(entriesOf) }),
        },
        width,
        features,
      )
      return scores.filter((_, i) => customer.exemplarParts.get(exemplarIds[i]!) === 'heldOut')
    } finally {
      await tower.dispose()
    }
  }
  const before = await heldOutScores(world.zeroShot())
  return async (parameters) =>
    before.length === 0 ? null : judgePromotion(before, await heldOutScores(parameters)).verdict === 'better'
}

function scoreOf({ precisionAt10, averagePrecision }: QueryOutcome): number {
  return (precisionAt10 + averagePrecision) / 2
}

function armRecord(runs: readonly Run[], seconds: number): ArmRecord {
  const meanOf = (values: readonly number[]): number | null =>
    values.length === 0 ? null : rounded(meanAndSpread(values).mean)
  const overOutcomes = (of: (outcome: QueryOutcome) => number): number =>
    meanOf(runs.flatMap(({ outcomes }) => outcomes.map(of)))!
  return {
    precisionAt10: overOutcomes((outcome) => outcome.precisionAt10),
    meanAveragePrecision: overOutcomes((outcome) => outcome.averagePrecision),
    score: overOutcomes(scoreOf),
    auc: meanOf(runs.flatMap(({ auc }) => auc ?? [])),
    effectiveShare: meanOf(runs.flatMap(({ effectiveShare }) => effectiveShare ?? [])),
    promoted: meanOf(runs.flatMap(({ promoted }) => (promoted === null ? [] : Number(promoted)))),
    seconds: rounded(seconds),
  }
}

function rounded(value: number): number {
  return Number(value.toFixed(4))
}

/** What a run thought of each training pair. The verdict is a rule on percentiles that is shown beside it. Pure rules. */
import { AppError, objectives, type Objective, type ProcedureInput, type ProcedureOutput } from '../contract/index.ts'
import type { Library, Run } from '../storage/index.ts'

type AuditPair = ProcedureOutput<'audit'>['pairs'][number]

/** Percentiles: a pair whose loss is this high is hard, whose weight is this low has lost its influence. */
const highLoss = 80
const lowLoss = 20
const lowWeight = 30

export const auditRule =
  `suspect: its loss is above ${highLoss} % of the pairs and its weight below that of ${100 - lowWeight} %; ` +
  `too easy: its loss is below ${100 - lowLoss} % and its weight also low. A run without weights judges by loss alone.`

/** @throws AppError `model.missing` when there is no such run or it has recorded nothing */
export function auditRun(library: Library, { run: choice }: ProcedureInput<'audit'>): ProcedureOutput<'audit'> {
  const run = findRun(library, choice)
  const epoch = library.pairRecords.epochs(run.id).at(-1)
  const record = epoch === undefined ? undefined : library.pairRecords.read(run.id, epoch)
  if (epoch === undefined || record === undefined) {
    throw new AppError('model.missing', `Run ${run.id} has not finished an epoch yet.`, { run: run.id })
  }
  const { loss, weight } = record
  const lossPercentiles = percentiles(loss)
  const weightPercentiles = percentiles(weight)
  const hasWeights = weight.some((value) => Math.abs(value - weight[0]!) > 1e-6)
  const segments = new Map(library.segments.all().map((segment) => [segment.id, segment]))
  const pairs = library.pairRecords.pairs(run.id).flatMap(({ segmentId, text }, i): AuditPair[] => {
    const segment = segmentId === null ? undefined : segments.get(segmentId)
    if (segment === undefined || Number.isNaN(loss[i]!)) return [] // the video has left the library since
    const lossPercentile = lossPercentiles[i]!
    const weightPercentile = weightPercentiles[i]!
    return [
      {
        ...{ file: segment.path, start: segment.startSeconds, end: segment.endSeconds, text },
        ...{ loss: loss[i]!, weight: weight[i]!, lossPercentile, weightPercentile },
        verdict: verdictOf(lossPercentile, hasWeights ? weightPercentile : null),
      },
    ]
  })
  const order = { suspect: 0, ordinary: 1, 'too easy': 2 } as const
  pairs.sort((a, b) => order[a.verdict] - order[b.verdict] || a.weight - b.weight || b.loss - a.loss)
  return { run: run.id, objective: objectiveOf(run), epoch, rule: auditRule, pairs }
}

/** A low weight alone is no reproach: very easy pairs weigh little too. `weightPercentile` null: the run had no weights. */
export function verdictOf(lossPercentile: number, weightPercentile: number | null): AuditPair['verdict'] {
  const weighsLittle = weightPercentile === null || weightPercentile <= lowWeight
  if (lossPercentile >= highLoss && weighsLittle) return 'suspect'
  return lossPercentile <= lowLoss && weightPercentile !== null && weighsLittle ? 'too easy' : 'ordinary'
}

/** Share of values that are lower, 0..100; ties share one percentile. */
export function percentiles(values: Float32Array): Float64Array {
  const sorted = values.slice().sort()
  const below = (value: number): number => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sorted[middle]! < value) low = middle + 1
      else high = middle
    }
    return low
  }
  return Float64Array.from(values, (value) => (100 * below(value)) / Math.max(1, values.length - 1))
}

function findRun(library: Library, choice: string | undefined): Run {
  const runs = library.runs.all()
  const model = library.models.all().find(({ name }) => name === choice)
  const found =
    choice === undefined
      ? runs.find(({ state }) => state === 'finished')
      : (runs.find(({ id }) => id === choice || id === model?.runId) ??
        runs.find(({ id }) => choice.length >= 4 && id.startsWith(choice)))
  if (found !== undefined) return found
  const message =
    choice === undefined
      ? 'No training run has finished yet. Start one with mama train.'
      : `There is no run "${choice}". Leave --run out to see the newest, or name a model version.`
  throw new AppError('model.missing', message, { run: choice ?? '' })
}

function objectiveOf(run: Run): Objective {
  const { objective } = (run.config ?? {}) as { objective?: unknown }
  return objectives.find((known) => known === objective) ?? 'mama'
}

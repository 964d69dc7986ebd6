/** The audit of a run: as one list for the command line; as overview, pages, preview and table for a window. */
import { basename } from 'node:path'
import { csvTable } from '../../base/index.ts'
import {
  verdicts,
  type AuditedPair,
  type ProcedureInput,
  type ProcedureOutput,
  type Verdict,
} from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { gatherPairs, generatedTexts, pairKey, relativeWeights, videoTexts, weightCurve } from '../training/index.ts'
import { byVerdict, judgeRun, suspicion, thresholds, type JudgedPair } from './judge-run.ts'

/** @throws AppError `model.missing` when there is no such run or it has recorded nothing */
export function auditRun(library: Library, { run: choice }: ProcedureInput<'audit'>): ProcedureOutput<'audit'> {
  const { run, objective, epoch, rule, pairs } = judgeRun(library, choice)
  return {
    ...{ run: run.id, objective, epoch, rule },
    pairs: [...pairs]
      .sort(byVerdict)
      .map(({ segment, text, loss, weight, rawWeight, doubt, lossPercentile, weightPercentile, verdict }) => ({
        ...{ file: segment.path, start: segment.startSeconds, end: segment.endSeconds, text },
        ...{ loss, weight, rawWeight, doubt, lossPercentile, weightPercentile, verdict },
      })),
  }
}

export function auditOverview(
  library: Library,
  { run: choice, maxPoints }: ProcedureInput<'auditOverview'>,
): ProcedureOutput<'auditOverview'> {
  const judged = judgeRun(library, choice)
  const { run, objective, epoch, hasWeights, hasDoubts, rule, pairs } = judged
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>
  for (const { verdict } of pairs) counts[verdict] += 1
  const point = ({ position, loss, weight, verdict }: JudgedPair) => ({ position, loss, weight, verdict })
  const telling = pairs.filter(({ verdict }) => verdict === 'suspect' || verdict === 'rare and raised')
  const others = pairs.filter((pair) => !telling.includes(pair))
  const room = Math.max(0, maxPoints - telling.length)
  const step = Math.max(1, Math.ceil(others.length / Math.max(1, room)))
  const chosen = pairs.length <= maxPoints ? pairs : [...telling, ...others.filter((_, i) => i % step === 0)]
  return {
    ...{ run: run.id, objective, epoch, pairs: pairs.length, hasWeights, rule, thresholds, counts },
    suspicion: !hasDoubts
      ? null
      : hasWeights
        ? { doubt: suspicion.doubt, weight: suspicion.weight }
        : { doubt: suspicion.doubtWithoutWeights, weight: null },
    points: chosen.map(point),
    curve: hasWeights ? weightCurve(judged.loss, judged.weight) : [],
  }
}

export function auditPairs(
  library: Library,
  { run: choice, verdict, text, positions, sort, descending, offset, limit }: ProcedureInput<'auditPairs'>,
): ProcedureOutput<'auditPairs'> {
  const { run, pairs } = judgeRun(library, choice)
  const wanted = text.trim().toLowerCase()
  const chosen = positions === undefined ? null : new Set(positions)
  const matching = pairs.filter(
    (pair) =>
      (verdict === undefined || pair.verdict === verdict) &&
      (chosen?.has(pair.position) ?? true) &&
      (wanted === '' ||
        pair.text.toLowerCase().includes(wanted) ||
        basename(pair.segment.path).toLowerCase().includes(wanted)),
  )
  matching.sort(orders[sort])
  if (descending) matching.reverse()
  const page = matching.slice(offset, offset + limit)
  const records = library.pairRecords.epochs(run.id).flatMap((epoch) => library.pairRecords.read(run.id, epoch) ?? [])
  const weights = records.map(({ weight }) => relativeWeights(weight))
  const stateOf = presentStates(library)
  return {
    ...{ run: run.id, total: matching.length },
    pairs: page.map((pair): AuditedPair => {
      const { position, segment, lossPercentile, weightPercentile } = pair
      return {
        ...{ position, segment: segment.id, video: segment.videoId, fileName: basename(segment.path) },
        ...{ start: segment.startSeconds, end: segment.endSeconds, text: pair.text },
        ...{ concept: pair.concept, conceptClips: pair.conceptClips, loss: pair.loss, weight: pair.weight },
        ...{ lossPercentile, weightPercentile, verdict: pair.verdict, doubt: pair.doubt },
        trajectory: {
          epochs: records.map(({ epoch }) => epoch),
          loss: records.map(({ loss }) => known(loss[position])),
          weight: weights.map((weight) => known(weight[position])),
        },
        now: stateOf(pair),
      }
    }),
  }
}

const shownExamples = 20

export function retrainPreview(
  library: Library,
  encoderId: string,
  { run: choice }: ProcedureInput<'retrainPreview'>,
): ProcedureOutput<'retrainPreview'> {
  const { run } = judgeRun(library, choice)
  const now = gatherPairs(library, encoderId, { keepSplit: false })
  const earlier = library.pairRecords.pairs(run.id)
  const earlierIds = new Set(earlier.map(({ pairId }) => pairId))
  const nowIds = new Set(now.pairs.map(({ id }) => id))
  const leftOut = new Set(now.leftOut.map(({ id }) => id))
  const added = now.pairs.filter(({ id }) => !earlierIds.has(id))
  const removed = earlier.filter(({ pairId }) => !nowIds.has(pairId))
  // The id of a pair begins with the path of its video (pairs.ts).
  const fileOf = (id: string): string => basename(id.slice(0, id.indexOf('#')))
  return {
    ...{ run: run.id, pairs: now.pairs.length, unchanged: earlier.length - removed.length },
    ...{ added: added.length, removed: removed.length },
    markedWrong: removed.filter(({ pairId }) => leftOut.has(pairId)).length,
    ...{ metaSet: now.metaSet.length, heldOut: now.heldOut.length },
    examples: [
      ...removed.map(({ pairId, text }) => ({ change: 'removed' as const, fileName: fileOf(pairId), text })),
      ...added.map(({ id, text }) => ({ change: 'added' as const, fileName: fileOf(id), text })),
    ].slice(0, shownExamples),
  }
}

export function auditTable(library: Library, choice: string | undefined): { fileName: string; text: string } {
  const { run, pairs } = judgeRun(library, choice)
  const header =
    'file,start,end,text,category,loss,weight,raw_weight,loss_percentile,weight_percentile,doubt,verdict'.split(',')
  const rows = [...pairs]
    .sort(byVerdict)
    .map((pair) => [
      ...[pair.segment.path, pair.segment.startSeconds, pair.segment.endSeconds, pair.text, pair.concept],
      ...[pair.loss, pair.weight, pair.rawWeight, pair.lossPercentile, pair.weightPercentile],
      ...[pair.doubt ?? '', pair.verdict],
    ])
  return { fileName: `audit-${run.id.slice(0, 8)}.csv`, text: csvTable(header, rows) }
}

const orders: Record<ProcedureInput<'auditPairs'>['sort'], (a: JudgedPair, b: JudgedPair) => number> = {
  verdict: byVerdict,
  loss: (a, b) => a.loss - b.loss,
  weight: (a, b) => a.weight - b.weight,
  file: (a, b) =>
    a.segment.path < b.segment.path ? -1 : a.segment.path > b.segment.path ? 1 : a.position - b.position,
}

/** What has become of a pair since the run. */
function presentStates(library: Library): (pair: JudgedPair) => AuditedPair['now'] {
  const exemplars = library.exemplars.all()
  const keysOf = (isWrong: boolean): Set<string> =>
    new Set(
      exemplars
        .filter(({ grade }) => (grade === 'wrong') === isWrong)
        .map(({ segmentId, text }) => pairKey(segmentId, text)),
    )
  const [wrong, trusted] = [keysOf(true), keysOf(false)]
  const texts = videoTexts(library)
  const generated = generatedTexts(library)
  return ({ segment, text }) => {
    const key = pairKey(segment.id, text)
    if (wrong.has(key)) return 'leftOut'
    // Also where an exemplar still has the text as it was.
    const isThere = [texts.get(segment.videoId), generated.get(segment.id)].some((all) => all?.includes(text))
    if (!isThere) return 'textChanged'
    return trusted.has(key) ? 'exemplar' : 'unchanged'
  }
}

/** JSON has no NaN. */
function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}

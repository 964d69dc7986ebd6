/** English sentences of the audit. */
import { count, n } from './en-numbers.ts'

export const enAudit = {
  pages: 'Pages of the table',
  previous: 'Previous pairs',
  next: 'Next pairs',
  pageOf: (from: number, to: number, total: number) => `${n(from)}–${n(to)} of ${n(total)}`,
  title: 'Audit',
  intro: 'What the run thought of each pair, and why. Fix what is wrong; the next run uses it.',
  noneTitle: 'No run to audit yet',
  noneText: 'Train once. Then every pair has a loss and a weight to look at.',
  run: 'Run',
  rule: 'How verdicts are made',
  verdicts: {
    suspect: 'Suspect',
    'too easy': 'Too easy',
    'rare and raised': 'Rare and raised',
    ordinary: 'Ordinary',
  },
  verdictText: {
    suspect: 'High loss and little weight: the text is probably wrong.',
    'too easy': 'Low loss and little weight: nothing left to learn. Not a fault.',
    'rare and raised': 'A rare concept that gained weight.',
    ordinary: 'Nothing remarkable.',
  },
  suspectByDoubt: 'More likely wrong than right, and of little weight in training.',
  /** @param percent with its sign */
  doubt: (percent: string) => `${percent} likely wrong`,
  suspectRule: (highLoss: string, lowWeight: string) =>
    `Suspect: loss above that of ${highLoss} % of the pairs and weight at or below the ${lowWeight} % line.`,
  doubtRule: (doubt: string, weight: string) =>
    `Suspect: more than ${doubt} likely wrong, and less than ${weight} of the average pair's weight. How likely comes from the loss before training and after it: it is compared with that of clips beside texts of other videos, and with that of the right pairs. A weight of 1 is that of the average pair.`,
  doubtRuleAlone: (doubt: string) =>
    `Suspect: more than ${doubt} likely wrong. How likely comes from the loss before training and after it: it is compared with that of clips beside texts of other videos, and with that of the right pairs.`,
  ruleText: (t: { lowLoss: string; lowWeight: string; highWeight: string; rareClips: string }) =>
    `Too easy: loss below the ${t.lowLoss} % line and weight below the ${t.lowWeight} % line. Rare and raised: a concept with fewer than ${t.rareClips} clips and weight above that of ${t.highWeight} %.`,
  noWeights: 'This run gave every pair the same weight, so verdicts rest on the loss alone.',
  scatter: 'Loss against weight',
  scatterText: (value: number) =>
    `${count(value, 'pair', 'pairs')}. Each mark is a pair of clip and text; the line is the learned weight.`,
  scatterHelp: 'Arrow keys move from pair to pair, Enter shows it in the table.',
  pointOf: (verdict: string, loss: string, weight: string) => `${verdict}: loss ${loss}, weight ${weight}`,
  pairsOf: (value: number) => count(value, 'pair', 'pairs'),
  filter: 'Filter by text or file',
  sort: 'Sort by',
  anyVerdict: 'Verdict: all',
  sorts: { verdict: 'Verdict', loss: 'Loss', weight: 'Weight', file: 'File' },
  columns: {
    clip: 'Clip',
    text: 'Text',
    verdict: 'Verdict',
    loss: 'Loss',
    weight: 'Weight',
    trajectory: 'Over the epochs',
    actions: 'Fix',
  },
  /** @param percent of the pairs that are below, 0..100, rounded down */
  percentile: (percent: number) =>
    percent < 1 ? 'lowest 1 %' : percent >= 99 ? 'highest 1 %' : `above ${n(percent)} %`,
  trajectory: (first: string, last: string) => `Loss from ${first} to ${last} over the epochs`,
  now: { unchanged: '', textChanged: 'text changed', leftOut: 'left out', exemplar: 'exemplar' },
  editText: 'Edit text',
  markWrong: 'Mark wrong',
  makeExemplar: 'Make exemplar',
  play: 'Play',
  showAll: 'Show all pairs',
  onePair: 'Showing the pair that was chosen in the chart.',
  export: 'Export CSV',
  retrain: 'A retrain would use',
  retrainPairs: (pairs: number, unchanged: number) =>
    `${count(pairs, 'pair', 'pairs')}, ${n(unchanged)} of them as they were.`,
  retrainChange: (added: number, removed: number) => `${n(added)} new, ${n(removed)} gone.`,
  retrainWrong: (value: number) => `${n(value)} of the gone ones are marked wrong.`,
  retrainSets: (meta: number, heldOut: number) => `${n(meta)} exemplars guide it, ${n(heldOut)} measure it.`,
  retrainNow: 'Retrain',
  empty: 'No pair passes this filter.',
  conceptClips: (concept: string, clips: number) => `${concept}, ${count(clips, 'clip', 'clips')}`,
  saved: 'Saved. Undo brings it back.',
}

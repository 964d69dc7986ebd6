/** English sentences of the model versions. */
import { n } from './en-numbers.ts'

export const enModels = {
  title: 'Models',
  intro: 'What your searches run on: versions that learned from your labels, and the encoder under them.',
  active: 'In use',
  use: 'Use this version',
  discard: 'Discard',
  compare: 'Compare with the version before training',
  score: 'Held-out score',
  trained: 'Trained',
  blocks: 'Blocks of the encoder',
  /** How many of pictures and of texts. */
  lastBlocks: ({ count, texts, rank }: { count: number; texts: number; rank: number | null }) =>
    [
      ...(count > 0 ? [`the last ${count === 1 ? 'one' : n(count)}`] : []),
      ...(texts > 0 ? [`the last ${texts === 1 ? 'one' : n(texts)} of texts`] : []),
      ...(rank === null ? [] : [`in rank ${n(rank)}`]),
    ].join(', '),
  ownWords: 'Words of yours',
  lexicon: (words: number, rare: number) =>
    `${n(words)} ${words === 1 ? 'word' : 'words'} of yours, ${n(rare)} of them seen in two texts only`,
  zeroShotText: 'The model as it came, before it saw your labels. It is always here to go back to.',
  discardTitle: (name: string) => `Discard ${name}?`,
  discardText: 'It is not offered for use any more. Its run and curves stay in the history.',
  now: (name: string) => `${name} is in use.`,
  lineage: 'Lineage',
  onlyZeroShot: 'No trained version yet. Label a few pairs, then train.',
  versions: 'Versions',
}

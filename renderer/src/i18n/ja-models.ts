/** Japanese sentences of the model versions, in the shape of the English table. */
import type { Messages } from './en.ts'
import { n } from './ja-numbers.ts'

export const jaModels: Messages['models'] = {
  title: 'モデル',
  intro: '検索を支えるもの: ラベルから学んだ版と、その土台のエンコーダ。',
  active: '使用中',
  use: 'この版を使う',
  discard: '破棄',
  compare: '学習前の版と比べる',
  score: '評価用の手本での得点',
  trained: '学習日時',
  blocks: 'エンコーダの層',
  lastBlocks: ({ count, texts, rank }) =>
    [...(count > 0 ? [`最後の ${n(count)} 層`] : []), ...(texts > 0 ? [`文の最後の ${n(texts)} 層`] : [])].join('、') +
    (rank === null ? '' : `（ランク ${n(rank)}）`),
  ownWords: '独自の言葉',
  lexicon: (words, rare) => `独自の言葉 ${n(words)} 語、うち ${n(rare)} 語は 2 つの文だけに出現`,
  zeroShotText: 'ラベルを見る前の、最初のモデルです。いつでも戻れます。',
  discardTitle: (name) => `${name} を破棄しますか？`,
  discardText: '選択肢に出なくなります。学習の記録と曲線は履歴に残ります。',
  now: (name) => `${name} を使用しています。`,
  lineage: '系譜',
  onlyZeroShot: '学習した版はまだありません。いくつかラベルを付けて学習してください。',
  versions: '版',
}

/** Japanese sentences around blocks of the encoder, in the shape of the English table. */
import type { Messages } from './en.ts'
import { n } from './ja-numbers.ts'

const listed: Messages['blocks']['short'] = ({ count, texts, rank }) =>
  [
    ...(count > 0 ? [`${n(count)} 層`] : []),
    ...(texts > 0 ? [`文の ${n(texts)} 層`] : []),
    ...(rank === null ? [] : [`ランク ${n(rank)}`]),
  ].join('、')

export const jaTrainingBlocks: Messages['blocks'] = {
  title: 'エンコーダも学習する',
  halves: { pictures: '画像のエンコーダの層', texts: '文のエンコーダの層' },
  off: 'しない',
  last: (value) => `最後の ${n(value)} 層`,
  all: (value) => `全 ${n(value)} 層`,
  text: 'エンコーダの最後の層も学習します。時間は何倍もかかります。アプリ付属のエンコーダでは、測れるほどの効果はありませんでした。追加した大きなエンコーダのための機能です。',
  textsNote: '文の層だけなら、動画を読み直す必要はありません。',
  lowRank: '小さな更新（低ランク）',
  lowRankText: '層の変化を小さく抑えます。時間も少し短くなります。',
  rank: 'ランク',
  looking: 'エンコーダを調べています…',
  takes: (time) => `学習全体で約 ${time}かかります。`,
  obstacles: {
    pictures: {
      noneFound: '使用中の画像のエンコーダには、学習できる層が見つかりませんでした。',
      notImportable: '使用中の画像のエンコーダには、学習できない部分があります。',
    },
    texts: {
      noneFound: '使用中のエンコーダには、学習できる文の層がありません。',
      notImportable: '使用中の文のエンコーダには、学習できない部分があります。',
    },
  },
  ofRun: (blocks) => `エンコーダも学習: ${listed(blocks)}`,
  short: listed,
  toRead: '先に読み直すもの',
  toReadOf: (videos, pictures) =>
    videos === 0 ? 'なし（読み込み済み）' : `動画 ${n(videos)} 本の画像 ${n(pictures)} 枚`,
  textsOnly: 'なし（文だけを読み込みます）',
  disk: '学習中だけ保存',
  diskOf: (needed, free) => `${needed}（空き ${free}）`,
  memory: 'メモリ',
  memoryOf: (needed, free) => `約 ${needed}（空き ${free}）`,
  memoryOfTexts: (size) => `そのうち文は ${size}`,
  timeToRead: (time) => `約 ${time}`,
  ifWon: (videos, time) =>
    `よりよい版になった場合は、使う前に動画 ${n(videos)} 本をその版で読み込みます。さらに約 ${time}かかります。`,
  tooLarge: (needed, free) =>
    `約 ${needed} のメモリが必要ですが、空きは ${free} です。ほかのプログラムを閉じるか、層を減らすか、重みのない方法を選んでください。`,
  diskShort: (needed, free) =>
    `学習中に ${needed} をディスクに保存しますが、空きは ${free} です。空きを作るか、層を減らしてください。`,
  tooMany: ({ pictures, texts }) =>
    `使用中のエンコーダで学習できるのは、${[
      ...(pictures === null ? [] : [`画像の ${n(pictures)} 層`]),
      ...(texts === null ? [] : [`文の ${n(texts)} 層`]),
    ].join('と')}までです。`,
  readingLeft: (time) => `読み込みの残り ${time}、その後に学習します`,
  wonUnread: (model) =>
    `${model} は評価用の手本をよりよく見つけますが、読み込めない動画がありました。使うときに残りを読み込みます。`,
  compareLater: '前後の比較は、この版の層が動画を読み込んだ後に表示します。',
  unread: (shots) => `層がまだ見ていないショット ${n(shots)} 件は、使うときに読み込みます。`,
  use: {
    title: (model) => `${model} のために動画を読み込みますか？`,
    why: 'この版は自分の層で画像を見ますが、その層はこれらの動画をまだ見ていません。先に読み込み、それから使います。',
    asking: '読み込むものを調べています…',
    videosOf: (videos, pictures) => `動画 ${n(videos)} 本、画像 ${n(pictures)} 枚`,
    nothing: 'すべて読み込み済みです。すぐに使えます。',
    meanwhile: 'その間も、使用中の版で検索できます。一時停止とキャンセルができ、読み込んだ分は残ります。',
    start: '読み込んで使う',
    now: '今すぐ使う',
  },
  job: {
    title: (model) => `${model} のための読み込み`,
    meanwhile: '終わるまで、検索には使用中の版を使います。',
    paused: '一時停止中です。使用中の版で検索できます。',
    cancelled: 'キャンセルしました。読み込んだ分は残り、次は続きから始まります。',
    done: (model, videos) =>
      videos === 0
        ? `${model} を使用しています。`
        : `${model} を使用しています。動画 ${n(videos)} 本を読み込みました。`,
    notDone: (videos, model) =>
      `動画 ${n(videos)} 本を読み込めなかったため、${model} はまだ使用していません。動画を元に戻して読み直すか、それらなしで使ってください。その場合、検索では見つかりません。`,
    more: (value) => `ほか ${n(value)} 本`,
    again: 'もう一度読み込む',
    leaveOut: 'それらなしで使う',
  },
}

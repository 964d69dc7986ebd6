/** What the shell itself says: menus, dialogs, notifications. The window has its own tables in renderer/src/i18n. */
import type { JobKind } from '../main/contract/index.ts'

const en = {
  menu: {
    file: 'File',
    importFiles: 'Import Videos…',
    importFolder: 'Import Folder…',
    importTable: 'Import Descriptions…',
    quit: 'Quit MAMA Studio',
    edit: 'Edit',
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select All',
    search: 'Search',
    go: 'Go',
    library: 'Library',
    label: 'Label',
    train: 'Train',
    audit: 'Audit',
    models: 'Models',
    settings: 'Settings',
    view: 'View',
    larger: 'Larger',
    smaller: 'Smaller',
    actualSize: 'Actual Size',
    fullScreen: 'Full Screen',
    window: 'Window',
    minimize: 'Minimize',
    close: 'Close',
    help: 'Help',
    shortcuts: 'Keyboard Shortcuts',
    about: 'About MAMA Studio',
    hide: 'Hide MAMA Studio',
  },
  dialog: { videos: 'Videos', tables: 'Tables', import: 'Import' },
  gone: {
    title: 'The window has stopped several times.',
    text: 'Your library is safe. Quit MAMA Studio and open it again.',
    reload: 'Try Again',
    quit: 'Quit',
  },
  noBinding:
    'The database module of this installation was not built for Electron. Run `npm run natives` and start again.',
  done: {
    import: 'The videos are in the library.',
    sample: 'The sample catalogue is ready.',
    index: 'The videos are in the library.',
    train: 'The training run has finished.',
    encoder: 'The encoder has been changed.',
  } satisfies Record<JobKind, string>,
  failed: {
    import: 'The import has stopped.',
    sample: 'The import of the sample catalogue has stopped.',
    index: 'The import has stopped.',
    train: 'The training run has stopped.',
    encoder: 'The change of the encoder has stopped.',
  } satisfies Record<JobKind, string>,
}

export type Words = typeof en

const ja: Words = {
  menu: {
    file: 'ファイル',
    importFiles: '動画を読み込む…',
    importFolder: 'フォルダを読み込む…',
    importTable: '説明文を読み込む…',
    quit: 'MAMA Studio を終了',
    edit: '編集',
    undo: '取り消す',
    redo: 'やり直す',
    cut: '切り取り',
    copy: 'コピー',
    paste: '貼り付け',
    selectAll: 'すべてを選択',
    search: '検索',
    go: '移動',
    library: 'ライブラリ',
    label: 'ラベル付け',
    train: '学習',
    audit: '監査',
    models: 'モデル',
    settings: '設定',
    view: '表示',
    larger: '拡大',
    smaller: '縮小',
    actualSize: '実際のサイズ',
    fullScreen: 'フルスクリーン',
    window: 'ウインドウ',
    minimize: '最小化',
    close: '閉じる',
    help: 'ヘルプ',
    shortcuts: 'キーボードショートカット',
    about: 'MAMA Studio について',
    hide: 'MAMA Studio を隠す',
  },
  dialog: { videos: '動画', tables: '表', import: '読み込む' },
  gone: {
    title: 'ウインドウが何度も停止しました。',
    text: 'ライブラリは無事です。MAMA Studio を終了して、もう一度開いてください。',
    reload: 'もう一度試す',
    quit: '終了',
  },
  noBinding:
    'データベースのモジュールが Electron 用に作られていません。`npm run natives` を実行してから、もう一度開いてください。',
  done: {
    import: '動画をライブラリに読み込みました。',
    sample: 'サンプルカタログの準備ができました。',
    index: '動画をライブラリに読み込みました。',
    train: '学習が終わりました。',
    encoder: 'エンコーダーの変更が終わりました。',
  },
  failed: {
    import: '読み込みが停止しました。',
    sample: 'サンプルカタログの読み込みが停止しました。',
    index: '読み込みが停止しました。',
    train: '学習が停止しました。',
    encoder: 'エンコーダーの変更が停止しました。',
  },
}

const tables: Readonly<Record<string, Words>> = { en, ja }

/** @param wanted the setting; @param system languages of the system, best first */
export function wordsFor(wanted: 'system' | 'en' | 'ja', system: readonly string[]): Words {
  const known = system.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find((tag) => tables[tag] !== undefined)
  return tables[wanted === 'system' ? (known ?? 'en') : wanted] ?? en
}

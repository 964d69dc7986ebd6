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
    showLog: 'Show Log',
    licences: 'Licence Notices',
    about: 'About MAMA Studio',
    hide: 'Hide MAMA Studio',
    hideOthers: 'Hide Others',
    showAll: 'Show All',
    openRecent: 'Open Recent',
    clearRecent: 'Clear Menu',
  },
  tasks: {
    search: { title: 'Search', description: 'Find a moment by describing it' },
    import: { title: 'Import Videos…', description: 'Choose videos to add to the library' },
  },
  dialog: { videos: 'Videos', tables: 'Tables', archives: 'Archives', import: 'Import' },
  gone: {
    title: 'The window has stopped several times.',
    text: 'Your library is safe. Quit MAMA Studio and open it again.',
    reload: 'Try Again',
    quit: 'Quit',
  },
  trouble: {
    wait: 'Wait',
    showLog: 'Show Log',
    of: {
      window: {
        title: 'The window does not answer.',
        text: 'Your library is safe, and work that is under way goes on. Wait a moment, or open the window anew.',
        restart: 'Open Anew',
      },
      engine: {
        title: 'The engine has stopped several times in a row.',
        text: 'Your library is safe. Start the engine again; if it keeps stopping, the log says where.',
        restart: 'Start Again',
      },
    },
  },
  noBinding:
    'The database module of this installation was not built for Electron. Run `npm run natives` and start again.',
  done: {
    import: 'The videos are in the library.',
    sample: 'The sample catalogue is ready.',
    index: 'The videos are in the library.',
    train: 'The training run has finished.',
    encoder: 'The encoder has been changed.',
    promote: 'The videos have been read for the version.',
    descriptions: 'The descriptions have been written.',
  } satisfies Record<JobKind, string>,
  failed: {
    import: 'The import has stopped.',
    sample: 'The import of the sample catalogue has stopped.',
    index: 'The import has stopped.',
    train: 'The training run has stopped.',
    encoder: 'The change of the encoder has stopped.',
    promote: 'Reading videos for the version has stopped.',
    descriptions: 'Writing descriptions has stopped.',
  } satisfies Record<JobKind, string>,
}

export type Words = typeof en

const ja: Words = {
  menu: {
    file: 'ファイル',
    importFiles: '動画を追加…',
    importFolder: 'フォルダを追加…',
    importTable: '説明を取り込む…',
    quit: 'MAMA Studio を終了',
    edit: '編集',
    undo: '元に戻す',
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
    audit: '点検',
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
    showLog: 'ログを表示',
    licences: 'ライセンス情報',
    about: 'MAMA Studio について',
    hide: 'MAMA Studio を隠す',
    hideOthers: 'ほかを隠す',
    showAll: 'すべてを表示',
    openRecent: '最近使った項目を開く',
    clearRecent: 'メニューを消去',
  },
  tasks: {
    search: { title: '検索', description: '言葉で場面を探す' },
    import: { title: '動画を追加…', description: 'ライブラリに追加する動画を選ぶ' },
  },
  dialog: { videos: '動画', tables: '表', archives: 'アーカイブ', import: '取り込む' },
  gone: {
    title: 'ウインドウが何度も停止しました。',
    text: 'ライブラリは無事です。MAMA Studio を終了して、もう一度開いてください。',
    reload: 'もう一度試す',
    quit: '終了',
  },
  trouble: {
    wait: '待つ',
    showLog: 'ログを表示',
    of: {
      window: {
        title: 'ウインドウが応答しません。',
        text: 'ライブラリは無事で、進行中の作業も続いています。しばらく待つか、ウインドウを開き直してください。',
        restart: '開き直す',
      },
      engine: {
        title: 'エンジンが続けて何度も停止しました。',
        text: 'ライブラリは無事です。エンジンを起動し直してください。停止が続く場合は、ログで場所が分かります。',
        restart: '起動し直す',
      },
    },
  },
  noBinding:
    'データベースのモジュールが Electron 用に作られていません。`npm run natives` を実行してから、もう一度開いてください。',
  done: {
    import: '動画をライブラリに追加しました。',
    sample: 'サンプルのカタログの準備ができました。',
    index: '動画をライブラリに追加しました。',
    train: '学習が終わりました。',
    encoder: 'エンコーダーの変更が終わりました。',
    promote: '版のための動画の読み込みが終わりました。',
    descriptions: '説明文の作成が終わりました。',
  },
  failed: {
    import: '取り込みが停止しました。',
    sample: 'サンプルのカタログの取り込みが停止しました。',
    index: '取り込みが停止しました。',
    train: '学習が停止しました。',
    encoder: 'エンコーダーの変更が停止しました。',
    promote: '版のための動画の読み込みが停止しました。',
    descriptions: '説明文の作成が停止しました。',
  },
}

const tables: Readonly<Record<string, Words>> = { en, ja }

/** @param wanted the setting; @param system languages of the system, best first */
export function wordsFor(wanted: 'system' | 'en' | 'ja', system: readonly string[]): Words {
  const known = system.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find((tag) => tables[tag] !== undefined)
  return tables[wanted === 'system' ? (known ?? 'en') : wanted] ?? en
}

/** Japanese sentences around measuring again, in the shape of the English table. */
import type { Messages } from './en.ts'
import { n } from './ja-numbers.ts'

export const jaMeasure: Messages['measure'] = {
  again: '測り直す',
  againOf: (name) => `${name} の速さを測り直す`,
  stop: '測定を止める',
  running: (tried) => (tried === 0 ? '測定しています…' : `測定しています… ${n(tried)} 通り試しました`),
  stopped: '止めました。前の測定結果を使います。',
  encoder: (rate, batch, threads) => `毎秒 ${rate} 枚（一度に ${n(batch)} 枚、${n(threads)} スレッド）。`,
  before: (rate) => `前回は毎秒 ${rate} 枚。`,
  busy: '測定中、コンピュータはほかの作業で混んでいました。空いているときに測り直してください。',
  devices: '計算装置の速さ',
  devicesText: 'それぞれの装置で学習の一歩にかかる時間です。自動では最も速いものを使います。',
  devicesMeasure: '計算装置を測定',
  step: (milliseconds) => `一歩 ${milliseconds} ミリ秒`,
  deviceFailed: '測定に失敗',
  fastest: '最速',
}

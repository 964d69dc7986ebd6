/**
 * What a lexicon costs a training step: whole runs over random pairs without one, and with 500, 5,000 and 20,000 words of
 * which each text has six. Time a step from the second on, and over that without a lexicon, runs taking turns. One JSON line
 * a case.
 * Run: npm run bench -- lexicon [--rounds 3] [--epochs 3] [--threads 2]
 */
import { parseArgs } from 'node:util'
import { createRandom } from '../../main/base/index.ts'
import { createRuntime } from '../../main/runtime/index.ts'
import { defaultTrainingConfig } from '../../main/training/config.ts'
import type { PairSet } from '../../main/training/pair-set.ts'
import { trainTowers } from '../../main/training/train-towers.ts'

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    rounds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
  },
})
const tower = { width: 384, frames: 8, blocks: 2, heads: 6, mlpRatio: 4, textHidden: 1024, masked: true }
const [pairCount, trustedCount, wordsPerText] = [1024, 64, 6]
const sizes = [0, 500, 5000, 20_000]
const random = createRandom(1)

function unitRows(count: number, width: number): Float32Array {
  const rows = Float32Array.from({ length: count * width }, () => random.normal() / Math.sqrt(width))
  return rows
}

function pairsWith(words: number, count: number): PairSet {
  return {
    ...{ count, frames: unitRows(count * tower.frames, tower.width), texts: unitRows(count, tower.width) },
    mask: new Float32Array(count * tower.frames).fill(1),
    facts: {
      known: new Float32Array(count),
      entries:
        words === 0
          ? undefined
          : Array.from({ length: count }, () =>
              [...new Set(Array.from({ length: wordsPerText }, () => random.integer(words)))].sort((a, b) => a - b),
            ),
    },
  }
}

const runtime = await createRuntime({ threads: Number(values.threads) })
const stepMs = new Map<number, number[]>(sizes.map((words) => [words, []]))
try {
  const sets = new Map(sizes.map((words) => [words, [pairsWith(words, pairCount), pairsWith(words, trustedCount)]]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const words of sizes) {
      const [pairs, metaSet] = sets.get(words)!
      let last = 0
      await trainTowers({
        ...{ runtime, tower, pairs: pairs!, metaSet: metaSet!, lexiconSize: words },
        config: { ...defaultTrainingConfig, objective: 'mama', batchSize: 64, epochs: Number(values.epochs), seed: 1 },
        onStep() {
          const now = performance.now()
          if (last > 0) stepMs.get(words)!.push(now - last)
          last = now
        },
      })
    }
  }
} finally {
  await runtime.dispose()
}
const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1]!
const without = median(stepMs.get(0)!)
for (const [words, times] of stepMs) {
  const ms = median(times)
  console.log(
    JSON.stringify({
      case: 'lexicon',
      words,
      steps: times.length,
      stepMs: Math.round(ms * 10) / 10,
      over: Number((ms / without).toFixed(3)),
    }),
  )
}

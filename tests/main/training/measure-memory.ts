/**
 * Peak memory of a training run of given sizes, measured in a process of its own against what is predicted for it:
 * `node --import tsx measure-memory.ts '{"batchSize":128,...}'` prints one JSON line. Used by a test and by the bench.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createRandom } from '../../../main/base/index.ts'
import { createRuntime } from '../../../main/runtime/index.ts'
import { defaultTrainingConfig, type TrainingConfig } from '../../../main/training/config.ts'
import type { PairSet } from '../../../main/training/pair-set.ts'
import { planSteps } from '../../../main/training/plan-steps.ts'
import { trainTowers } from '../../../main/training/train-towers.ts'
import { temporalTower, type TemporalTowerConfig } from '../../../main/training/towers.ts'

export type MemoryCase = {
  readonly batchSize: number
  readonly frames: number
  readonly width: number
  readonly objective: TrainingConfig['objective']
  readonly encodeChunk?: number
}

/** All in bytes. `measured` is the growth of the process's peak resident memory over what it had before the run. */
export type MemoryMeasured = {
  readonly measured: number
  readonly predicted: number
  readonly activations: number
  readonly state: number
}

/** Runs this file for one case. */
export function measureMemory(wanted: MemoryCase): MemoryMeasured {
  const self = fileURLToPath(import.meta.url)
  const run = spawnSync(process.execPath, ['--import', 'tsx', self, JSON.stringify(wanted)], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`the measuring process failed: ${run.stderr}`)
  return JSON.parse(run.stdout.trim().split('\n').at(-1)!) as MemoryMeasured
}

function randomPairs(count: number, { frames, width }: TemporalTowerConfig): PairSet {
  const random = createRandom(1)
  const draw = (size: number): Float32Array => Float32Array.from({ length: size }, () => random.uniform() - 0.5)
  return {
    ...{ count, frames: draw(count * frames * width), texts: draw(count * width) },
    mask: new Float32Array(count * frames).fill(1),
  }
}

/** Two epochs of two steps, with a checkpoint each, as the app trains. */
async function measureHere({
  batchSize,
  frames,
  width,
  objective,
  encodeChunk = 0,
}: MemoryCase): Promise<MemoryMeasured> {
  const tower = { width, frames, blocks: 1, heads: 4, mlpRatio: 2, textHidden: 2 * width, masked: true }
  const config = { ...defaultTrainingConfig, objective, batchSize, encodeChunk, epochs: 2 }
  const [pairs, metaSet] = [randomPairs(2 * batchSize, tower), randomPairs(config.metaBatchSize, tower)]
  const { memory } = planSteps(temporalTower(tower), width, config, { pairs: pairs.count, metaSet: metaSet.count })
  const runtime = await createRuntime({ threads: 2 })
  const before = process.memoryUsage().rss
  let checkpointBytes = 0
  try {
    await trainTowers({
      runtime,
      tower,
      config,
      pairs,
      metaSet,
      onCheckpoint: (bytes) => (checkpointBytes = bytes.length),
    })
  } finally {
    await runtime.dispose()
  }
  if (checkpointBytes === 0) throw new Error('no checkpoint was written')
  return {
    measured: peakBytes() - before,
    ...{ predicted: memory.totalBytes, activations: memory.activationBytes, state: memory.stateBytes },
  }
}

/**
 * The most that this process has held. Linux lets `maxRSS` of a new process begin at what the process that started it held,
 * so the kernel's own mark of this process's memory is read where there is one.
 */
function peakBytes(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!
    return Number(kilobytes) * 1024
  } catch {
    return process.resourceUsage().maxRSS * 1024
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await measureHere(JSON.parse(process.argv[2]!) as MemoryCase)))
}

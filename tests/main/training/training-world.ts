/** A small world to train in: pairs that can be learned, some with wrong texts, and a runtime to train on. */
import { createRandom, floatTensor, type Random, type TensorMap } from '../../../main/base/index.ts'
import type { GraphSession, Runtime } from '../../../main/runtime/index.ts'
import { defaultTrainingConfig, type TrainingConfig } from '../../../main/training/config.ts'
import type { PairSet } from '../../../main/training/index.ts'
import type { TemporalTowerConfig } from '../../../main/training/towers.ts'

export const tinyTower: TemporalTowerConfig = {
  ...{ width: 8, frames: 3, blocks: 1, heads: 2, mlpRatio: 2, textHidden: 12, masked: true },
}

/** Unit rows; a text is its video's direction with noise, and every fifth one is somebody else's. */
export function drawPairs(count: number, random: Random, tower = tinyTower, wrongEvery = 5): PairSet {
  const { width, frames } = tower
  const unit = (values: number[]): number[] => values.map((value) => value / Math.hypot(...values))
  const directions = Array.from({ length: count }, () => unit(Array.from({ length: width }, () => random.normal())))
  const near = (direction: readonly number[], noise: number): number[] =>
    unit(direction.map((value) => value + noise * random.normal()))
  return {
    count,
    frames: Float32Array.from(directions.flatMap((d) => Array.from({ length: frames }, () => near(d, 0.3)).flat())),
    mask: Float32Array.from({ length: count * frames }, (_, i) => (i % frames === 0 || random.uniform() < 0.7 ? 1 : 0)),
    texts: Float32Array.from(
      directions.flatMap((d, i) => near(i % wrongEvery === 4 ? directions[(i + 1) % count]! : d, 0.5)),
    ),
  }
}

export const tinyWorld = (seed = 3): { tower: TemporalTowerConfig; pairs: PairSet; metaSet: PairSet } => {
  const random = createRandom(seed)
  return {
    tower: tinyTower,
    pairs: drawPairs(22, random.fork('pairs')),
    metaSet: drawPairs(7, random.fork('meta'), tinyTower, 100),
  }
}

export const tinyConfig: TrainingConfig = {
  ...defaultTrainingConfig,
  ...{ epochs: 3, batchSize: 8, metaBatchSize: 5, weightNetHidden: 6, learningRate: 2e-3, warmUpFraction: 0.05 },
  ...{ weightNetLearningRate: 3e-3, weightNetDelayEpochs: 0 },
  // Only the pairs are trained on, so that an epoch is 22 rows; batch-source.test.ts has the others.
  trustedRepeats: 0,
}

/** `runtime`, with something done before a run: `before` gets the number of the run, from 1, over all sessions. */
export function interfering(
  runtime: Runtime,
  before: (run: number, session: GraphSession) => Promise<void> | void,
): { readonly runtime: Runtime; runs(): number } {
  let runs = 0
  const real = new Map<GraphSession, GraphSession>()
  return {
    runs: () => runs,
    runtime: {
      ...runtime,
      async createSession(model, options) {
        const { sharesStateOf, ...own } = options
        const shared = sharesStateOf && { sharesStateOf: real.get(sharesStateOf)! }
        const session = await runtime.createSession(model, { ...own, ...shared })
        const wrapped: GraphSession = {
          ...session,
          async run(feeds, runOptions) {
            await before(++runs, session)
            return session.run(feeds, runOptions)
          },
        }
        real.set(wrapped, session)
        return wrapped
      },
    },
  }
}

/** Writes a value that is not finite into a resident tensor. */
export async function poison(session: GraphSession, name: string, value: number): Promise<void> {
  const { [name]: tensor } = await session.readState([name])
  await session.writeState({
    [name]: floatTensor(
      tensor!.shape,
      (tensor!.data as Float32Array).map(() => value),
    ),
  })
}

/** Largest difference between tensors of the same names, relative to the largest entry of each (at least `floor`). */
export function largestDifference(a: TensorMap, b: TensorMap, floor = 1e-3): number {
  return Math.max(
    ...Object.entries(a).map(([name, { data }]) => {
      const other = b[name]!.data as Float32Array
      const size = (data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), floor)
      return (data as Float32Array).reduce((worst, value, i) => Math.max(worst, Math.abs(value - other[i]!)), 0) / size
    }),
  )
}

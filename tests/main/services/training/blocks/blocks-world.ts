/** A small shop whose encoder has two blocks that can be trained, and counts what is read for them. */
import { AppError } from '../../../../../main/contract/index.ts'
import type { SplitModel } from '../../../../../main/graph/index.ts'
import type { ServiceParts } from '../../../../../main/services.ts'
import type { CutEncoder } from '../../../../../main/services/shared/ports.ts'
import type { BlockCosts } from '../../../../../main/services/training/ports.ts'
import { colourBundles, colourEncoder, createWorld, fakeTrainer, type World } from '../../colour-world.ts'
import { fill } from '../../shop.ts'

export type BlocksWorld = {
  readonly world: World
  /** Frames that were encoded below the cut, and through trained blocks. */
  readonly below: number
  readonly through: number
}

/** 20 shots of described videos and two of the one without words, three frames each. */
export const describedFrames = 60
export const allFrames = 66

export const blockNumbers = { memoryBytes: 2e9, stepFlops: 30e9, dim: 5 }

/** The shop is imported, described and labelled, and a first version of the towers alone is in use. */
export async function createBlocksWorld(changes: Partial<ServiceParts> = {}): Promise<BlocksWorld> {
  const { memoryBytes, stepFlops } = blockNumbers
  let [below, through] = [0, 0]
  const encoder = colourEncoder()
  const cut: CutEncoder = {
    ...{ id: 'colours@1 below a', dim: blockNumbers.dim, imageSize: 2, imageFit: null },
    ...{ model: {} as SplitModel, bytes: Uint8Array.of(7) },
    async encodeImages(rgb, count) {
      below += count
      return encoder.encodeImages(rgb, count)
    },
    dispose: async () => {},
  }
  const bundles: ReturnType<typeof colourBundles> = {
    ...colourBundles({ colours: encoder, other: { ...encoder, id: 'others@1' } }),
    async cut(_, blocks) {
      if (blocks > 2) throw new AppError('encoder.invalid', `${blocks} blocks cannot be trained: it has 2.`)
      return cut
    },
    openWith: async () => ({
      ...encoder,
      async encodeImages(rgb, count) {
        through += count
        return encoder.encodeImages(rgb, count)
      },
      dispose: async () => {},
    }),
  }
  const blockCosts: BlockCosts = {
    async of(_, { blocks }) {
      const run = { batchSize: 20, memoryBytes, stepFlops: blocks.rank === null ? stepFlops : stepFlops / 2 }
      return {
        found: { pictures: 2, texts: null },
        run: blocks.blocks > 2 ? null : { ...run, cut: { id: cut.id, dim: cut.dim }, text: null },
      }
    },
  }
  const good = { ...fakeTrainer(), checkMemory: () => ({ batchSize: 20, memoryBytes, stepFlops }) }
  const bad = fakeTrainer({ better: false })
  // The towers alone come to nothing here; with blocks they are as good as the encoder.
  const trainer = { ...good, train: (request) => (request.upper ? good : bad).train(request) } satisfies typeof good
  const world = createWorld({ bundles, trainer, blockCosts, ...changes })
  world.file('shop/videos/extra.mp4', 'green 0-1, white 1-3')
  await fill(world)
  await world.client.train({ objective: 'infonce' })
  await world.client.promote({ model: 'infonce-1' })
  return {
    world,
    get below() {
      return below
    },
    get through() {
      return through
    },
  }
}

/** What training blocks of the encoder would take: reading, disk, memory and time. Starts nothing, and reads no video. */
import { AppError, type BlocksPreflight, type Device, type ProcedureOutput } from '../../../contract/index.ts'
import type { Library } from '../../../storage/index.ts'
import { checkMemory, type BlockSettings } from '../../../training/index.ts'
import { readingTime, secondsOf } from '../../library/index.ts'
import { framesPerShot } from '../../models/index.ts'
import { freeBytesOf } from '../../shared/disk-space.ts'
import type { DeviceParts } from '../devices.ts'
import type { TrainingPairs } from '../pairs.ts'
import type { BlockCost, BlockCosts } from '../ports.ts'
import type { RunWishes } from '../runs/run-record.ts'
import { keptActivations } from './activation-store.ts'
import { heldBytes, missingActivations, spaceProblem, textsOf } from './block-data.ts'
import { blockRateOf } from './block-rate.ts'

export type BlockParts = {
  readonly library: Library
  readonly devices: DeviceParts
  readonly blockCosts: BlockCosts
  readonly encoder: {
    readonly bundle: string
    readonly dim: number
    /** Null: not measured here. */
    readonly picturesPerSecond: number | null
  }
  /** Bytes that are free now. */
  readonly availableMemory: () => number
}

export type BlocksOutlook = {
  /** Of reading and training. */
  readonly seconds: number
  readonly estimatedFrom: ProcedureOutput<'preflight'>['estimatedFrom']
  readonly problems: readonly AppError[]
  readonly blocks: BlocksPreflight
}

/**
 * @param wishes with the device that the run will have
 * @param steps of the run that are left
 * @throws AppError `encoder.missing`, `encoder.invalid`
 */
export async function preflightBlocks(
  { library, devices, blockCosts, encoder, availableMemory }: BlockParts,
  { device, ...wishes }: RunWishes & { readonly blocks: BlockSettings; readonly device: Device },
  { data, steps }: { readonly data: TrainingPairs; readonly steps: number },
): Promise<BlocksOutlook> {
  const cost = await blockCosts.of(encoder.bundle, {
    ...{ ...wishes, dim: encoder.dim, frameCount: framesPerShot, texts: textsOf(data) },
    ...{ pairs: data.pairs.length, metaSet: data.metaSet.length },
  })
  const cut = cost.run?.cut ?? null
  const missing =
    cut === null
      ? { videos: [], frames: 0, bytes: 0 }
      : missingActivations(library, keptActivations(library.dir, cut.id, cut.dim), data)
  const textBytes = cost.run?.text ? heldBytes(cost.run.text, data) : null
  const memoryBytes = cost.run && cost.run.memoryBytes + (textBytes ?? 0)
  // A version with blocks of texts alone sees with the encoder as it is.
  const all = cut === null ? [] : library.videos.list().filter(({ status }) => status === 'indexed')
  const time = (videos: typeof all, frames: number): BlocksPreflight['toRead'] => {
    const { seconds } = readingTime(library, { frames, videoSeconds: secondsOf(videos) }, encoder.picturesPerSecond)
    return { videos: videos.length, frames, seconds }
  }
  const rate = blockRateOf(devices, library.settings, device === 'auto' ? 'cpu' : device)
  const toRead = time([...missing.videos], missing.frames)
  const [freeBytes, availableMemoryBytes] = [await freeBytesOf(library), availableMemory()]
  return {
    seconds: toRead.seconds + (steps * (cost.run?.stepFlops ?? 0)) / rate.flopsPerSecond,
    estimatedFrom: rate.from,
    problems: [
      ...tooManyProblems(cost, wishes.blocks),
      memoryBytes === null ? null : memoryProblem(memoryBytes, availableMemoryBytes, cost.run!.batchSize),
      spaceProblem(missing.bytes, freeBytes),
    ].filter((problem) => problem !== null),
    blocks: {
      ...{ available: cost.found, toRead, diskBytes: missing.bytes, freeBytes },
      ...{ memoryBytes, textBytes, availableMemoryBytes },
      toReadIfWon: time(
        all,
        cut === null ? 0 : library.segments.all().reduce((sum, { frameCount }) => sum + frameCount, 0),
      ),
    },
  }
}

function tooManyProblems({ found }: BlockCost, { blocks, texts = 0 }: BlockSettings): AppError[] {
  return [
    tooManyProblem('blocks', found.pictures, blocks),
    tooManyProblem('blocks of texts', found.texts, texts),
  ].filter((problem) => problem !== null)
}

function tooManyProblem(what: string, found: number | null, wanted: number): AppError | null {
  if (found === null || found >= wanted) return null
  const message =
    found === 0
      ? `No ${what} that can be trained were found in this encoder. Train without them.`
      : `This encoder has ${found} ${what} that can be trained, and ${wanted} are asked for. Choose at most so many.`
  return new AppError('usage', message, { blocks: found })
}

function memoryProblem(totalBytes: number, availableBytes: number, batchSize: number): AppError | null {
  try {
    checkMemory({ totalBytes }, availableBytes, batchSize)
    return null
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

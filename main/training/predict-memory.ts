/** What a training run will need of memory, known from its graphs before anything is allocated. */
import { sizeOf } from '../base/index.ts'
import { AppError } from '../contract/index.ts'
import { bytesOf, peakLiveBytes, type Value } from '../graph/index.ts'

/** What counts of a graph: outputs that are state are written into memory of their own. */
export type CountedGraph = {
  readonly outputs: Readonly<Record<string, Value>>
  readonly state: Readonly<Record<string, string>>
}

export type MemoryNeed = {
  /** Intermediate values of a step, at its worst moment. */
  readonly activationBytes: number
  /** Parameters, weighting network and moments: twice in the runtime, and the copies that a checkpoint needs. */
  readonly stateBytes: number
  /** All together. */
  readonly totalBytes: number
}

/**
 * Copies of the state at the end of an epoch: two in the runtime (read and written in turn), the last good one, the one
 * just read, and a checkpoint's bytes while they are put together (twice).
 */
const copiesOfState = 6

/**
 * Memory that a session keeps for its intermediate values, as a multiple of those alive at the worst moment: its first run
 * allocates value by value, in growing blocks, the later ones take one block that was planned from it, and it keeps both.
 * Measured as 3.3 to 4.0 (tests/bench/memory.ts).
 */
const arenaFactor = 3.6

/** Sessions, code and buffers that do not depend on the sizes. */
const fixedBytes = 60e6

/**
 * @param graphs all that a run opens; each has an arena of its own, which it keeps
 * @param shapes of what is trained; the optimiser has two moments of each
 */
export function predictMemory(
  graphs: readonly CountedGraph[],
  shapes: Readonly<Record<string, readonly number[]>>,
): MemoryNeed {
  const activationBytes = graphs.reduce((sum, graph) => sum + activationsOf(graph), 0)
  const stateBytes = 3 * 4 * Object.values(shapes).reduce((sum, shape) => sum + sizeOf(shape), 0)
  return {
    activationBytes,
    stateBytes,
    totalBytes: arenaFactor * activationBytes + copiesOfState * stateBytes + fixedBytes,
  }
}

function activationsOf({ outputs, state }: CountedGraph): number {
  const replaced = new Set(Object.values(state))
  const split = (wanted: boolean): Value[] =>
    Object.entries(outputs).flatMap(([name, value]) => (replaced.has(name) === wanted ? [value] : []))
  const feeds = split(false).reduce((sum, value) => sum + bytesOf(value), 0)
  return peakLiveBytes(split(false), split(true)) + feeds
}

/** Of the free memory, so much may be planned with: others use the machine too. */
const usableFraction = 0.9

/**
 * @param availableBytes free memory of the machine
 * @throws AppError `training.tooLarge` with both numbers, when the need is larger
 */
export function checkMemory(need: Pick<MemoryNeed, 'totalBytes'>, availableBytes: number, batchSize: number): void {
  if (need.totalBytes <= usableFraction * availableBytes) return
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)
  throw new AppError(
    'training.tooLarge',
    `Training in steps of ${batchSize} pairs needs about ${gigabytes(need.totalBytes)} GB of memory, and ` +
      `${gigabytes(availableBytes)} GB are free. Close other programs, or train where there is more memory.`,
    { neededBytes: Math.round(need.totalBytes), availableBytes: Math.round(availableBytes) },
  )
}

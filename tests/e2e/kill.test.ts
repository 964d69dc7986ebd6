/** Kills the real command with SIGKILL and goes on. kill-many.ts does the same at many more moments. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createKillWorld,
  drawLongVideo,
  examine,
  indexDigest,
  isFinished,
  longVideo,
  modelDigest,
  savedSegments,
  type KillWorld,
} from './kill-world.ts'
import { temporaryFolder } from '../temporary-folder.ts'

let world: KillWorld
let undisturbed: string
let importMs: number
beforeAll(async () => {
  world = createKillWorld(temporaryFolder('kill'), { clips: 10, epochs: 3 })
  undisturbed = world.freshLibrary()
  importMs = (await world.finish(undisturbed, world.importArgs)).ms
}, 120_000)
afterAll(() => world.close())

test(
  'an import that was killed goes on and ends with the features of an undisturbed one',
  { timeout: 180_000 },
  async () => {
    for (const part of [0.6, 0.85]) {
      const library = world.freshLibrary()
      await world.mama(library, world.importArgs, importMs * part)
      expect(examine(library).problems).toEqual([])
      await world.finish(library, world.importArgs)
      expect(examine(library)).toMatchObject({ problems: [], indexed: 10 })
      expect(indexDigest(library)).toBe(indexDigest(undisturbed))
    }
  },
)

test(
  'a training run that was killed goes on and ends with the weights of an undisturbed one',
  { timeout: 180_000 },
  async () => {
    await world.addWords(undisturbed)
    const untrained = world.copyLibrary(undisturbed)
    const { ms } = await world.finish(undisturbed, world.trainArgs)
    for (const part of [0.6, 0.9]) {
      const library = world.copyLibrary(untrained)
      await world.mama(library, world.trainArgs, ms * part)
      expect(examine(library).problems).toEqual([])
      if (!isFinished(library)) await world.finish(library, world.trainArgs)
      expect(modelDigest(library)).toEqual(modelDigest(undisturbed))
    }
  },
)

test(
  'a long video of which some parts were saved when the import was killed goes on behind them, to the same features',
  { timeout: 180_000 },
  async () => {
    const args = ['import', drawLongVideo(temporaryFolder('kill-long'))]
    const undisturbed = world.freshLibrary()
    await world.finish(undisturbed, args)
    const shots = longVideo.seconds / longVideo.shotSeconds
    expect(savedSegments(undisturbed)).toHaveLength(shots)
    const expected = indexDigest(undisturbed)
    const library = world.freshLibrary()
    // Twice in the same library: within the second part, and, gone on with, within a later one.
    let saved: string[] = []
    for (let kills = 0; kills < 2; kills++) {
      const before = saved.length
      const { killed } = await world.mama(library, args, () => savedSegments(library).length > before)
      expect(killed).toBe(true)
      expect(examine(library, { inParts: true })).toMatchObject({ problems: [], indexed: 0 })
      const now = savedSegments(library)
      expect(now.length).toBeGreaterThan(before)
      expect(now.length).toBeLessThan(shots)
      expect(now.slice(0, before)).toEqual(saved)
      saved = now
    }
    await world.finish(library, args)
    expect(examine(library)).toMatchObject({ problems: [], indexed: 1 })
    expect(indexDigest(library)).toBe(expected)
    // What was saved was not read again.
    expect(savedSegments(library).slice(0, saved.length)).toEqual(saved)
  },
)

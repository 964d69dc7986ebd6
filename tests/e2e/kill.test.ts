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

const long = 180_000
let world: KillWorld
let importMs: number
let trainMs: number
/** Imported without a kill, with words and labels; and a copy of it that was trained without a kill. */
let imported: string
let trained: string

beforeAll(async () => {
  world = createKillWorld(temporaryFolder('kill'), { clips: 10, epochs: 3 })
  imported = world.freshLibrary()
  importMs = (await world.finish(imported, world.importArgs)).ms
  await world.addWords(imported)
}, long)
beforeAll(async () => {
  trained = world.copyLibrary(imported)
  trainMs = (await world.finish(trained, world.trainArgs)).ms
}, long)
afterAll(() => world.close())

test.each([0.6, 0.85])(
  'an import that was killed after %f of its time goes on and ends with the features of an undisturbed one',
  async (part) => {
    const library = world.freshLibrary()
    await world.mama(library, world.importArgs, importMs * part)
    expect(examine(library).problems).toEqual([])
    await world.finish(library, world.importArgs)
    expect(examine(library)).toMatchObject({ problems: [], indexed: 10 })
    expect(indexDigest(library)).toBe(indexDigest(imported))
  },
  long,
)

test.each([0.6, 0.9])(
  'a training run that was killed after %f of its time goes on and ends with the weights of an undisturbed one',
  async (part) => {
    const library = world.copyLibrary(imported)
    await world.mama(library, world.trainArgs, trainMs * part)
    expect(examine(library).problems).toEqual([])
    if (!isFinished(library)) await world.finish(library, world.trainArgs)
    expect(modelDigest(library)).toEqual(modelDigest(trained))
  },
  long,
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

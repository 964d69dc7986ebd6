/**
 * Kills `mama import` (of clips, and of a long video that is saved in parts) and `mama train` at many seeded random moments,
 * spread over the whole of an undisturbed run, and holds what comes out of going on against that undisturbed run, bit for
 * bit. One JSON line a kill, one summary a command.
 * Run: npx tsx tests/e2e/kill-many.ts [--moments 20] [--seed 1] [--clips 12] [--epochs 6] [--only import|long|train]
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '../../main/base/index.ts'
import {
  createKillWorld,
  drawLongVideo,
  examine,
  indexDigest,
  isFinished,
  modelDigest,
  savedSegments,
} from './kill-world.ts'

const { values } = parseArgs({
  options: {
    moments: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    clips: { type: 'string', default: '12' },
    epochs: { type: 'string', default: '6' },
    only: { type: 'string' },
  },
})
const moments = Number(values.moments)
const random = createRandom(Number(values.seed))
const folder = mkdtempSync(join(tmpdir(), 'mama-kill-'))
const world = createKillWorld(folder, {
  clips: Number(values.clips),
  epochs: Number(values.epochs),
})
let failures = 0

/** One moment in each of `moments` equal parts of the run, in a shuffled order. */
function spread(durationMs: number): number[] {
  return random.shuffled(
    Array.from({ length: moments }, (_, i) => Math.round((durationMs * (i + random.uniform())) / moments)),
  )
}

async function attack(
  command: string,
  args: readonly string[],
  durationMs: number,
  library: () => string,
  isSame: (library: string) => string | null,
): Promise<void> {
  let killed = 0
  let equal = 0
  for (const ms of spread(durationMs)) {
    const dir = library()
    const first = await world.mama(dir, args, ms)
    const after = examine(dir, { inParts: command === 'long' })
    const savedThen = savedSegments(dir).length
    // A training run that was already finished is not run again: that would be a second run.
    const second = isFinished(dir) ? first : await world.mama(dir, args)
    const difference =
      second === first || second.code === 0
        ? isSame(dir)
        : `going on ended with ${second.code}: ${second.stdout}${second.stderr}`
    const problems = [...after.problems, ...examine(dir).problems, ...(difference === null ? [] : [difference])]
    killed += first.killed ? 1 : 0
    equal += problems.length === 0 ? 1 : 0
    failures += problems.length === 0 ? 0 : 1
    console.log(
      JSON.stringify({
        command,
        killedAtMs: ms,
        ofMs: Math.round(durationMs),
        killed: first.killed,
        indexedThen: after.indexed,
        savedThen,
        problems,
      }),
    )
    world.remove(dir)
  }
  console.log(JSON.stringify({ command, moments, killed, soundAndEqual: equal }))
}

async function attackImport(command: 'import' | 'long', args: readonly string[]): Promise<void> {
  const undisturbed = world.freshLibrary()
  const { ms } = await world.finish(undisturbed, args)
  const index = indexDigest(undisturbed)
  await attack(command, args, ms, world.freshLibrary, (dir) =>
    indexDigest(dir) === index ? null : 'the features differ from those of the undisturbed run',
  )
}

const wanted = (command: string): boolean => values.only === undefined || values.only === command

try {
  if (wanted('import')) await attackImport('import', world.importArgs)
  if (wanted('long')) await attackImport('long', ['import', drawLongVideo(folder)])
  if (wanted('train')) {
    const undisturbed = world.freshLibrary()
    await world.finish(undisturbed, world.importArgs)
    await world.addWords(undisturbed)
    const untrained = world.copyLibrary(undisturbed)
    const trained = await world.finish(undisturbed, world.trainArgs)
    const expected = modelDigest(undisturbed)
    await attack(
      'train',
      world.trainArgs,
      trained.ms,
      () => world.copyLibrary(untrained),
      (dir) => {
        const { digest, models } = modelDigest(dir)
        return digest === expected.digest
          ? null
          : `the model differs from that of the undisturbed run (${models.join(', ')})`
      },
    )
  }
} finally {
  world.close()
}
process.exitCode = failures === 0 ? 0 : 1

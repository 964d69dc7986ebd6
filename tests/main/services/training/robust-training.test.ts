/** What a user sees of runs that meet damaged checkpoints or numbers that are not finite, with the real storage. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProcedureEvent } from '../../../../main/contract/index.ts'
import type { Trainer } from '../../../../main/services/training/ports.ts'
import { CheckpointProblem } from '../../../../main/training/index.ts'
import { createWorld, fakeTrainer, type World } from '../colour-world.ts'
import { fill } from '../shop.ts'

/** The fake's checkpoints are one byte, the epoch; anything longer is damaged. */
function trainerWith(changes: Partial<Trainer> = {}, onEpoch?: (epoch: number) => void): Trainer {
  return {
    ...fakeTrainer(onEpoch && { onEpoch }),
    checkpointEpoch(checkpoint) {
      if (checkpoint.length !== 1) throw new CheckpointProblem('is damaged: the checksum is wrong')
      return checkpoint[0]!
    },
    ...changes,
  }
}

let world: World
afterEach(() => world.close())

async function notesOf(run: (onEvent: (event: ProcedureEvent) => void) => Promise<unknown>): Promise<string[]> {
  const notes: string[] = []
  await run((event) => void (event.kind === 'note' && notes.push(event.message)))
  return notes
}

describe('a run that was stopped after its second epoch', () => {
  let folder: string
  beforeEach(async () => {
    const stop = new AbortController()
    world = createWorld({ trainer: trainerWith({}, (epoch) => void (epoch === 2 && stop.abort())) })
    folder = join(world.parts.libraryDir, 'checkpoints')
    await fill(world)
    await expect(world.client.train({}, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' })
  })
  const damage = (wanted: RegExp): void => {
    const files = readdirSync(folder).filter((file) => wanted.test(file))
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) writeFileSync(join(folder, file), 'damaged')
  }

  it('keeps its last two checkpoints', () => {
    expect(readdirSync(folder).map((file) => readFileSync(join(folder, file))[0])).toEqual([2, 1])
  })

  it('goes on from the checkpoint before when the newest is damaged, and says so', async () => {
    damage(/checkpoint$/)
    expect((await world.client.preflight({})).resumes).toMatchObject({ epoch: 1 })
    let resumedAtEpoch: number | null = null
    const notes = await notesOf(async (onEvent) => {
      resumedAtEpoch = (await world.client.train({}, { onEvent })).resumedAtEpoch
    })
    expect(resumedAtEpoch).toBe(1)
    expect(notes[0]).toBe(
      'The checkpoint of a run that was stopped is damaged: the checksum is wrong. Training goes on from the one before, after epoch 1.',
    )
  })

  it('begins anew when both are damaged, and says so', async () => {
    damage(/checkpoint/)
    expect((await world.client.preflight({})).resumes).toBeNull()
    let resumedAtEpoch: number | null = 0
    const notes = await notesOf(async (onEvent) => {
      resumedAtEpoch = (await world.client.train({}, { onEvent })).resumedAtEpoch
    })
    expect(resumedAtEpoch).toBeNull()
    expect(notes.slice(0, 2)).toEqual([
      'The checkpoint of a run that was stopped is damaged: the checksum is wrong.',
      'The one before it is damaged: the checksum is wrong. Training goes on from the start.',
    ])
  })
})

describe('a run that steps back', () => {
  it('says so while it runs, and its record and its version keep it', async () => {
    const recovery = { epoch: 2, reason: 'the loss is NaN', learningRateFactor: 0.5 }
    const fake = fakeTrainer()
    world = createWorld({
      trainer: {
        ...fake,
        async train(request) {
          const onEpoch: typeof request.onEpoch = (epoch) => {
            if (epoch.epoch === 2) request.onRecovery!(recovery)
            request.onEpoch(epoch)
          }
          return { ...(await fake.train({ ...request, onEpoch })), recoveries: [recovery] }
        },
      },
    })
    await fill(world)
    let run = ''
    const notes = await notesOf(async (onEvent) => {
      run = (await world.client.train({}, { onEvent })).run
    })
    // Before it comes which device the run is computed on.
    expect(notes).toContain(
      'Epoch 2 did not come to usable numbers (the loss is NaN). The run goes on from the epoch before, at 0.5 of its learning rate.',
    )
    const library = world.parts.openLibrary({ readOnly: true, create: false })
    try {
      const records = library.runs.curves(run).map(({ values }) => (values as { recoveries: unknown }).recoveries)
      expect(records).toEqual([[], [recovery], [recovery]])
      expect(library.models.all().find(({ runId }) => runId === run)!.config).toMatchObject({ recoveries: [recovery] })
    } finally {
      library.close()
    }
  })
})

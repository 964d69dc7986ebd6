/** Which stopped runs go on, and with which settings: the decision alone, and through training in a real library. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { ProcedureEvent, ProcedureOutput } from '../../../../main/contract/index.ts'
import type { Trainer } from '../../../../main/services/training/ports.ts'
import {
  recordOf,
  resumptionOf,
  unfinishedRun,
  type RunWishes,
} from '../../../../main/services/training/runs/run-record.ts'
import type { Library } from '../../../../main/storage/index.ts'
import { colours, createWorld, fakeTrainer, type World } from '../colour-world.ts'

const wishes = { objective: 'mama', seed: 0 } as const
const understands = {
  understandsPlan: (plan: unknown) => plan !== 'from the future',
  isEarlierPlan: (plan: unknown) => plan === 'from the past',
}
const stopped = (plan: unknown) => ({ config: recordOf(wishes, plan), hasCheckpoint: true })

describe('a stopped run', () => {
  it('goes on with its recorded plan', () => {
    expect(resumptionOf(stopped({ epochs: 20 }), { epochs: 20 }, understands)).toEqual({
      kind: 'resume',
      plan: { epochs: 20 },
      note: null,
    })
  })

  it('goes on with its recorded plan, and says so, when the defaults have changed since', () => {
    const resumption = resumptionOf(stopped({ epochs: 20 }), { epochs: 60 }, understands)
    expect(resumption).toMatchObject({ kind: 'resume', plan: { epochs: 20 } })
    expect(resumption.note).toContain('those that it started with')
  })

  it('that recorded no plan starts anew and says so; without a checkpoint there is nothing to say', () => {
    const { plan: _, ...old } = recordOf(wishes, undefined)
    const resumption = resumptionOf({ config: old, hasCheckpoint: true }, {}, understands)
    expect(resumption.kind).toBe('restart')
    expect(resumption.note).toContain('starts anew')
    expect(resumptionOf({ config: old, hasCheckpoint: false }, {}, understands)).toEqual({
      kind: 'restart',
      note: null,
    })
  })

  it('of an earlier version of the app, which learned in another way, starts anew and says so', () => {
    const resumption = resumptionOf(stopped('from the past'), {}, understands)
    expect(resumption).toMatchObject({ kind: 'restart', note: expect.stringMatching(/earlier version/) as string })
  })

  it('whose plan is not understood is refused with what to do', () => {
    expect(() => resumptionOf(stopped('from the future'), {}, understands)).toThrow('Update the app')
  })
})

describe('in a library', () => {
  let world: World
  /** What the engine trains with now. */
  let trainer: Trainer
  beforeEach(async () => {
    trainer = fakeTrainer()
    const current: Trainer = {
      ...trainer,
      plan: (...given) => trainer.plan(...given),
      work: (wishes) => trainer.work(wishes),
      understandsPlan: (plan) => trainer.understandsPlan(plan),
      isEarlierPlan: (plan) => trainer.isEarlierPlan(plan),
      checkpointEpoch: (checkpoint) => trainer.checkpointEpoch(checkpoint),
      train: (request) => trainer.train(request),
      openTower: (options) => trainer.openTower(options),
    }
    world = createWorld({ trainer: current })
    const descriptions = ['file,sku,title,description,category']
    const exemplars = ['file,start,end,description,grade']
    for (let i = 0; i < 10; i++) {
      const [first, second] = [colours[i % 5]!, colours[(i + 1) % 5]!]
      world.file(`shop/videos/v${i}.mp4`, `${first} 0-2, ${second} 2-${4 + i}`)
      descriptions.push(`videos/v${i}.mp4,SKU${i},,a ${first} thing number ${i},Things`)
      exemplars.push(`videos/v${i}.mp4,0,2,something ${first},exact`)
    }
    await world.client.import({ paths: [join(world.dir, 'shop')] })
    await world.client.describe({ file: world.file('shop/catalogue.csv', descriptions.join('\n')) })
    await world.client.label({ file: world.file('shop/exemplars.csv', exemplars.join('\n')) })
  })
  afterEach(() => world.close())

  /** Trains, and gives what was noted on the way. */
  async function train(): Promise<ProcedureOutput<'train'> & { notes: string[] }> {
    const notes: string[] = []
    const onEvent = (event: ProcedureEvent): void => void (event.kind === 'note' && notes.push(event.message))
    return { ...(await world.client.train({}, { onEvent })), notes }
  }
  async function stopAfterTwo(changes: Partial<Trainer> = {}): Promise<void> {
    const stop = new AbortController()
    trainer = { ...fakeTrainer({ onEpoch: (epoch) => void (epoch === 2 && stop.abort()) }), ...changes }
    await expect(world.client.train({}, { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' })
    trainer = fakeTrainer()
  }
  /** Looks into the library beside the engine. */
  function look<T>(at: (library: Library) => T): T {
    const library = world.parts.openLibrary({ readOnly: true, create: false })
    try {
      return at(library)
    } finally {
      library.close()
    }
  }

  test('a run records its plan, and goes on with it although the defaults have changed', async () => {
    await stopAfterTwo({ plan: () => ({ margin: 0.07 }) })
    expect(look((library) => library.runs.all()[0]!.config)).toEqual({
      ...{ objective: 'mama', marginRadians: null, epochs: null, seed: 0, blocks: null },
      plan: { margin: 0.07 },
    })
    const { notes, ...result } = await train()
    expect(result).toMatchObject({ resumedAtEpoch: 2, marginRadians: 0.07 })
    expect(notes).toEqual([
      'Going on with a run that was stopped after epoch 2.',
      expect.stringContaining('those that it started with'),
      'Trained on cpu, the only device that works here (12 ms a measured step).',
    ])
    expect(look((library) => library.models.all().find(({ hasWeights }) => hasWeights)!.config)).toMatchObject({
      ...{ marginRadians: 0.07, plan: { margin: 0.07 } },
      deviceReason: 'Trained on cpu, the only device that works here (12 ms a measured step).',
    })
  })

  test('a run of the first version, which recorded no plan, is given up and a new one started', async () => {
    await stopAfterTwo({ plan: () => null })
    const old = look((library) => library.runs.all()[0]!)
    const { notes, ...result } = await train()
    expect(result.resumedAtEpoch).toBeNull()
    expect(result.run).not.toBe(old.id)
    expect(look((library) => library.runs.get(old.id))).toMatchObject({ state: 'cancelled', hasCheckpoint: false })
    expect(notes[0]).toContain('starts anew')
  })

  test('a run that is not understood is refused and left as it is', async () => {
    await stopAfterTwo()
    trainer = { ...fakeTrainer(), understandsPlan: () => false }
    await expect(train()).rejects.toMatchObject({ code: 'library.newer' })
    expect(look((library) => library.runs.all())).toMatchObject([{ state: 'paused', hasCheckpoint: true }])
  })

  test('only the same wishes on the same data are the same run', async () => {
    await stopAfterTwo()
    const { id, dataHash } = look((library) => library.runs.all()[0]!)
    const found = (changes: Partial<RunWishes>, hash = dataHash): string | undefined =>
      look((library) => unfinishedRun(library, { ...wishes, ...changes }, hash)?.id)
    expect(found({})).toBe(id)
    expect(found({ seed: 1 })).toBeUndefined()
    expect(found({ epochs: 3 })).toBeUndefined()
    expect(found({ marginRadians: 0.01 })).toBeUndefined()
    expect(found({}, 'other data')).toBeUndefined()
  })
})

/** What to label next, and decisions that can be undone. Over the real storage. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../colour-world.ts'
import { fill, idOf } from '../shop.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

describe('labelling', () => {
  test('proposes clips with reasons, and says how balanced and how many', async () => {
    await fill(world, { exemplars: 3 })
    const { candidates, stand, balance, remaining } = await world.client.labelQueue({ count: 10 })
    expect(candidates).toHaveLength(10)
    expect(new Set(candidates.map(({ reason }) => reason.kind))).toEqual(
      new Set(['rareConcept', 'disagreement', 'randomCheck']),
    )
    expect(remaining).toBe(17)
    expect(stand).toMatchObject({ exact: 3, usable: 3, needed: 8, recommended: 40, state: 'tooFew' })
    expect(balance.concepts).toEqual([
      { concept: 'Rare', clips: 8, exemplars: 0, missing: 4 },
      { concept: 'Things', clips: 12, exemplars: 3, missing: 1 },
    ])
    const without = candidates.map(({ segment }) => segment)
    const next = await world.client.labelQueue({ count: 10, without })
    expect(next.candidates.some(({ segment }) => without.includes(segment))).toBe(false)
  })

  test('a decision is saved, undone and redone with text and range', async () => {
    await fill(world, { exemplars: 0 })
    const candidate = (await world.client.labelQueue({ count: 1 })).candidates[0]!
    const { video, segment, start, end, text } = candidate
    const decided = await world.client.edit({ action: 'label', video, start, end, text, grade: 'partial' })
    expect(decided).toMatchObject({ kind: 'label', segment, canUndo: true, canRedo: false })
    expect(decided.exemplar).toMatchObject({ grade: 'partial', concept: candidate.concept })
    const exemplar = decided.exemplar!.id
    const changed = await world.client.edit({
      ...{ action: 'label', video, exemplar, text: 'better words', grade: 'exact' },
      ...{ start: start + 0.25, end: 99, concept: 'New kind' },
    })
    expect(changed.exemplar).toMatchObject({ id: exemplar, text: 'better words', concept: 'New kind' })
    expect(changed.exemplar!.end).toBe((await world.client.video({ video })).durationSeconds)
    expect((await world.client.counts({})).exemplars).toBe(1)
    const undone = await world.client.history({ step: 'undo', count: 2 })
    expect(undone).toMatchObject({ exemplar: null, canUndo: false, canRedo: true, video })
    expect((await world.client.counts({})).exemplars).toBe(0)
    expect((await world.client.history({ step: 'redo', count: 9 })).exemplar).toMatchObject({ text: 'better words' })
    expect(await world.client.history({ step: 'redo' })).toMatchObject({ edit: null, canRedo: false })
    expect((await world.client.labels({})).labels).toMatchObject([{ id: exemplar, text: 'better words' }])
  })

  test('a clip whose decision was undone comes first again, and says why', async () => {
    await fill(world)
    const { candidates } = await world.client.labelQueue({ count: 10 })
    const { segment, video, start, end, text } = candidates[4]!
    await world.client.edit({ action: 'label', video, start, end, text, grade: 'exact' })
    const decided = await world.client.labelQueue({ count: 10, first: segment })
    expect(decided.candidates.map((candidate) => candidate.segment)).not.toContain(segment)
    await world.client.history({ step: 'undo' })
    const undone = (await world.client.labelQueue({ count: 10, first: segment })).candidates
    expect(undone[0]).toMatchObject({ segment, text, reason: { kind: 'takenBack' } })
    expect(undone).toHaveLength(10)
    expect(undone.filter((candidate) => candidate.segment === segment)).toHaveLength(1)
  })

  test('a skipped clip is not proposed again until the skip is undone', async () => {
    await fill(world, { exemplars: 0 })
    const { segment } = (await world.client.labelQueue({ count: 1 })).candidates[0]!
    await world.client.edit({ action: 'skip', segment })
    const all = await world.client.labelQueue({ count: 100 })
    expect([all.skipped, all.candidates.some((candidate) => candidate.segment === segment)]).toEqual([1, false])
    await world.client.history({ step: 'undo' })
    expect((await world.client.labelQueue({ count: 100 })).candidates.map((c) => c.segment)).toContain(segment)
  })

  test('a wrong range or a video that is gone is refused in a sentence', async () => {
    await fill(world)
    const label = { action: 'label', text: 'x', grade: 'exact' } as const
    const video = await idOf(world, 'v0')
    await expect(world.client.edit({ ...label, video, start: 3, end: 2 })).rejects.toMatchObject({ code: 'usage' })
    await expect(world.client.edit({ ...label, video: 'gone', start: 0, end: 2 })).rejects.toMatchObject({
      code: 'input.missing',
    })
    await expect(world.client.edit({ action: 'unlabel', exemplar: 'gone' })).rejects.toMatchObject({
      code: 'input.missing',
    })
    await expect(world.client.edit({ action: 'describe', video, from: 'never said', to: 'x' })).rejects.toMatchObject({
      code: 'input.missing',
    })
  })
})

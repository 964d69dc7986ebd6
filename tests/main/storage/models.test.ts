import { describe, expect, it } from 'vitest'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addVideo, indexVideo, tempLibrary } from './temp-library.ts'

describe('model versions', () => {
  it('begin with the zero-shot one, which is added once', () => {
    const { models } = tempLibrary()
    const base = models.ensureZeroShot('encoder')
    expect(models.ensureZeroShot('encoder').id).toBe(base.id)
    expect(base).toMatchObject({ hasWeights: false, active: false, status: 'kept', parentId: null })
    expect(models.weights(base.id)).toBeNull()
  })

  it('are promoted and rolled back step by step', () => {
    const { models } = tempLibrary()
    const base = models.ensureZeroShot('encoder')
    const weights = Uint8Array.of(1, 2, 3)
    const [first, second] = ['first', 'second'].map((name) =>
      models.add({ encoderId: 'encoder', name, parentId: base.id, weights, metrics: { 'R@1': 0.5 } }),
    )
    models.promote(base.id)
    models.promote(first!.id)
    models.promote(first!.id)
    models.promote(second!.id)
    expect(models.active('encoder')).toMatchObject({ id: second!.id, status: 'promoted', metrics: { 'R@1': 0.5 } })
    expect([...models.weights(second!.id)!]).toEqual([1, 2, 3])
    expect(models.rollback('encoder')?.id).toBe(first!.id)
    expect(models.rollback('encoder')?.id).toBe(base.id)
    expect(models.rollback('encoder')).toBeUndefined()
    expect(models.active('encoder')?.id).toBe(base.id)
    expect(() => models.promote('none')).toThrow(expect.objectContaining({ code: 'model.missing' }))
  })

  it('have an active one and a history for each encoder', () => {
    const { models } = tempLibrary()
    const [one, two] = ['one', 'two'].map((encoderId) => {
      const base = models.ensureZeroShot(encoderId)
      const tuned = models.add({ encoderId, name: `tuned-${encoderId}` })
      models.promote(base.id)
      models.promote(tuned.id)
      return { base, tuned }
    })
    expect(models.active('one')?.id).toBe(one!.tuned.id)
    expect(models.active('two')?.id).toBe(two!.tuned.id)
    expect(models.active('three')).toBeUndefined()
    expect(models.rollback('one')?.id).toBe(one!.base.id)
    expect(models.rollback('one')).toBeUndefined()
    expect(models.active('two')?.id).toBe(two!.tuned.id)
    expect(models.all().filter(({ active }) => active)).toHaveLength(2)
  })

  it('that are discarded lose their embeddings and their place in the history', () => {
    const library = tempLibrary()
    const [segment] = indexVideo(library, addVideo(library, '/a.mp4'))
    const base = library.models.ensureZeroShot('encoder')
    const worse = library.models.add({ encoderId: 'encoder', name: 'worse' })
    library.embeddings.save(worse.id, [segment!.id], Float32Array.of(1, 0))
    library.models.promote(worse.id)
    library.models.promote(base.id)
    library.models.discard(worse.id)
    expect(library.embeddings.count(worse.id)).toBe(0)
    expect(library.models.rollback('encoder')).toBeUndefined()
    expect(() => library.models.discard(base.id)).toThrow('active')
  })
})

describe('embeddings', () => {
  it('are read as one matrix ordered by path and start, however they were written', () => {
    const library = tempLibrary()
    const { id: modelId } = library.models.ensureZeroShot('encoder')
    const late = indexVideo(library, addVideo(library, '/z.mp4'))
    const early = indexVideo(library, addVideo(library, '/a.mp4'))
    library.embeddings.save(modelId, [late[1]!.id, early[0]!.id], Float32Array.of(4, 0.5, 1, 0.25))
    expect(library.embeddings.segmentsWithout(modelId)).toEqual([early[1]!.id, late[0]!.id])
    library.embeddings.save(modelId, [late[0]!.id, early[1]!.id], Float32Array.of(3, 0, 2, 0))
    const { segmentIds, dim, vectors } = library.embeddings.matrix(modelId)
    expect(segmentIds).toEqual([early[0]!.id, early[1]!.id, late[0]!.id, late[1]!.id])
    expect(dim).toBe(2)
    expect([...vectors]).toEqual([1, 0.25, 2, 0, 3, 0, 4, 0.5])
    expect(library.embeddings.matrix('none')).toMatchObject({ segmentIds: [], dim: 0 })
  })

  it('go away with their segments', () => {
    const library = tempLibrary()
    const { id: modelId } = library.models.ensureZeroShot('encoder')
    const video = addVideo(library, '/a.mp4')
    const segments = indexVideo(library, video)
    library.embeddings.save(modelId, [segments[0]!.id], Float32Array.of(1, 0))
    library.videos.remove(video.id)
    expect(library.embeddings.count(modelId)).toBe(0)
    expect(() => library.embeddings.save(modelId, ['none'], Float32Array.of(1, 0))).toThrow('does not exist')
  })
})

describe('runs', () => {
  it('keep config, curves and what came of them', () => {
    const library = tempLibrary()
    const run = library.runs.create({ config: { objective: 'mama' }, seed: 7, dataHash: 'd' })
    library.runs.saveEpoch(run.id, 1, { loss: 2 })
    library.runs.saveEpoch(run.id, 0, { loss: 3 })
    library.runs.saveEpoch(run.id, 1, { loss: 1 })
    const model = library.models.add({ encoderId: 'encoder', name: 'tuned', runId: run.id })
    library.runs.setState(run.id, 'finished')
    expect(library.runs.get(run.id)).toMatchObject({
      state: 'finished',
      config: { objective: 'mama' },
      seed: 7,
      modelId: model.id,
      endedAtMs: 1_700_000_000_000,
    })
    expect(library.runs.curves(run.id)).toEqual([
      { epoch: 0, values: { loss: 3 } },
      { epoch: 1, values: { loss: 1 } },
    ])
  })

  it('have a checkpoint that a half-written newer one does not spoil', () => {
    const library = tempLibrary()
    const { id } = library.runs.create({ config: {}, seed: 1, dataHash: 'd' })
    const loaded = (): number[][] => library.runs.loadCheckpoints(id).map((bytes) => [...bytes])
    expect(loaded()).toEqual([])
    library.runs.saveCheckpoint(id, Uint8Array.of(1, 2))
    const file = join(library.dir, 'checkpoints', `${id}.checkpoint`)
    writeFileSync(`${file}.partial`, 'half')
    expect(loaded()).toEqual([[1, 2]])
    library.runs.saveCheckpoint(id, Uint8Array.of(3))
    library.runs.saveCheckpoint(id, Uint8Array.of(4))
    expect(loaded()).toEqual([[4], [3]]) // the one before is kept, and no more
    rmSync(file) // as when the machine stopped between the two renames
    expect(loaded()).toEqual([[3]])
    library.runs.saveCheckpoint(id, Uint8Array.of(5))
    expect(loaded()).toEqual([[5], [3]])
    library.runs.removeCheckpoint(id)
    expect(readdirSync(join(library.dir, 'checkpoints'))).toEqual([])
    expect([loaded(), library.runs.get(id)?.hasCheckpoint]).toEqual([[], false])
  })
})

describe('pair records', () => {
  it('hold loss and weight of each pair by epoch, NaN for one that was not seen', () => {
    const { runs, pairRecords } = tempLibrary()
    const { id } = runs.create({ config: {}, seed: 1, dataHash: 'd' })
    const pairs = [
      { pairId: 'b', segmentId: 's', text: 'red' },
      { pairId: 'a', segmentId: null, text: 'blue' },
    ]
    pairRecords.setPairs(id, pairs)
    expect(pairRecords.pairs(id)).toEqual(pairs)
    for (const epoch of [0, 1, 2]) {
      pairRecords.save(id, { epoch, loss: Float32Array.of(epoch, NaN), weight: Float32Array.of(1, 0.5) })
    }
    expect(pairRecords.read(id, 1)).toEqual({
      epoch: 1,
      loss: Float32Array.of(1, NaN),
      weight: Float32Array.of(1, 0.5),
    })
    pairRecords.dropAfter(id, 0)
    expect(pairRecords.epochs(id)).toEqual([0])
    expect(() => pairRecords.save(id, { epoch: 1, loss: Float32Array.of(1), weight: Float32Array.of(1) })).toThrow(
      'for 2 pairs',
    )
  })
})

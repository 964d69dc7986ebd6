import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../main/base/index.ts'
import { createRuntime, type Runtime } from '../../../main/runtime/index.ts'
import { createVectorIndex, type VectorHit } from '../../../main/search/vector-index.ts'

let runtime: Runtime
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 })
})
afterAll(async () => {
  await runtime.dispose()
})

const dim = 24
const random = createRandom(1)
function unitRows(count: number): Float32Array {
  const rows = Float32Array.from({ length: count * dim }, () => random.normal())
  for (let row = 0; row < count; row++) {
    const own = rows.subarray(row * dim, (row + 1) * dim)
    const norm = Math.hypot(...own)
    own.forEach((value, index) => (own[index] = value / norm))
  }
  return rows
}
const names = (count: number, prefix = 's'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

/** Slow twin: one loop and one sort a query. */
function searchByLoop(ids: string[], matrix: Float32Array, query: Float32Array, k: number): VectorHit[] {
  return ids
    .map((id, row) => ({ id, score: query.reduce((sum, value, index) => sum + value * matrix[row * dim + index]!, 0) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, k)
}

function expectSameHits(actual: readonly VectorHit[], expected: VectorHit[]): void {
  expect(actual.map((hit) => hit.id)).toEqual(expected.map((hit) => hit.id))
  // float32 sums of 24 products against double ones
  actual.forEach((hit, index) => expect(hit.score).toBeCloseTo(expected[index]!.score, 5))
}

describe('vector index', () => {
  it('finds exactly what a loop over all rows finds, for several queries at once', async () => {
    const index = await createVectorIndex({ runtime, dim })
    const matrix = unitRows(500)
    const queries = unitRows(7)
    index.put(names(500), matrix)
    const results = await index.search(queries, 10)
    results.forEach(({ hits }, query) =>
      expectSameHits(hits, searchByLoop(names(500), matrix, queries.subarray(query * dim, (query + 1) * dim), 10)),
    )
    await index.dispose()
  })

  it('gives the scores of chosen rows, and leaves unknown ones out', async () => {
    const index = await createVectorIndex({ runtime, dim })
    const matrix = unitRows(20)
    const query = unitRows(1)
    index.put(names(20), matrix)
    index.remove(['s3'])
    const all = (await index.search(query, 20))[0]!.hits
    const scores = index.scores(query, ['s7', 's3', 's19', 'nobody'])
    expect([...scores.keys()]).toEqual(['s7', 's19'])
    for (const [id, score] of scores) expect(score).toBeCloseTo(all.find((hit) => hit.id === id)!.score, 5)
    await index.dispose()
  })

  it('an empty index finds nothing, and k larger than the index finds all', async () => {
    const index = await createVectorIndex({ runtime, dim })
    const query = unitRows(1)
    expect(await index.search(query, 5)).toEqual([{ hits: [], sample: new Float32Array(0) }])
    index.put(names(3), unitRows(3))
    expect((await index.search(query, 5))[0]!.hits).toHaveLength(3)
    await index.dispose()
  })

  it('follows additions, replacements and removals', async () => {
    const index = await createVectorIndex({ runtime, dim })
    const [first, second, query] = [unitRows(20), unitRows(20), unitRows(1)]
    index.put(names(20), first)
    await index.search(query, 3)
    index.put(['s4', 'new'], second.subarray(0, 2 * dim))
    index.remove(['s0', 's19', 'unknown'])
    const all = Float32Array.from([...first, ...second.subarray(dim, 2 * dim)])
    all.set(second.subarray(0, dim), 4 * dim)
    const gone = new Set(['s0', 's19'])
    const expected = searchByLoop([...names(20), 'new'], all, query, 21).filter((hit) => !gone.has(hit.id))
    expect(index.size).toBe(19)
    expectSameHits((await index.search(query, 50))[0]!.hits, expected)
    index.replaceAll(names(2, 'other'), second.subarray(0, 2 * dim))
    expectSameHits((await index.search(query, 50))[0]!.hits, searchByLoop(names(2, 'other'), second, query, 2))
    await index.dispose()
  })

  it('an edit during a search does not rename its results', async () => {
    const index = await createVectorIndex({ runtime, dim })
    const matrix = unitRows(50)
    const query = unitRows(1)
    index.put(names(50), matrix)
    const search = index.search(query, 50)
    index.remove(names(25))
    expectSameHits((await search)[0]!.hits, searchByLoop(names(50), matrix, query, 50))
    await index.dispose()
  })

  it('samples the scores of the catalogue evenly', async () => {
    const index = await createVectorIndex({ runtime, dim, sampleSize: 40 })
    const matrix = unitRows(100)
    const query = unitRows(1)
    index.put(names(100), matrix)
    const [result] = await index.search(query, 100)
    const byId = new Map(result!.hits.map((hit) => [hit.id, hit.score]))
    const expected = Array.from({ length: 34 }, (_, i) => byId.get(`s${3 * i}`)!).sort((a, b) => a - b)
    expect([...result!.sample]).toEqual(expected)
    await index.dispose()
  })

  it('an aborted search is an AbortError', async () => {
    const index = await createVectorIndex({ runtime, dim })
    index.put(names(2), unitRows(2))
    await expect(index.search(unitRows(1), 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
    await index.dispose()
  })
})

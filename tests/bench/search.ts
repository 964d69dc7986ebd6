/**
 * Exact search over a large catalogue against a plain loop; one JSON line a case. Run: npx tsx tests/bench/search.ts
 * [rows] [width]. The two must agree, or the bench fails.
 */
import { createRandom } from '../../main/base/index.ts'
import { createRuntime } from '../../main/runtime/index.ts'
import { createVectorIndex } from '../../main/search/index.ts'

const rows = Number(process.argv[2] ?? 100_000)
const dim = Number(process.argv[3] ?? 512)
const k = 100
const repeats = 21

const random = createRandom(1)
const matrix = Float32Array.from({ length: rows * dim }, () => random.uniform() - 0.5)
const queries = Float32Array.from({ length: 32 * dim }, () => random.uniform() - 0.5)
const query = queries.slice(0, dim)
const ids = Array.from({ length: rows }, (_, row) => String(row))

/** The best k by one pass and a sorted list of the best so far. */
function searchByLoop(): number[] {
  const best: { row: number; score: number }[] = []
  for (let row = 0; row < rows; row++) {
    let score = 0
    for (let i = 0, at = row * dim; i < dim; i++, at++) score += query[i]! * matrix[at]!
    if (best.length === k && score <= best[k - 1]!.score) continue
    let place = best.length
    while (place > 0 && best[place - 1]!.score < score) place--
    best.splice(place, 0, { row, score })
    if (best.length > k) best.pop()
  }
  return best.map((hit) => hit.row)
}

async function measure(name: string, perCall: number, run: () => unknown): Promise<void> {
  await run()
  const times: number[] = []
  for (let i = 0; i < repeats; i++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const milliseconds = { median: times[repeats >> 1]!, best: times[0]! }
  console.log(
    JSON.stringify({
      case: name,
      rows,
      dim,
      k,
      medianMs: Number((milliseconds.median / perCall).toFixed(2)),
      bestMs: Number((milliseconds.best / perCall).toFixed(2)),
      unit: 'per query',
    }),
  )
}

const runtime = await createRuntime()
const index = await createVectorIndex({ runtime, dim })
const start = performance.now()
index.put(ids, matrix)
await index.search(query, k)
console.log(JSON.stringify({ case: 'fill and first search', rows, dim, ms: Math.round(performance.now() - start) }))

const found = (await index.search(query, k))[0]!.hits.slice(0, 10).map((hit) => Number(hit.id))
const expected = searchByLoop().slice(0, 10)
if (found.join() !== expected.join()) throw new Error(`the index found ${found}, the loop ${expected}`)

await measure('index, 1 query', 1, () => index.search(query, k))
await measure('index, 32 queries', 32, () => index.search(queries, k))
await measure('loop, 1 query', 1, searchByLoop)
await index.dispose()
await runtime.dispose()

/**
 * The corpus of files with burnt-in colours and counters, larger than in the tests: longer files, and a clip of each. Prints
 * one JSON line, and a line for each thing that does not agree with what is drawn.
 * Run: npm run bench -- corpus [--rounds 2]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createMedia } from '../../main/media/index.ts'
import { checkCorpus } from '../main/media/check-corpus.ts'
import { makeCorpus } from '../main/media/corpus.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '1' } } })
const folder = mkdtempSync(join(tmpdir(), 'mama-corpus-'))
try {
  const startedMs = performance.now()
  const specimens = makeCorpus(folder, Number(values.rounds))
  const madeMs = performance.now()
  const { files, frames, problems } = await checkCorpus(createMedia(), folder, specimens, () => true)
  const seconds = (from: number, to: number): number => Number(((to - from) / 1000).toFixed(1))
  console.log(
    JSON.stringify({
      files,
      frames,
      problems: problems.length,
      madeSeconds: seconds(startedMs, madeMs),
      checkedSeconds: seconds(madeMs, performance.now()),
    }),
  )
  for (const problem of problems) console.log(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/**
 * Retrieval on a video catalogue before and after training with each objective: import, describe, label, evaluate the
 * zero-shot model, then train and evaluate every objective with several seeds: as the app does it, keeping a share of what
 * was learned, and keeping all of it, as a plain fine-tuning script does. One JSON line a run and one an objective (mean and
 * standard deviation over seeds).
 * Run: npm run bench -- catalogue [--catalogue FOLDER] [--seeds 3] [--objectives infonce,angular,reweight,mama]
 * [--library FOLDER: keep the library there and use it again]
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createClient, createLocalTransport, type Objective, type ProcedureOutput } from '../../main/contract/index.ts'
import { createEngineServices } from '../../main/services.ts'
import { meanAndSpread } from '../../main/training/index.ts'

const { values } = parseArgs({
  options: {
    catalogue: {
      type: 'string',
      default: fileURLToPath(new URL('../../../shared/datasets/catalogue', import.meta.url)),
    },
    seeds: { type: 'string', default: '3' },
    objectives: { type: 'string', default: 'infonce,angular,reweight,mama' },
    library: { type: 'string' },
  },
})
type Evaluation = ProcedureOutput<'evaluate'>
type Figures = Record<'P@10' | 'MAP' | 'R@1' | 'rare P@10' | 'rare MAP', number>

const file = (name: string): string => join(values.catalogue, name)
const print = (line: object): void => console.log(JSON.stringify(line))
const rounded = (value: number): number => Number(value.toFixed(4))

function figures({ overall, byFrequency: { rare } }: Evaluation): Figures {
  return {
    'P@10': overall['P@10'].value,
    MAP: overall.MAP.value,
    'R@1': overall['R@1'].value,
    'rare P@10': rare?.['P@10'].value ?? NaN,
    'rare MAP': rare?.MAP.value ?? NaN,
  }
}

function summary(runs: readonly Figures[]): object {
  return Object.fromEntries(
    (Object.keys(runs[0]!) as (keyof Figures)[]).map((name) => {
      const { mean, spread } = meanAndSpread(runs.map((run) => run[name]))
      return [name, { mean: rounded(mean), spread: rounded(spread) }]
    }),
  )
}

async function measure(libraryDir: string): Promise<void> {
  const services = createEngineServices({ libraryDir, now: Date.now, newId: () => crypto.randomUUID() })
  try {
    const client = createClient(createLocalTransport(services.handlers))
    await client.import({ paths: [file('videos')], sidecars: true })
    await client.describe({ file: file('catalogue.csv') })
    await client.label({ file: file('exemplars.csv') })
    const evaluate = async (model: string): Promise<Figures> =>
      figures(await client.evaluate({ queries: file('queries.jsonl'), model }))
    print({ case: 'zero-shot', ...summary([await evaluate('zero-shot')]) })
    const cases = (values.objectives.split(',') as Objective[]).flatMap((objective) => [
      { name: objective, request: { objective } },
      { name: `${objective}, all kept`, request: { objective, learnedShare: 1 } },
    ])
    for (const { name, request } of cases) {
      const runs: Figures[] = []
      for (let seed = 1; seed <= Number(values.seeds); seed++) {
        const { model, marginRadians, learnedShare, heldOutBefore, heldOutAfter, promoted } = await client.train({
          ...request,
          seed,
        })
        runs.push(await evaluate(model))
        print({ case: name, seed, marginRadians, learnedShare, heldOutBefore, heldOutAfter, promoted, ...runs.at(-1) })
        await client.promote({ model: 'zero-shot' }) // so that each run has to beat the zero-shot model, not an earlier run
      }
      print({ case: name, seeds: runs.length, ...summary(runs) })
    }
  } finally {
    await services.close()
  }
}

if (!existsSync(file('videos'))) {
  console.log(`The bench "catalogue" is skipped: ${values.catalogue} is not there.`)
} else {
  const folder = values.library ?? mkdtempSync(join(tmpdir(), 'mama-bench-'))
  try {
    await measure(folder)
  } finally {
    if (values.library === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Retrieval on a video catalogue before and after training, as the app does it: import, describe, label, evaluate the
 * zero-shot model, then train and evaluate every objective with several seeds. Beside them the ceilings, where the truth is
 * known: the plain loss on the videos whose texts are right, and on texts that were all mended. One JSON line a run and one an
 * arm (mean and standard deviation over seeds, and the share of the damage by doubtful texts that it undoes).
 * Run: npm run bench -- catalogue [--catalogue FOLDER] [--seeds 3] [--objectives infonce,mama]
 * [--library FOLDER: keep the imported videos there and use them again] [--pairs FILE: loss, weight and truth of each pair of
 * the last mama run, for the figures]
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createClient, createLocalTransport, type Objective, type ProcedureOutput } from '../../main/contract/index.ts'
import { createEngineServices, type Services } from '../../main/services.ts'
import { areaUnderCurve, meanAndSpread } from '../../main/training/index.ts'

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== 'catalogue'),
  options: {
    catalogue: {
      type: 'string',
      default: fileURLToPath(new URL('../../../shared/datasets/catalogue', import.meta.url)),
    },
    seeds: { type: 'string', default: '3' },
    objectives: { type: 'string', default: 'infonce,angular,reweight,mama' },
    library: { type: 'string' },
    pairs: { type: 'string' },
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

type Summary = Record<keyof Figures, { readonly mean: number; readonly spread: number }>

function summary(runs: readonly Figures[]): Summary {
  return Object.fromEntries(
    (Object.keys(runs[0]!) as (keyof Figures)[]).map((name) => {
      const { mean, spread } = meanAndSpread(runs.map((run) => run[name]))
      return [name, { mean: rounded(mean), spread: rounded(spread) }]
    }),
  ) as Summary
}

type Truth = { readonly file: string; readonly noise: string; readonly descriptions: readonly string[] }

const nameOf = (path: string): string => path.split(/[\\/]/).at(-1)!

/** What the files should say, by name; undefined where nobody knows. */
function readTruth(): Map<string, Truth> | undefined {
  if (!existsSync(file('truth.jsonl'))) return undefined
  const lines = readFileSync(file('truth.jsonl'), 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map((line) => JSON.parse(line) as Truth).map((truth) => [nameOf(truth.file), truth]))
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** Descriptions of the videos whose texts are right, as they are; or those that all videos should have. */
function descriptionsOf(truth: Map<string, Truth>, wanted: 'right pairs' | 'true texts', folder: string): string {
  const path = join(folder, `${wanted.replace(' ', '-')}.csv`)
  const given = readFileSync(file('catalogue.csv'), 'utf8').split(/\r?\n/).filter(Boolean)
  const rows =
    wanted === 'true texts'
      ? [...truth.values()].map(({ file: name, descriptions }) =>
          [name, '', '', descriptions.join('; '), ''].map(quoted).join(','),
        )
      : given.slice(1).filter((row) => truth.get(nameOf(row.split(',')[0]!))?.noise === 'aligned')
  writeFileSync(path, [given[0]!, ...rows].join('\n'))
  return path
}

async function withEngine<T>(libraryDir: string, work: (services: Services) => Promise<T>): Promise<T> {
  const services = createEngineServices({ libraryDir, now: Date.now, newId: () => crypto.randomUUID() })
  try {
    return await work(services)
  } finally {
    await services.close()
  }
}

/** How well low weights point at wrong texts, from the audit of a run. */
function weightAuc(audit: ProcedureOutput<'audit'>, truth: Map<string, Truth> | undefined): number | null {
  if (truth === undefined) return null
  const of = (noise: string): Float32Array =>
    Float32Array.from(audit.pairs.filter((pair) => noiseOf(pair.file, truth) === noise).map(({ weight }) => weight))
  return rounded(areaUnderCurve(of('aligned'), of('wrong')))
}

const noiseOf = (path: string, truth: Map<string, Truth>): string | undefined => truth.get(nameOf(path))?.noise

async function measure(folder: string): Promise<void> {
  const imported = values.library ?? join(folder, 'imported')
  await withEngine(imported, ({ handlers }) =>
    createClient(createLocalTransport(handlers)).import({ paths: [file('videos')], sidecars: false }),
  )
  const truth = readTruth()
  const arm = async (name: string, csv: string, objectives: readonly Objective[]): Promise<Map<Objective, Summary>> => {
    const libraryDir = join(folder, name.replace(' ', '-'))
    cpSync(imported, libraryDir, { recursive: true })
    return withEngine(libraryDir, async ({ handlers }) => {
      const client = createClient(createLocalTransport(handlers))
      await client.describe({ file: csv })
      await client.label({ file: file('exemplars.csv') })
      const evaluate = async (model: string): Promise<Figures> =>
        figures(await client.evaluate({ queries: file('queries.jsonl'), model }))
      if (name === 'all pairs') print({ case: 'zero-shot', ...summary([await evaluate('zero-shot')]) })
      const summaries = new Map<Objective, Summary>()
      for (const objective of objectives) {
        const runs: Figures[] = []
        for (let seed = 1; seed <= Number(values.seeds); seed++) {
          const { model, run, heldOutBefore, heldOutAfter, promoted, elapsedSeconds } = await client.train({
            ...{ objective, seed },
          })
          runs.push(await evaluate(model))
          const audit = await client.audit({ run })
          print({
            ...{ case: objective, pairs: name, seed, heldOutBefore, heldOutAfter, promoted, ...runs.at(-1) },
            ...{ elapsedSeconds: rounded(elapsedSeconds), auc: weightAuc(audit, truth) },
            ...verdictFigures(audit, truth),
          })
          if (values.pairs !== undefined && objective === 'mama') writePairs(values.pairs, audit, truth)
          await client.promote({ model: 'zero-shot' }) // so that each run has to beat the zero-shot model, not an earlier run
        }
        summaries.set(objective, summary(runs))
      }
      return summaries
    })
  }
  const all = await arm('all pairs', file('catalogue.csv'), values.objectives.split(',') as Objective[])
  const ceilings = truth && {
    'right pairs': (await arm('right pairs', descriptionsOf(truth, 'right pairs', folder), ['infonce'])).get(
      'infonce',
    )!,
    'true texts': (await arm('true texts', descriptionsOf(truth, 'true texts', folder), ['infonce'])).get('infonce')!,
  }
  const gain = (of: Summary): number => of['P@10'].mean + of.MAP.mean
  const plain = all.get('infonce')
  for (const [name, found] of [...all, ...Object.entries(ceilings ?? {})]) {
    const damage = plain && ceilings && gain(ceilings['right pairs']) - gain(plain)
    const undone = damage === undefined ? null : rounded((gain(found) - gain(plain!)) / damage)
    print({ case: name, seeds: Number(values.seeds), ...found, damageUndone: undone })
  }
}

/** For scripts/drawings/make-figures.ts. */
function writePairs(path: string, audit: ProcedureOutput<'audit'>, truth: Map<string, Truth> | undefined): void {
  const pairs = audit.pairs.map(({ file: video, loss, weight }) => ({
    ...{ loss, weight, noise: (truth && noiseOf(video, truth)) ?? 'unknown' },
  }))
  writeFileSync(path, JSON.stringify(pairs))
}

/** Suspects that are wrong or partial, among all suspects and among all wrong ones. */
function verdictFigures(audit: ProcedureOutput<'audit'>, truth: Map<string, Truth> | undefined): object {
  if (truth === undefined) return {}
  const kinds = audit.pairs.map(({ file: path, verdict }) => ({ verdict, noise: noiseOf(path, truth) }))
  const suspects = kinds.filter(({ verdict }) => verdict === 'suspect')
  const share = (part: number, of: number): number | null => (of === 0 ? null : rounded(part / of))
  const wrong = kinds.filter(({ noise }) => noise === 'wrong').length
  return {
    suspects: suspects.length,
    suspectsWrong: share(suspects.filter(({ noise }) => noise === 'wrong').length, suspects.length),
    suspectsRight: share(suspects.filter(({ noise }) => noise === 'aligned').length, suspects.length),
    wrongFound: share(suspects.filter(({ noise }) => noise === 'wrong').length, wrong),
  }
}

if (!existsSync(file('queries.jsonl'))) {
  console.error(`Skipped: there is no catalogue in ${values.catalogue}.`)
} else {
  const folder = mkdtempSync(join(tmpdir(), 'mama-bench-'))
  try {
    await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * `npm run demo`: the main job end to end on the built-in model and the sample catalogue, in a library of its own.
 * Import, describe, label, train twice, compare on the queries, three searches before and after.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient, createLocalTransport, type Client, type ProcedureOutput } from '../contract/index.ts'
import { createEngineServices } from '../services.ts'
import { describeFailure } from './failure.ts'
import { createProgressView } from './progress-view.ts'
import { renderTable } from './table.ts'
import { clockTime, count, duration } from './words.ts'

const resources = fileURLToPath(new URL('../../resources', import.meta.url))
const catalogue = join(resources, 'sample-catalogue')
const exampleSearches = ['velora', 'ombrix lamp', 'red teapot']
const objectives = ['infonce', 'mama'] as const

type Estimate = { value: number; low: number | null; high: number | null }
type Evaluation = ProcedureOutput<'evaluate'>

const say = (line = ''): void => void process.stdout.write(`${line}\n`)

function interval({ value, low, high }: Estimate): string {
  return low === null || high === null ? value.toFixed(2) : `${value.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)})`
}

function comparison(evaluations: readonly (readonly [string, Evaluation])[]): string {
  const columns = ['model', 'P@10 (95 %)', 'MAP (95 %)', 'R@1', 'rare concepts: P@10']
  return renderTable(
    columns.map((title) => ({ title })),
    evaluations.map(([name, { overall, byFrequency }]) => [
      name,
      interval(overall['P@10']),
      interval(overall.MAP),
      overall['R@1'].value.toFixed(2),
      byFrequency.rare === null ? '' : interval(byFrequency.rare['P@10']),
    ]),
  )
}

async function showSearch(client: Client, text: string, model: string, heading: string): Promise<void> {
  const { moments } = await client.search({ text, k: 3, model })
  say(`  ${heading}`)
  for (const { file, start, end, match } of moments) {
    say(`    ${file.split(/[\\/]/).at(-1)}  ${clockTime(start)} to ${clockTime(end)}  ${match} match`)
  }
  if (moments.length === 0) say('    nothing matches')
}

async function runDemo(client: Client): Promise<void> {
  const view = createProgressView(process.stderr, Date.now)
  const onEvent = view.show
  const startedMs = Date.now()

  say('1. Import the sample catalogue')
  const imported = await client.import({ paths: [join(catalogue, 'videos')] }, { onEvent })
  view.finish()
  const { counts } = imported
  say(
    `   ${count(imported.imported, 'video')}, ${count(imported.segments, 'shot')}, in ${duration(imported.elapsedSeconds)}`,
  )
  say(
    `   eligible ${counts.eligible} = indexed ${counts.indexed} + failed ${counts.failed} + pending ${counts.pending}`,
  )
  const described = await client.describe({ file: join(catalogue, 'catalogue.csv') }, { onEvent })
  const labelled = await client.label({ file: join(catalogue, 'exemplars.csv') }, { onEvent })
  say(
    `   ${count(described.described, 'description')} (4 in 10 vague or wrong on purpose), ${count(labelled.exemplars, 'exemplar')}`,
  )

  const queries = join(catalogue, 'queries.jsonl')
  const evaluate = (model: string): Promise<Evaluation> => client.evaluate({ queries, model }, { onEvent })
  const evaluations: (readonly [string, Evaluation])[] = [['before training (zero-shot)', await evaluate('zero-shot')]]
  view.finish()

  let best = 'zero-shot'
  for (const [i, objective] of objectives.entries()) {
    say(`${i + 2}. Train: ${objective}`)
    const trained = await client.train(
      { objective, seed: 1 },
      { onEvent: (event) => event.kind === 'progress' && onEvent(event) },
    )
    view.finish()
    say(
      `   ${count(trained.pairs, 'pair')}, ${trained.metaPairs} trusted, ${trained.heldOutPairs} held out, ${duration(trained.elapsedSeconds)}`,
    )
    say(`   ${trained.promoted ? 'Promoted' : 'Not promoted'}: ${trained.reason}`)
    evaluations.push([`after training: ${objective}`, await evaluate(trained.model)])
    view.finish()
    if (objective === 'mama') best = trained.model
  }

  say()
  say(comparison(evaluations))
  say()
  for (const text of exampleSearches) {
    say(`Search "${text}"`)
    await showSearch(client, text, 'zero-shot', 'before')
    await showSearch(client, text, best, 'after')
  }
  say()
  say(
    `Done in ${duration((Date.now() - startedMs) / 1000)}. Try it on your own videos: npm run -s mama -- import FOLDER`,
  )
}

const libraryDir = mkdtempSync(join(tmpdir(), 'mama-demo-'))
const services = createEngineServices({
  ...{ libraryDir, now: Date.now, newId: () => crypto.randomUUID() },
  resourcesDir: resources,
  appVersion: '0.0.0', // nobody sees it
})
try {
  await runDemo(createClient(createLocalTransport(services.handlers)))
} catch (error) {
  const failure = describeFailure(error, false)
  process.stderr.write(`${failure.message}\n`)
  process.exitCode = failure.exitCode
} finally {
  await services.close()
  rmSync(libraryDir, { recursive: true, force: true })
}

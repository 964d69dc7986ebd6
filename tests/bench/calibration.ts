/**
 * How honest match strength is: the share of queries that get strong, only weak, or no matches, for real queries whose
 * target exists, for products that are not there, for invented words and for subjects of other worlds; and of the real
 * ones how many of the strong and of the weak moments are right. One JSON line a catalogue, model and kind of query.
 * Run: npm run bench -- calibration [--catalogue FOLDER] [--library FOLDER: keep the library there and use it again]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRandom } from '../../main/base/index.ts'
import { createClient, createLocalTransport, type Client, type FoundMoment } from '../../main/contract/index.ts'
import { overlapShare, type Span } from '../../main/search/index.ts'
import { createEngineServices } from '../../main/services.ts'
import { absentQueries, nonsenseQueries, offTopicQueries } from './calibration-queries.ts'

const { values } = parseArgs({ options: { catalogue: { type: 'string' }, library: { type: 'string' } } })
const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const usual = [folderOf('../../resources/sample-catalogue'), folderOf('../../../shared/datasets/catalogue')]

type Moment = { readonly file: string; readonly start: number; readonly end: number }
type Query = { readonly query: string; readonly relevant: readonly Moment[]; readonly uncertain: readonly Moment[] }

function lines<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

const rounded = (value: number): number => Number(value.toFixed(3))

/** Kinds of query that nothing in the catalogue answers. */
function unanswerable(present: readonly string[]): Record<string, readonly string[]> {
  return {
    'absent product': absentQueries(present),
    nonsense: nonsenseQueries(createRandom(7), 200),
    'off-topic (tuning half)': offTopicQueries('tuning'),
    'off-topic (measuring half)': offTopicQueries('measuring'),
  }
}

/** Shares of queries by the best match that they have. */
function shares(results: readonly (readonly FoundMoment[])[]): Record<'strong' | 'onlyWeak' | 'none', number> {
  const share = (test: (moments: readonly FoundMoment[]) => boolean): number =>
    rounded(results.filter(test).length / Math.max(1, results.length))
  const isStrong = (moments: readonly FoundMoment[]): boolean => moments.some(({ match }) => match === 'strong')
  return {
    strong: share(isStrong),
    onlyWeak: share((moments) => moments.length > 0 && !isStrong(moments)),
    none: share((moments) => moments.length === 0),
  }
}

/** Share of the moments of a strength that are right; those that the author was not sure of are left out. */
function precision(
  match: FoundMoment['match'],
  queries: readonly Query[],
  results: readonly (readonly FoundMoment[])[],
): { precision: number | null; moments: number } {
  let right = 0
  let wrong = 0
  queries.forEach(({ relevant, uncertain }, index) => {
    for (const moment of results[index]!.filter((found) => found.match === match)) {
      const isOneOf = (spans: readonly Moment[]): boolean => spans.some((span) => isSame(moment, span))
      if (isOneOf(relevant)) right += 1
      else if (!isOneOf(uncertain)) wrong += 1
    }
  })
  return { precision: right + wrong === 0 ? null : rounded(right / (right + wrong)), moments: right + wrong }
}

function isSame(moment: FoundMoment, { file, start, end }: Moment): boolean {
  const span = (seconds: { start: number; end: number }): Span => ({
    ...{ file, startSeconds: seconds.start, endSeconds: seconds.end },
  })
  return moment.file.endsWith(file) && overlapShare(span(moment), span({ start, end })) >= 0.5
}

async function measure(catalogue: string, libraryDir: string): Promise<void> {
  const file = (name: string): string => join(catalogue, name)
  const services = createEngineServices({ libraryDir, now: Date.now, newId: () => crypto.randomUUID() })
  const client: Client = createClient(createLocalTransport(services.handlers))
  try {
    await client.import({ paths: [file('videos')], sidecars: true })
    await client.describe({ file: file('catalogue.csv') })
    await client.label({ file: file('exemplars.csv') })
    const newest = async (): Promise<string | undefined> =>
      (await client.models({})).models.find(({ objective }) => objective === 'mama')?.id
    const trained = (await newest()) ?? (await client.train({ seed: 1 })).model
    const queries = lines<Query>(file('queries.jsonl')).filter(({ relevant }) => relevant.length > 0)
    const truth = lines<{ shots: { concept: string }[] }>(file('truth.jsonl'))
    const present = [...new Set(truth.flatMap(({ shots }) => shots.map(({ concept }) => concept)))]
    for (const model of ['zero-shot', trained]) {
      const print = (kind: string, line: object): void =>
        console.log(
          JSON.stringify({
            catalogue: basename(catalogue),
            model: model === 'zero-shot' ? model : 'trained',
            kind,
            ...line,
          }),
        )
      const find = async (text: string): Promise<FoundMoment[]> =>
        (await client.search({ text, k: 1000, model, remember: false })).moments
      const findAll = async (texts: readonly string[]): Promise<FoundMoment[][]> => {
        const found: FoundMoment[][] = []
        for (const text of texts) found.push(await find(text))
        return found
      }
      const results = await findAll(queries.map(({ query }) => query))
      const [strong, weak] = (['strong', 'weak'] as const).map((match) => precision(match, queries, results))
      print('real', { queries: results.length, ...shares(results), strongMoments: strong, weakMoments: weak })
      for (const [kind, texts] of Object.entries(unanswerable(present))) {
        print(kind, { queries: texts.length, ...shares(await findAll(texts)) })
      }
    }
  } finally {
    await services.close()
  }
}

for (const catalogue of values.catalogue === undefined ? usual : [values.catalogue]) {
  if (!existsSync(join(catalogue, 'videos'))) {
    console.log(`The catalogue ${catalogue} is skipped: it is not there.`)
    continue
  }
  const folder = values.library ?? mkdtempSync(join(tmpdir(), 'mama-bench-'))
  try {
    await measure(catalogue, folder)
  } finally {
    if (values.library === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Whether what the audit calls suspect is wrong, at several shares of doubtful texts, half of them wrong and half partial:
 * on customers drawn from product photos with known and with new words, and on the video catalogue through the app, where
 * doubtful texts are mended or right ones spoilt until the share is reached. One JSON line a case.
 * Run: npm run bench -- verdicts [--noise 0,20,40,60] [--size 1000] [--trusted 50] [--threads 2] [--products FOLDER]
 * [--cache FOLDER: features of photos] [--catalogue FOLDER] [--library FOLDER: the catalogue, imported]
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRandom, type Random } from '../../main/base/index.ts'
import { createClient, createLocalTransport } from '../../main/contract/index.ts'
import { createEncoder, loadBundle } from '../../main/encoders/index.ts'
import { createMedia } from '../../main/media/index.ts'
import { createRuntime, type Runtime } from '../../main/runtime/index.ts'
import { createEngineServices } from '../../main/services.ts'
import { simulateCustomer } from '../../main/services/study/simulated-customer.ts'
import { photoFeatures } from '../../main/services/study/study-features.ts'
import { readCustomerFiles } from '../../main/services/study/study-files.ts'
import { openPhotos } from './customers/open-photos.ts'
import { customerVerdicts, tally, type Judged } from './customers/verdicts.ts'

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    noise: { type: 'string', default: '0,20,40,60' },
    size: { type: 'string', default: '1000' },
    trusted: { type: 'string', default: '50' },
    threads: { type: 'string', default: '2' },
    products: { type: 'string', default: pathOf('../../../shared/datasets/products') },
    cache: { type: 'string', default: pathOf('../../out/customers') },
    catalogue: { type: 'string', default: pathOf('../../../shared/datasets/catalogue') },
    library: { type: 'string' },
  },
})
const noises = values.noise.split(',').map(Number)
const seed = 7
const print = (line: object): void => console.log(JSON.stringify(line))

async function judgeCustomers(runtime: Runtime): Promise<void> {
  const signal = new AbortController().signal
  const files = await readCustomerFiles(values.products)
  const encoder = createEncoder({ bundle: await loadBundle(pathOf('../../resources/models/built-in')), runtime })
  const media = createMedia({})
  const views = 2
  const framesOf = openPhotos(
    files.products,
    (paths) =>
      photoFeatures(paths, { encoder, media, views, cache: values.cache, signal, onProgress: () => undefined }),
    views * encoder.dim,
  )
  const conceptOf = new Map(files.products.map(({ id, concept }) => [id, concept]))
  for (const words of ['known', 'new'] as const) {
    for (const noisePercent of noises) {
      const spec = { size: Number(values.size), noisePercent, trusted: Number(values.trusted), words, seed }
      const names = words === 'new' ? files.names : undefined
      const customer = simulateCustomer(spec, { products: files.products, texts: files.texts[words], names })
      const judged = await customerVerdicts(customer, {
        ...{ runtime, encoder, views, framesOf, signal },
        conceptOf: (id) => conceptOf.get(id)!,
      })
      print({ data: 'photos', words, noisePercent, ...tally(judged) })
    }
  }
}

type Truth = { readonly file: string; readonly noise: string; readonly descriptions: readonly string[] }

const nameOf = (path: string): string => path.split(/[\\/]/).at(-1)!
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** Rows of a table whose texts are doubtful in so large a share, and what each then is. */
function spoilt(
  given: readonly string[],
  truth: ReadonlyMap<string, Truth>,
  share: number,
  random: Random,
): { rows: string[]; kinds: Map<string, string> } {
  const kinds = new Map([...truth].map(([name, { noise }]) => [name, noise]))
  const rowOf = new Map(given.map((row) => [nameOf(row.split(',')[0]!), row]))
  const wanted = Math.round(share * truth.size)
  const shuffled = random.shuffled([...truth.keys()])
  const doubtful = shuffled.filter((name) => kinds.get(name) !== 'aligned')
  const right = shuffled.filter((name) => kinds.get(name) === 'aligned')
  for (const name of doubtful.slice(wanted)) {
    const { file, descriptions } = truth.get(name)!
    rowOf.set(name, [file, '', '', descriptions.join('; '), ''].map(quoted).join(','))
    kinds.set(name, 'aligned')
  }
  const textOf = (name: string): string => truth.get(name)!.descriptions.join('; ')
  // Each of these gets the text of the next: in the order of a shuffle they are of different products.
  right.slice(0, Math.max(0, wanted - doubtful.length)).forEach((name, i) => {
    const other = right[(i + 1) % right.length]!
    rowOf.set(name, [truth.get(name)!.file, '', '', textOf(other), ''].map(quoted).join(','))
    kinds.set(name, 'wrong')
  })
  return { rows: [...rowOf.values()], kinds }
}

async function judgeCatalogue(folder: string): Promise<void> {
  const file = (name: string): string => join(values.catalogue, name)
  const withLibrary = async <T>(
    libraryDir: string,
    work: (client: ReturnType<typeof createClient>) => Promise<T>,
  ): Promise<T> => {
    const services = createEngineServices({ libraryDir, now: Date.now, newId: () => crypto.randomUUID() })
    try {
      return await work(createClient(createLocalTransport(services.handlers)))
    } finally {
      await services.close()
    }
  }
  const imported = values.library ?? join(folder, 'imported')
  await withLibrary(imported, (client) => client.import({ paths: [file('videos')], sidecars: false }))
  const lines = readFileSync(file('truth.jsonl'), 'utf8').split('\n').filter(Boolean)
  const truth = new Map(lines.map((line) => JSON.parse(line) as Truth).map((one) => [nameOf(one.file), one]))
  const [header, ...given] = readFileSync(file('catalogue.csv'), 'utf8').split(/\r?\n/).filter(Boolean)
  for (const noisePercent of noises) {
    const { rows, kinds } = spoilt(given, truth, noisePercent / 100, createRandom(seed))
    const [libraryDir, csv] = [join(folder, `noise-${noisePercent}`), join(folder, `noise-${noisePercent}.csv`)]
    writeFileSync(csv, [header!, ...rows].join('\n'))
    cpSync(imported, libraryDir, { recursive: true })
    await withLibrary(libraryDir, async (client) => {
      await client.describe({ file: csv })
      await client.label({ file: file('exemplars.csv') })
      const { run } = await client.train({ objective: 'mama', seed: 1 })
      const { pairs } = await client.audit({ run })
      const judged = pairs.map(({ file: path, verdict }): Judged => ({
        kind: kinds.get(nameOf(path)) ?? 'unknown',
        isSuspect: verdict === 'suspect',
      }))
      print({ data: 'catalogue', noisePercent, ...tally(judged) })
    })
  }
}

if (existsSync(join(values.products, 'products.jsonl'))) {
  const runtime = await createRuntime({ threads: Number(values.threads) })
  await judgeCustomers(runtime).finally(() => runtime.dispose())
} else console.error(`Skipped: there are no products in ${values.products}.`)

if (existsSync(join(values.catalogue, 'truth.jsonl'))) {
  const folder = mkdtempSync(join(tmpdir(), 'mama-bench-'))
  await judgeCatalogue(folder).finally(() => rmSync(folder, { recursive: true, force: true }))
} else console.error(`Skipped: there is no catalogue with its truth in ${values.catalogue}.`)

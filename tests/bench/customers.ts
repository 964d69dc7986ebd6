/**
 * Forty simulated customers (main/services/study/simulated-customer.ts): what each arm finds after training on doubtful texts
 * with the settings that the app would take. One JSON line a customer as soon as it is done, then one for each group of them.
 * With --out the lines are added to a file, and customers that are in it are not tried again, so that a bench that was stopped
 * goes on where it was, and one that is done is summarised at once.
 * Run: npm run bench -- customers [--sizes 100,300,1000,4000] [--arms infonce,mama,...] [--seeds 1] [--views 2] [--threads 2]
 * [--products FOLDER] [--cache FOLDER: features of photos] [--out FILE] [--table: the groups as a Markdown table too]
 */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEncoder, loadBundle } from '../../main/encoders/index.ts'
import { createMedia } from '../../main/media/index.ts'
import { createRuntime, type Runtime } from '../../main/runtime/index.ts'
import {
  readCustomerRecords,
  summariseCustomers,
  type CustomerRecord,
} from '../../main/services/study/customer-records.ts'
import {
  customerSpecs,
  simulateCustomer,
  type CustomerSpec,
  type SimulatedCustomer,
} from '../../main/services/study/simulated-customer.ts'
import { photoFeatures } from '../../main/services/study/study-features.ts'
import { readCustomerFiles } from '../../main/services/study/study-files.ts'
import { studyArms, type StudyArm } from '../../main/services/study/study.ts'
import { planTraining } from '../../main/training/index.ts'
import { openPhotos } from './customers/open-photos.ts'
import { customerTable } from './customers/table.ts'
import { tryCustomer } from './customers/try-customer.ts'

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    products: { type: 'string', default: pathOf('../../../shared/datasets/products') },
    sizes: { type: 'string', default: '100,300,1000,4000' },
    arms: { type: 'string', default: 'zero-shot,infonce,plain rule,mama,right pairs,true texts' },
    seeds: { type: 'string', default: '1' },
    views: { type: 'string', default: '2' },
    threads: { type: 'string', default: '2' },
    cache: { type: 'string', default: pathOf('../../out/customers') },
    out: { type: 'string' },
    table: { type: 'boolean', default: false },
  },
})
const print = (line: object): void => console.log(JSON.stringify(line, (_, value: unknown) => rounded(value)))

function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(4)) : value
}

function chosenSpecs(): CustomerSpec[] {
  return values.sizes.split(',').flatMap((size) => customerSpecs.filter((spec) => spec.size === Number(size)))
}

function chosenArms(): StudyArm[] {
  return values.arms.split(',').map((name) => {
    const found = studyArms.find((arm) => arm === name.trim())
    if (found === undefined) throw new Error(`"${name}" is none of ${studyArms.join(', ')}.`)
    return found
  })
}

async function measure(runtime: Runtime, signal: AbortSignal): Promise<CustomerRecord[]> {
  const [views, seeds, arms] = [Number(values.views), Number(values.seeds), chosenArms()]
  const files = await readCustomerFiles(values.products)
  const bundle = await loadBundle(pathOf('../../resources/models/built-in'))
  const encoder = createEncoder({ bundle, runtime })
  const media = createMedia({})
  const framesOf = openPhotos(
    files.products,
    (paths) => photoFeatures(paths, { encoder, media, views, cache: values.cache, signal, onProgress: sayProgress }),
    views * encoder.dim,
  )
  const fingerprintOf = (customer: SimulatedCustomer): string => {
    const pairs = customer.pairs.length
    const metaSet = [...customer.exemplarParts.values()].filter((part) => part === 'meta').length
    const sizes = { pairs, metaSet, dim: encoder.dim, frameCount: views }
    const plan = planTraining({ objective: 'mama', seed: 1, ...sizes })
    return createHash('sha256')
      .update(JSON.stringify([encoder.id, plan, seeds, arms, customer.pairs, customer.exemplars, customer.queries]))
      .digest('hex')
      .slice(0, 16)
  }
  const text = values.out !== undefined && existsSync(values.out) ? readFileSync(values.out, 'utf8') : ''
  // A line that a kill cut short is ended, so that the next one begins a line of its own.
  if (text !== '' && !text.endsWith('\n')) appendFileSync(values.out!, '\n')
  const done = readCustomerRecords(text)
  const records: CustomerRecord[] = []
  for (const spec of chosenSpecs()) {
    const { words, size, noisePercent, trusted } = spec
    const names = words === 'new' ? files.names : undefined
    const customer = simulateCustomer(spec, { products: files.products, texts: files.texts[words], names })
    const fingerprint = fingerprintOf(customer)
    let record = done.find((other) => other.customer === customer.name && other.fingerprint === fingerprint)
    if (record === undefined) {
      record = {
        ...{ customer: customer.name, size, noisePercent, trusted, words, fingerprint, seeds },
        ...(await tryCustomer(customer, { runtime, encoder, views, framesOf, arms, seeds, signal })),
      }
      print(record)
      if (values.out !== undefined) appendFileSync(values.out, `${JSON.stringify(record)}\n`)
    }
    records.push(record)
  }
  return records
}

let lastTenth = 0
function sayProgress(done: number, total: number): void {
  const tenth = Math.floor((10 * done) / total)
  if (tenth !== lastTenth) console.error(`encoding photos: ${tenth * 10} % of ${total}`)
  lastTenth = tenth
}

if (!existsSync(join(values.products, 'products.jsonl'))) {
  console.error(`Skipped: there are no products in ${values.products}.`)
} else {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  const runtime = await createRuntime({ threads: Number(values.threads) })
  try {
    const summaries = summariseCustomers(await measure(runtime, controller.signal))
    for (const summary of summaries) print({ case: 'summary', ...summary })
    if (values.table) console.log(customerTable(summaries))
  } finally {
    await runtime.dispose()
  }
}

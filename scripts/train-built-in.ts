/**
 * Trains the built-in model from scratch: `npm run train:built-in -- --products FILE --drawings DIR`.
 * Everything is seeded; a checkpoint is written after every epoch, and the same command goes on from it.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { createRandom, floatTensor, type Random, type TensorMap } from '../main/base/index.ts'
import { loadTokenizer } from '../main/encoders/index.ts'
import { createRuntime, type GraphSession } from '../main/runtime/index.ts'
import { adamFeeds } from '../main/training/adam.ts'
import { learningRateAt } from '../main/training/schedule.ts'
import { captionsFor, mentionsColour, productKey, type ProductRow } from './built-in/captions.ts'
import { exportBundle } from './built-in/export-bundle.ts'
import {
  buildPretrainStep,
  pretrainAdam,
  pretrainShapes,
  zeroMoments,
  type PretrainConfig,
} from './built-in/pretrain-step.ts'
import { initialTextParameters } from './built-in/text-trunk.ts'
import {
  augmentedView,
  joinImages,
  readDrawings,
  readPhotos,
  storedSize,
  type TrainingImages,
  type TrainingItem,
} from './built-in/training-images.ts'
import { initialParameters, resizePositions, visionConfig, visionShapes } from './built-in/vision-trunk.ts'

const { values: options } = parseArgs({
  options: {
    products: { type: 'string' },
    drawings: { type: 'string' },
    out: { type: 'string', default: 'resources/models/built-in' },
    work: { type: 'string', default: 'out/built-in' },
    epochs: { type: 'string', default: '30' },
    'small-epochs': { type: 'string', default: '24' },
    'small-size': { type: 'string', default: '64' },
    batch: { type: 'string', default: '128' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '0.0014' },
    threads: { type: 'string', default: '2' },
  },
})
if (options.products === undefined || options.drawings === undefined) {
  console.error('Usage: npm run train:built-in -- --products products.jsonl --drawings DIR [--epochs 30]')
  process.exit(2)
}

const captionsPerItem = 24
const contextLength = 32
const seed = Number(options.seed)
const epochs = Number(options.epochs)
/** [Note: Small pictures first] Most epochs see smaller pictures, at less than half the cost; the last ones the full size. */
const smallEpochs = Math.min(epochs, Number(options['small-epochs']))
const batch = Number(options.batch)
const report = (line: string): void => console.error(line)
mkdirSync(options.work, { recursive: true })

async function readProducts(file: string): Promise<TrainingImages> {
  const products = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ProductRow)
    .filter((product) => product.split === 'base')
  const cache = join(options.work, `photos-${products.length}-${storedSize}.rgb`)
  if (!existsSync(cache)) {
    const photos = await readPhotos(
      products.map((product) => resolve(dirname(file), product.image)),
      report,
    )
    if (photos.read.includes(false)) throw new Error('some photos could not be read; see above')
    writeFileSync(cache, photos.pixels)
  }
  const random = createRandom(seed).fork('captions')
  const items = products.map((product): TrainingItem => {
    const { concept, colour } = productKey(product)
    const captions = captionsFor(product, random, captionsPerItem).map((text) => ({
      text,
      colour: colour !== null && mentionsColour(text, colour) ? colour : null,
    }))
    return { source: product.dataset, concept, colour, captions }
  })
  return { items, pixels: new Uint8Array(readFileSync(cache)) }
}

/**
 * How often an epoch shows a picture: groceries twice, because their 81 kinds differ in small things and each has few
 * photos; drawings every other epoch, because they are easy.
 */
function showings(item: TrainingItem, epoch: number, index: number): number {
  if (item.source === 'grocery') return 2
  return item.source === 'drawing' && (index + epoch) % 2 === 1 ? 0 : 1
}

/** The order of one epoch: indices into `images.items`, a whole number of batches. */
function epochOrder(epoch: number, random: Random): number[] {
  const shown = images.items.flatMap((item, index) => Array<number>(showings(item, epoch, index)).fill(index))
  return random.shuffled(shown).slice(0, stepsPerEpoch * batch)
}

const images = joinImages([await readProducts(options.products), readDrawings(options.drawings)])
const concepts = [...new Set(images.items.map((item) => item.concept))].sort()
const colours = [...new Set(images.items.flatMap((item) => item.colour ?? []))].sort()
report(`${images.items.length} pictures, ${concepts.length} concepts, ${colours.length} colours`)

const tokenizer = loadTokenizer(readFileSync(join(options.out, 'tokenizer.json'), 'utf8'))
/** Token ids of every caption, padding removed. */
const captionTokens = images.items.map((item) => {
  const encoded = tokenizer.encodeBatch(
    item.captions.map((caption) => caption.text),
    contextLength,
  )
  return item.captions.map((_, row) => {
    const ids: number[] = []
    for (let i = 0; i < contextLength; i++) {
      if (encoded.attentionMask[row * contextLength + i] === 1n)
        ids.push(Number(encoded.inputIds[row * contextLength + i]))
    }
    return ids
  })
})

const config: PretrainConfig = {
  batch,
  vision: visionConfig,
  text: { vocabulary: tokenizer.vocabularySize, width: visionConfig.embeddingWidth, hidden: 512 },
  concepts: concepts.length,
  colours: colours.length,
  weightDecay: 0.05,
  clipNorm: 1,
  conceptWeight: 1,
  colourWeight: 0.25,
}
const shapes = pretrainShapes(config)
const conceptIndex = new Map(concepts.map((name, i) => [name, i]))
const colourIndex = new Map(colours.map((name, i) => [name, i]))

function makeBatch(indices: readonly number[], size: number, random: Random): TensorMap {
  const pixels = new Float32Array(batch * size * size * 3)
  const shares = new Float32Array(batch * config.text.vocabulary)
  const matches = new Float32Array(batch * batch)
  const conceptTargets = new Float32Array(batch * config.concepts)
  const colourTargets = new Float32Array(batch * config.colours)
  const chosen = indices.map((index, row) => {
    const item = images.items[index]!
    augmentedView(images, index, size, random, pixels, row * size * size * 3)
    const which = random.integer(item.captions.length)
    const tokens = captionTokens[index]![which]!
    for (const id of tokens) shares[row * config.text.vocabulary + id]! += 1 / tokens.length
    conceptTargets[row * config.concepts + conceptIndex.get(item.concept)!] = 1
    if (item.colour !== null) colourTargets[row * config.colours + colourIndex.get(item.colour)!] = 1
    return { item, caption: item.captions[which]! }
  })
  chosen.forEach(({ item }, i) => {
    chosen.forEach((other, j) => {
      const agrees =
        other.item.concept === item.concept && (other.caption.colour === null || other.caption.colour === item.colour)
      if (i === j || agrees) matches[i * batch + j] = 1
    })
  })
  return {
    pixels: floatTensor([batch, size, size, 3], pixels),
    tokenShares: floatTensor([batch, config.text.vocabulary], shares),
    matches: floatTensor([batch, batch], matches),
    conceptTargets: floatTensor([batch, config.concepts], conceptTargets),
    colourTargets: floatTensor([batch, config.colours], colourTargets),
  }
}

type Checkpoint = { epoch: number; state: TensorMap }
const checkpointFile = join(options.work, 'checkpoint.bin')

function start(): Checkpoint {
  if (existsSync(checkpointFile)) {
    const saved = deserialize(readFileSync(checkpointFile)) as Checkpoint
    report(`going on after epoch ${saved.epoch}`)
    return saved
  }
  const random = createRandom(seed)
  const heads = { 'head.concept': shapes['head.concept']!, 'head.colour': shapes['head.colour']! }
  return {
    epoch: 0,
    state: {
      ...initialParameters(visionShapes(config.vision), random),
      ...initialTextParameters(config.text, random),
      ...initialParameters(heads, random),
      logScale: floatTensor([], [Math.log(14)]),
      ...zeroMoments(shapes),
    },
  }
}

const runtime = await createRuntime({ threads: Number(options.threads) })
const stepsPerEpoch = Math.floor(
  images.items.reduce((sum, item, index) => sum + (showings(item, 0, index) + showings(item, 1, index)) / 2, 0) / batch,
)
const schedule = {
  peak: Number(options.rate),
  warmUpSteps: stepsPerEpoch,
  totalSteps: epochs * stepsPerEpoch,
  finalFraction: 0.01,
}

/** Trains epochs `from` (the checkpoint's) to `until` with pictures of `imageSize`; saves after each and returns the last. */
async function trainPhase(from: Checkpoint, until: number, imageSize: number): Promise<Checkpoint> {
  if (from.epoch >= until) return from
  const phase = { ...config, vision: { ...config.vision, imageSize } }
  const state = resizePositions(from.state, pretrainShapes(phase))
  const session = await runtime.createSession(buildPretrainStep(phase).model, {
    label: `pretrain step at ${imageSize} px`,
    state: buildPretrainStep(phase).state,
  })
  await session.writeState(state)
  let checkpoint: Checkpoint = { epoch: from.epoch, state }
  for (let epoch = from.epoch; epoch < until; epoch++) {
    await trainEpoch(session, epoch, imageSize)
    checkpoint = { epoch: epoch + 1, state: await session.readState() }
    writeFileSync(`${checkpointFile}.new`, serialize(checkpoint))
    renameSync(`${checkpointFile}.new`, checkpointFile)
  }
  await session.dispose()
  return checkpoint
}

async function trainEpoch(session: GraphSession, epoch: number, imageSize: number): Promise<void> {
  const random = createRandom(seed).fork(`epoch ${epoch}`)
  const order = epochOrder(epoch, random)
  const sums = { loss: 0, contrastive: 0, concept: 0, colour: 0 }
  const started = Date.now()
  const batchAt = (i: number): TensorMap => makeBatch(order.slice(i * batch, (i + 1) * batch), imageSize, random)
  let next = batchAt(0)
  for (let i = 0; i < stepsPerEpoch; i++) {
    const number = epoch * stepsPerEpoch + i + 1
    const adam = adamFeeds('adam', pretrainAdam, learningRateAt(number, schedule), number)
    const scalars = Object.fromEntries(Object.entries(adam).map(([name, value]) => [name, floatTensor([], [value])]))
    const running = session.run({ ...next, ...scalars })
    if (i + 1 < stepsPerEpoch) next = batchAt(i + 1)
    const out = await running
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += Number(out[name]!.data[0])
    if (i % 20 === 19) {
      const line = Object.entries(sums).map(([name, sum]) => `${name} ${(sum / (i + 1)).toFixed(3)}`)
      report(
        `epoch ${epoch + 1}/${epochs} step ${i + 1}/${stepsPerEpoch} ${((Date.now() - started) / (i + 1)).toFixed(0)} ms/step ${line.join(' ')}`,
      )
    }
  }
}

const small = await trainPhase(start(), smallEpochs, Number(options['small-size']))
const trained = await trainPhase(small, epochs, config.vision.imageSize)
await runtime.dispose()
const parameters = Object.fromEntries(Object.keys(shapes).map((name) => [name, trained.state[name]!]))
const files = exportBundle(parameters, config, {
  contextLength,
  folder: options.out,
  licence: 'The licence of this project; trained on public product photos and own drawings, see MODEL_CARD.md',
})
for (const [name, bytes] of Object.entries(files)) {
  report(
    `${name}: ${(bytes.length / 1e6).toFixed(2)} MB, sha256 ${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`,
  )
}

/**
 * A tiny world for tests of the services: a "video" is a text file such as `red 0-2, blue 2-4`, and the encoder knows
 * five colours. Storage, tables, ranking and the command line around it are the real ones.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError, createClient, createLocalTransport, type Client } from '../../../main/contract/index.ts'
import type { VectorIndex } from '../../../main/search/index.ts'
import { createServices, type ServiceParts, type Services } from '../../../main/services.ts'
import { RefusedVideo, type MediaTools, type ReadShot, type VideoReader } from '../../../main/services/library/ports.ts'
import { createZeroShotTower } from '../../../main/services/models/zero-shot-tower.ts'
import type { BundleStore, FeatureEncoder } from '../../../main/services/shared/ports.ts'
import { cosines } from '../../../main/services/training/held-out.ts'
import type { Trainer } from '../../../main/services/training/ports.ts'
import { hashContent, openLibrary, restoreLibrary } from '../../../main/storage/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

export const colours = ['red', 'green', 'blue', 'black', 'white'] as const
const dim = colours.length
const imageSize = 2

/** Shots as `colour start-end`; anything else is no video. `broken` among them fails half-way. */
function parseVideo(text: string): { colour: string; start: number; end: number }[] | null {
  const shots = text.split(',').map((part) => /^\s*(\w+) ([\d.]+)-([\d.]+)\s*$/.exec(part))
  if (shots.some((shot) => shot === null)) return null
  return shots.map((shot) => ({ colour: shot![1]!, start: Number(shot![2]), end: Number(shot![3]) }))
}

export function colourReader(): VideoReader {
  const shotsOf = async (path: string) => parseVideo(await readFile(path, 'utf8'))
  return {
    version: async () => 'colour reader 1',
    async probe(path, signal) {
      signal.throwIfAborted()
      const shots = await shotsOf(path)
      if (shots === null) return { refusal: { reason: 'notMedia', sentence: `${path} is not a video.` } }
      return { probe: { format: 'colours' }, durationSeconds: shots.at(-1)!.end }
    },
    async *shots(path, _info, { signal }): AsyncGenerator<ReadShot> {
      for (const { colour, start, end } of (await shotsOf(path))!) {
        signal.throwIfAborted()
        if (colour === 'broken') throw new RefusedVideo({ reason: 'decoderFailed', sentence: `${path} is damaged.` })
        const rgb = new Uint8Array(imageSize * imageSize * 3).fill(colours.indexOf(colour as 'red'))
        const frames = [0, 1, 2].map((i) => ({ timeSeconds: start + ((end - start) * i) / 3, rgb }))
        yield { startSeconds: start, endSeconds: end, poster: null, frames }
      }
    },
  }
}

/** Every file can be played, but those that hold the word `old`; previews and clips are small text files. */
export function colourTools(): MediaTools {
  return {
    async inspect(path) {
      const text = await readFile(path, 'utf8')
      return { obstacle: text.includes('old') ? 'old video' : null, durationSeconds: 4, facts: null }
    },
    frameTimes: async (_, __, { start, end }) => [0, 0.5, 1, 1.5].filter((time) => time >= start && time < end),
    previewExtension: '.webm',
    async makePreview(path, target, _, { signal, onFraction }) {
      signal.throwIfAborted()
      if (path.includes('hopeless')) return 'no way'
      onFraction(0.5)
      writeFileSync(target, `preview of ${path}`)
      return null
    },
    clipExtension: () => '.mp4',
    async cutClip(path, target, { start, end }) {
      if (path.includes('hopeless')) return 'no way'
      writeFileSync(target, `${start}-${end}`)
      return null
    },
    async picture(path, { imageSize: size }) {
      const colour = colours.indexOf((await readFile(path, 'utf8')) as 'red')
      if (colour < 0) return { refusal: { reason: 'notAPicture', sentence: 'This is no picture.' } }
      return new Uint8Array(size * size * 3).fill(colour)
    },
  }
}

/** Colour words to axes; a text without one lies between all of them. */
export function colourEncoder(log: { batches: number[]; texts: number } = { batches: [], texts: 0 }): FeatureEncoder {
  const unit = (weights: number[]): number[] => {
    const length = Math.hypot(...weights) || 1
    return weights.map((weight) => weight / length)
  }
  return {
    ...{ id: 'colours@1', dim, imageSize, imageFit: null },
    async encodeImages(rgb, count) {
      log.batches.push(count)
      const size = rgb.length / count
      return Float32Array.from({ length: count }, (_, i) => rgb[i * size]!).reduce(
        (all, colour, i) => {
          all.set(unit(colours.map((_, c) => (c === colour ? 1 : 0.1))), i * dim)
          return all
        },
        new Float32Array(count * dim),
      )
    },
    async encodeTexts(texts) {
      log.texts += texts.length
      return Float32Array.from(
        texts.flatMap((text) => unit(colours.map((colour) => (text.toLowerCase().includes(colour) ? 1 : 0.1)))),
      )
    },
    knowsWord: (word) => colours.includes(word as 'red'),
    dispose: async () => {},
  }
}

/** The encoders of a library by bundle id, the engine's own one first; others can be removed, and none added. */
export function colourBundles(encoders: Record<string, FeatureEncoder>): BundleStore {
  const there = new Map(Object.entries(encoders))
  const own = Object.keys(encoders)[0]
  return {
    list: async () =>
      [...there].map(([id, encoder]) => ({
        ...{ id, encoderId: encoder.id, name: id, family: 'other', licence: 'MIT', precision: 'fp32' },
        ...{ dim: encoder.dim, imageSize: encoder.imageSize, contextLength: 8, sizeBytes: 1000, isOwn: id === own },
      })),
    add: () => Promise.reject(new Error('no encoder is added here')),
    plan: () => Promise.reject(new Error('no hub is asked here')),
    download: () => Promise.reject(new Error('no hub is asked here')),
    cut: () => Promise.reject(new AppError('encoder.invalid', 'The colours have no blocks.')),
    cutTexts: () => Promise.reject(new AppError('usage', 'The colours are read without blocks.')),
    openWith: () => Promise.reject(new Error('no blocks are trained here')),
    write: () => Promise.reject(new Error('no blocks are trained here')),
    remove: async (id) => void there.delete(id),
    async open(id) {
      const encoder = there.get(id)
      if (encoder === undefined) throw new AppError('encoder.missing', `There is no encoder "${id}".`, { bundle: id })
      return encoder
    },
  }
}

/** An exact index without a runtime. */
export async function plainIndex(width: number): Promise<VectorIndex> {
  let ids: readonly string[] = []
  let matrix = new Float32Array(0)
  const replaceAll = (newIds: readonly string[], vectors: Float32Array): void => {
    ids = [...newIds]
    matrix = vectors.slice()
  }
  return {
    dim: width,
    get size() {
      return ids.length
    },
    put: replaceAll,
    replaceAll,
    remove: () => {},
    async search(queries, k) {
      const scores = cosines(queries, matrix, width)
      return Array.from({ length: queries.length / width }, (_, q) => {
        const row = scores.subarray(q * ids.length, (q + 1) * ids.length)
        const hits = ids.map((id, i) => ({ id, score: row[i]! })).sort((a, b) => b.score - a.score)
        return { hits: hits.slice(0, k), sample: row.slice().sort() }
      })
    },
    scores(query, wanted) {
      const all = cosines(query, matrix, width)
      return new Map(wanted.flatMap((id) => (ids.includes(id) ? [[id, all[ids.indexOf(id)]!] as const] : [])))
    },
    dispose: async () => {},
  }
}

/**
 * Three epochs that learn nothing or, with `better` false, a tower that finds nothing. Loss of a pair is its position. `doubts`: left out, the run knows none.
 * `stopAfter` aborts like Ctrl-C after that epoch.
 */
export function fakeTrainer(
  options: { better?: boolean; doubts?: (pairs: number) => Float32Array; onEpoch?: (epoch: number) => void } = {},
): Trainer {
  return {
    checkpointEpoch: (checkpoint) => checkpoint[0]!,
    plan: ({ marginRadians }) => ({ margin: marginRadians ?? 0.02 }),
    work: ({ epochs = 3, pairs }) => ({ epochs, stepsPerEpoch: 1, batchSize: pairs }),
    understandsPlan: (plan) => typeof plan === 'object',
    isEarlierPlan: () => false,
    checkMemory: () => ({ batchSize: 64, memoryBytes: 1e9, stepFlops: 1e9 }),
    trainedGraph: (_half, _weights, { bytes }) => bytes,
    towerGraphs: () => ({}),
    async train({ checkpoint, pairs, plan, signal, onEpoch, onCheckpoint }) {
      for (let epoch = (checkpoint?.[0] ?? 0) + 1; epoch <= 3; epoch++) {
        signal.throwIfAborted()
        const count = pairs.ids.length
        const loss = Float32Array.from({ length: count }, (_, i) => i / epoch)
        const weight = Float32Array.from({ length: count }, (_, i) => 1 - i / count)
        onEpoch({ epoch, epochs: 3, meanLoss: 1 / epoch, heldOutScore: null, loss, weight })
        onCheckpoint(Uint8Array.of(epoch), epoch)
        options.onEpoch?.(epoch)
      }
      signal.throwIfAborted()
      return {
        weights: Uint8Array.of(options.better === false ? 0 : 1),
        marginRadians: (plan as { margin: number }).margin,
        lexicon: { words: 0, rare: 0 },
        doubts: options.doubts?.(pairs.ids.length),
        epochs: 3,
        device: 'cpu',
        deviceReason: 'There is nothing else here.',
        config: { kind: 'fake' },
      }
    },
    async openTower({ weights, dim: width, frameCount }) {
      const plain = createZeroShotTower(width, frameCount)
      if (weights?.[0] === 1) return plain
      return { ...plain, texts: async (features) => features.map((value) => -value) }
    },
  }
}

export type World = {
  readonly dir: string
  readonly services: Services
  readonly client: Client
  readonly parts: ServiceParts
  file(name: string, text: string): string
  close(): Promise<void>
}

/** A folder, a library in it and a client; files are written with `file`. */
export function createWorld(changes: Partial<ServiceParts> = {}): World {
  const dir = temporaryFolder('services')
  const libraryDir = join(dir, 'library')
  let clock = 1_700_000_000_000
  let ids = 0
  const now = (): number => (clock += 10)
  const newId = (): string => `id-${String(++ids).padStart(6, '0')}`
  const parts: ServiceParts = {
    libraryDir,
    openLibrary: (options) => openLibrary(libraryDir, { ...options, now, newId }),
    restoreLibrary: (file) => restoreLibrary(file, libraryDir, { now }),
    hashContent,
    reader: colourReader(),
    mediaTools: colourTools(),
    bundles: colourBundles({ colours: colourEncoder() }),
    openVectorIndex: plainIndex,
    trainer: fakeTrainer(),
    runtime: () => Promise.reject(new Error('no graph is run here')),
    blockCosts: { of: async () => ({ found: { pictures: 0, texts: null }, run: null }) },
    endpoint: {
      send: async () => ({ problem: 'unreachable', detail: 'there is none' }),
      keyFor: () => null,
      pictures: { frame: async () => null, grid: async () => null },
      wait: async () => undefined,
    },
    availableMemory: () => 8e9,
    availableProviders: async () => [{ provider: 'cpu', available: true, engine: 'Test 1' }],
    measureDevice: async () => 12,
    machine: () => 'a test machine',
    ownDevice: 'auto',
    sampleDir: join(dir, 'sample'),
    browseRoots: [dir],
    appVersion: '0.0.0',
    logFile: join(dir, 'host.log'),
    computer: { name: 'test', cores: 2 },
    processorTimes: () => ({ ownMs: 0, busyMs: 0, totalMs: 0 }),
    now,
    newId,
    ...changes,
  }
  const services = createServices(parts)
  return {
    dir,
    services,
    parts,
    client: createClient(createLocalTransport(services.handlers)),
    file(name, text) {
      const path = join(dir, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
      return path
    },
    async close() {
      await services.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/**
 * What searching with a model version needs, kept between searches: the vectors of the catalogue in an index, the tower
 * that embeds queries, and which shot each vector is. It is brought up to date when shots were added or removed.
 */
import { meaninglessTexts, type VectorIndex } from '../../search/index.ts'
import type { Library, ModelVersion, SegmentWithPath } from '../../storage/index.ts'
import type { Tower } from '../models/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { embedCatalogue } from './embed.ts'

/** A model version that is ready to be searched with. */
export type ReadyModel = {
  readonly model: ModelVersion
  readonly index: VectorIndex
  readonly tower: Tower
  readonly segments: ReadonlyMap<string, SegmentWithPath>
  readonly segmentsOfVideo: ReadonlyMap<string, readonly SegmentWithPath[]>
  /** The best score of each of many texts without meaning, ascending: what match strength is measured against. */
  readonly background: Float32Array
}

export type SearchIndexes = {
  /** Runs `work` with a version; what it is handed stays usable until `work` is done. */
  use<T>(
    library: Library,
    encoder: FeatureEncoder,
    model: ModelVersion,
    signal: AbortSignal,
    work: (ready: ReadyModel) => Promise<T>,
  ): Promise<T>
  /** Frees everything; the next search begins anew. For when the library is closed or replaced. */
  clear(): Promise<void>
}

/**
 * Makes a version ready to be searched with, for the time of `use`.
 * @throws AppError `model.missing`, `model.unread`
 */
export type WithReady = <T>(
  library: Library,
  choice: string,
  signal: AbortSignal,
  use: (ready: ReadyModel, encoder: FeatureEncoder) => Promise<T>,
) => Promise<T>

export type SearchIndexParts = {
  readonly openTower: (library: Library, model: ModelVersion) => Promise<Tower>
  readonly openVectorIndex: (dim: number) => Promise<VectorIndex>
  /** While videos are being indexed, a search may miss those of the last moment instead of waiting for all vectors. */
  readonly mayLag: () => boolean
  readonly now: () => number
}

/** Before, after and one more: what a window compares. */
const keptModels = 3
const lagMs = 3000

type Entry = {
  readonly library: Library
  ready: ReadyModel
  fingerprint: string
  builtAtMs: number
  refreshing: Promise<void> | undefined
  users: number
  isDropped: boolean
}

/** Changes whenever there is something new to be found. */
function fingerprintOf(library: Library, encoder: FeatureEncoder): string {
  return `${library.segments.fingerprint()} ${library.features.writes(encoder.id)}`
}

export function createSearchIndexes(parts: SearchIndexParts): SearchIndexes {
  const { openTower, openVectorIndex, mayLag, now } = parts
  /** By model id, the last used one last. */
  const entries = new Map<string, Promise<Entry>>()
  /**
   * Building is shared: it goes on when the one who asked first has left, as somebody who types does with every letter.
   * Only `clear` stops it.
   */
  let building = new AbortController()

  const open = async (
    library: Library,
    encoder: FeatureEncoder,
    model: ModelVersion,
    signal: AbortSignal,
  ): Promise<Entry> => {
    const tower = await openTower(library, model)
    try {
      const index = await openVectorIndex(encoder.dim)
      const ready: ReadyModel = {
        model,
        index,
        tower,
        segments: new Map(),
        segmentsOfVideo: new Map(),
        background: new Float32Array(0),
      }
      const entry: Entry = {
        ...{ library, ready, fingerprint: '', builtAtMs: 0 },
        ...{ refreshing: undefined, users: 0, isDropped: false },
      }
      await refresh(entry, encoder, signal)
      return entry
    } catch (error) {
      await tower.dispose()
      throw error
    }
  }

  const refresh = async (entry: Entry, encoder: FeatureEncoder, signal: AbortSignal): Promise<void> => {
    const { library, ready } = entry
    const fingerprint = fingerprintOf(library, encoder)
    const { model, index } = ready
    const { segmentIds, vectors } = await embedCatalogue(
      library,
      encoder,
      model.id,
      () => openTower(library, model),
      signal,
    )
    const segments = new Map(library.segments.all().map((segment) => [segment.id, segment]))
    const segmentsOfVideo = new Map<string, SegmentWithPath[]>()
    for (const segment of segments.values()) {
      const others = segmentsOfVideo.get(segment.videoId)
      if (others === undefined) segmentsOfVideo.set(segment.videoId, [segment])
      else others.push(segment)
    }
    index.replaceAll(segmentIds, vectors)
    entry.ready = { ...ready, segments, segmentsOfVideo }
    const background = await backgroundOf(index, encoder, ready.tower, signal)
    entry.ready = { ...entry.ready, background }
    entry.fingerprint = fingerprint
    entry.builtAtMs = now()
  }

  const bringUpToDate = async (entry: Entry, encoder: FeatureEncoder, signal: AbortSignal): Promise<void> => {
    if (fingerprintOf(entry.library, encoder) === entry.fingerprint) return
    if (mayLag() && now() - entry.builtAtMs < lagMs) return
    // One at a time; whoever comes meanwhile waits for the same, and looks again.
    if (entry.refreshing !== undefined) {
      await entry.refreshing.catch(() => undefined)
      return bringUpToDate(entry, encoder, signal)
    }
    entry.refreshing = refresh(entry, encoder, signal).finally(() => {
      entry.refreshing = undefined
    })
    await entry.refreshing
  }

  const disposeIfUnused = async (entry: Entry): Promise<void> => {
    if (!entry.isDropped || entry.users > 0) return
    await entry.refreshing?.catch(() => undefined)
    await Promise.allSettled([entry.ready.index.dispose(), entry.ready.tower.dispose()])
  }
  const drop = async (modelId: string): Promise<void> => {
    const opening = entries.get(modelId)
    entries.delete(modelId)
    const entry = await opening?.catch(() => undefined) // its failure went to whoever asked
    if (entry === undefined) return
    entry.isDropped = true
    await disposeIfUnused(entry)
  }

  return {
    async use(library, encoder, model, signal, work) {
      const known = entries.get(model.id)
      const before = await untilAborted(known?.catch(() => undefined) ?? Promise.resolve(undefined), signal)
      if (known !== undefined && entries.get(model.id) === known && before?.library !== library) await drop(model.id)
      const opening = entries.get(model.id) ?? open(library, encoder, model, building.signal)
      entries.delete(model.id)
      entries.set(model.id, opening)
      const entry = await untilAborted(opening, signal).catch((error: unknown) => {
        if (!signal.aborted && entries.get(model.id) === opening) entries.delete(model.id)
        throw error
      })
      for (const [id] of [...entries].slice(0, Math.max(0, entries.size - keptModels))) void drop(id)
      entry.users += 1
      try {
        await untilAborted(bringUpToDate(entry, encoder, building.signal), signal)
        return await work(entry.ready)
      } finally {
        entry.users -= 1
        await disposeIfUnused(entry)
      }
    },
    async clear() {
      building.abort()
      building = new AbortController()
      await Promise.all([...entries.keys()].map(drop))
    },
  }
}

/** The same, but whoever waits may leave; the work itself goes on. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

async function backgroundOf(
  index: VectorIndex,
  encoder: FeatureEncoder,
  tower: Tower,
  signal: AbortSignal,
): Promise<Float32Array> {
  const texts = meaninglessTexts()
  const queries = await tower.texts(await encoder.encodeTexts(texts), texts)
  const results = await index.search(queries, 1, { signal })
  return Float32Array.from(results.flatMap(({ hits }) => hits[0]?.score ?? [])).sort()
}

/**
 * The encoders of versions that trained blocks of their encoder: pictures, texts or both go through these blocks, the rest as
 * ever. Their features are kept beside those of the encoder itself under an id of their own, as those of any other encoder,
 * so that going back to a version without blocks finds everything in its place.
 */
import { AppError, type CallContext } from '../../contract/index.ts'
import type { Library, ModelVersion } from '../../storage/index.ts'
import type { BlockSettings } from '../../training/index.ts'
import { readVideosFor, videosUnseenBy, type CatalogueRead, type ReadParts } from '../library/index.ts'
import type { BundleStore, CutHalf, FeatureEncoder, TrainedGraphs } from '../shared/ports.ts'
import type { Towers } from './ports.ts'
import { blocksOf, featuresIdOf, seesWithOwnBlocks, textsIdOf } from './model-versions.ts'

export type VersionEncoders = {
  /**
   * What a version sees and reads with: `base` itself where it has no blocks. Nothing heavy happens before its first use.
   * @param base the encoder that the version was trained over
   */
  of(library: Library, model: ModelVersion, base: FeatureEncoder): FeatureEncoder
  /** The id of the bundle that makes an encoder. @throws AppError `encoder.missing` */
  bundleOf(encoderId: string): Promise<string>
}

type Opened = Pick<FeatureEncoder, 'encodeImages' | 'encodeTexts' | 'dispose'>

/** Encoders of versions that stay open, the last used ones: each holds a copy of the encoder's weights. */
const mostOpen = 3

export function createVersionEncoders(bundles: BundleStore, trainer: Pick<Towers, 'trainedGraph'>): VersionEncoders {
  /** By model id, the last used one last. */
  const known = new Map<string, { readonly base: FeatureEncoder; readonly encoder: FeatureEncoder }>()
  const bundleOf = async (encoderId: string): Promise<string> => {
    const bundle = (await bundles.list()).find((info) => info.encoderId === encoderId)
    if (bundle !== undefined) return bundle.id
    throw new AppError('encoder.missing', `The encoder ${encoderId} is not here any more. Add it again first.`)
  }
  return {
    bundleOf,
    of(library, model, base) {
      const settings = blocksOf(model)
      if (settings === null) return base
      const found = known.get(model.id)
      known.delete(model.id)
      const isUsable = found?.base === base
      if (!isUsable) void found?.encoder.dispose()
      const ownTexts = (settings.texts ?? 0) > 0
      const ids = { id: featuresIdOf(model), textsId: ownTexts ? textsIdOf(model) : (base.textsId ?? base.id) }
      const encoder = isUsable
        ? found.encoder
        : createVersionEncoder(base, settings, ids, async () => {
            const bundle = await bundleOf(model.encoderId)
            const weights = library.models.weights(model.id)!
            return bundles.openWith(bundle, await trainedGraphs({ bundles, trainer }, bundle, weights, settings))
          })
      known.set(model.id, { base, encoder })
      for (const [id, { encoder: old }] of [...known].slice(0, -mostOpen)) {
        known.delete(id)
        void old.dispose() // who still has it opens it again with the next use
      }
      return encoder
    },
  }
}

/** The graphs of an encoder with the blocks that a version trained. @throws AppError `encoder.missing`, `encoder.invalid` */
export async function trainedGraphs(
  { bundles, trainer }: { bundles: Pick<BundleStore, 'cut' | 'cutTexts'>; trainer: Pick<Towers, 'trainedGraph'> },
  bundle: string,
  weights: Uint8Array,
  settings: BlockSettings,
): Promise<TrainedGraphs> {
  const graph = async (half: keyof TrainedGraphs, opening: Promise<CutHalf>): Promise<Uint8Array> => {
    const cut = await opening
    await cut.dispose() // what lies below is not run: its blocks go into the whole graph
    return trainer.trainedGraph(half, weights, cut, settings)
  }
  const { blocks, texts = 0 } = settings
  return {
    ...(blocks > 0 && { vision: await graph('vision', bundles.cut(bundle, blocks)) }),
    ...(texts > 0 && { text: await graph('text', bundles.cutTexts(bundle, texts)) }),
  }
}

/** `base` with other pictures, other texts or both. Disposing of it frees these; the next use opens them again. */
function createVersionEncoder(
  base: FeatureEncoder,
  { blocks, texts = 0 }: BlockSettings,
  ids: { readonly id: string; readonly textsId: string },
  open: () => Promise<Opened>,
): FeatureEncoder {
  let opening: Promise<Opened> | undefined
  const own = (): Promise<Opened> => {
    opening ??= open()
    opening.catch(() => (opening = undefined)) // tried again by the next call
    return opening
  }
  const { dim, imageSize, imageFit } = base
  return {
    ...{ ...ids, dim, imageSize, imageFit },
    encodeImages: async (rgb, count) => (blocks > 0 ? await own() : base).encodeImages(rgb, count),
    encodeTexts: async (values) => (texts > 0 ? await own() : base).encodeTexts(values),
    knowsWord: (word) => base.knowsWord(word),
    async dispose() {
      const closing = opening
      opening = undefined
      await (await closing?.catch(() => undefined))?.dispose() // its failure went to whoever asked
    },
  }
}

/** Indexed videos that a version's own blocks have not seen yet; none for a version that sees with its encoder. */
export function videosUnreadBy(library: Library, model: ModelVersion): ReturnType<typeof videosUnseenBy> {
  return seesWithOwnBlocks(model) ? videosUnseenBy(library, featuresIdOf(model)) : []
}

/** Reads what a version's own blocks have not seen yet. @throws the abort reason, with whole videos kept */
export async function readForVersion(
  parts: ReadParts,
  { model, encoder }: { readonly model: ModelVersion; readonly encoder: FeatureEncoder },
  context: Pick<CallContext, 'signal' | 'onEvent'>,
): Promise<CatalogueRead> {
  const videos = videosUnreadBy(parts.library, model)
  if (videos.length === 0) return { videos: 0, frames: 0, failed: [] }
  try {
    return await readVideosFor(parts, { encoder, videos, stage: 'reading with trained blocks' }, context)
  } finally {
    await encoder.dispose()
  }
}

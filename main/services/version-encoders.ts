/**
 * The encoders of versions that trained blocks of their encoder: pictures go through these blocks, texts as ever. Their
 * features are kept beside those of the encoder itself under an id of their own, as those of any other encoder, so that
 * going back to a version without blocks finds everything in its place.
 */
import type { CallContext } from '../contract/index.ts'
import { AppError } from '../contract/index.ts'
import type { Library, ModelVersion } from '../storage/index.ts'
import { blocksOf, featuresIdOf } from './model-versions.ts'
import type { BundleStore, FeatureEncoder, Trainer } from './ports.ts'
import { readVideosFor, videosUnseenBy, type CatalogueRead, type ReadParts } from './read-catalogue.ts'

export type VersionEncoders = {
  /**
   * What a version sees with: `base` itself where it has no blocks. Nothing heavy happens before pictures are encoded.
   * @param base the encoder that the version was trained over
   */
  of(library: Library, model: ModelVersion, base: FeatureEncoder): FeatureEncoder
  /** The id of the bundle that makes an encoder. @throws AppError `encoder.missing` */
  bundleOf(encoderId: string): Promise<string>
}

type Pictures = Pick<FeatureEncoder, 'encodeImages' | 'dispose'>

export function createVersionEncoders(
  bundles: BundleStore,
  trainer: Pick<Trainer, 'trainedPictures'>,
): VersionEncoders {
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
      if (found?.base === base) return found.encoder
      const encoder = createVersionEncoder(base, featuresIdOf(model), async () => {
        const bundle = await bundleOf(model.encoderId)
        const cut = await bundles.cut(bundle, settings.blocks)
        await cut.dispose() // what lies below is not run: its blocks go into the whole graph
        return bundles.openPictures(bundle, trainer.trainedPictures(library.models.weights(model.id)!, cut, settings))
      })
      known.set(model.id, { base, encoder })
      return encoder
    },
  }
}

/** `base` with other pictures. Disposing of it frees these; the next use opens them again. */
function createVersionEncoder(base: FeatureEncoder, id: string, open: () => Promise<Pictures>): FeatureEncoder {
  let opening: Promise<Pictures> | undefined
  const { dim, imageSize, imageFit } = base
  return {
    ...{ id, dim, imageSize, imageFit },
    async encodeImages(rgb, count) {
      opening ??= open()
      opening.catch(() => (opening = undefined)) // tried again by the next call
      return (await opening).encodeImages(rgb, count)
    },
    encodeTexts: (texts) => base.encodeTexts(texts),
    knowsWord: (word) => base.knowsWord(word),
    async dispose() {
      const closing = opening
      opening = undefined
      await (await closing?.catch(() => undefined))?.dispose() // its failure went to whoever asked
    },
  }
}

/** Indexed videos that a version's own blocks have not seen yet; none for a version without. */
export function videosUnreadBy(library: Library, model: ModelVersion): ReturnType<typeof videosUnseenBy> {
  return blocksOf(model) === null ? [] : videosUnseenBy(library, featuresIdOf(model))
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
    return await readVideosFor(parts, { encoder, videos, stage: `reading with ${model.name}` }, context)
  } finally {
    await encoder.dispose()
  }
}

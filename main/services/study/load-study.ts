/** Turns the files of a study into features. */
import { AppError } from '../../contract/index.ts'
import type { Encoder } from '../../encoders/index.ts'
import { buildLexicon, createEntriesOf, knownShare, type PairSet } from '../../training/index.ts'
import { photoFeatures, type PhotoFeaturesOptions, type PictureEncoder } from './study-features.ts'
import type { StudyFiles, StudyProduct } from './study-files.ts'
import type { StudyData } from './study-world.ts'

export type LoadStudyOptions = PhotoFeaturesOptions & {
  readonly encoder: Encoder
  /** What encodes the photos; the encoder by default. */
  readonly pictures?: PictureEncoder | undefined
  /** Split whose long-tailed part is trained on, and split that is searched. */
  readonly tune: string
  readonly test: string
}

/** @throws AppError `input.invalid` when ids do not match, `media.unreadable` for a photo */
export async function loadStudy(files: StudyFiles, options: LoadStudyOptions): Promise<StudyData> {
  const { encoder, pictures = encoder, tune, test, views } = options
  const productOf = (id: string, place: string): StudyProduct => {
    const product = files.products.get(id)
    if (product === undefined)
      throw new AppError('input.invalid', `${place} names the product ${id}, which is not listed.`, { id })
    return product
  }
  const pairs = files.texts.filter(({ id }) => files.longTail.has(id) && productOf(id, 'The texts file').split === tune)
  const exemplars = files.exemplars.filter(({ id }) => productOf(id, 'The exemplars file').split === tune)
  const gallery = [...files.products.values()].filter(({ split }) => split === test)
  if (pairs.length === 0)
    throw new AppError('input.invalid', `No text belongs to a long-tailed product of the split "${tune}".`)
  if (gallery.length === 0) throw new AppError('input.invalid', `No product belongs to the split "${test}".`)

  const features = (products: readonly StudyProduct[]): Promise<Float32Array> =>
    photoFeatures(
      products.map(({ imagePath }) => imagePath),
      { ...options, encoder: pictures },
    )
  const trueTexts = pairs.flatMap(({ truth_text: text }) => text ?? [])
  const lexicon = buildLexicon(
    [...pairs, ...exemplars].map(({ text }) => text),
    encoder,
  )
  const entriesOf = createEntriesOf(lexicon)
  const pairSet = async (rows: readonly { id: string; text: string }[]): Promise<PairSet> => ({
    count: rows.length,
    frames: await features(rows.map(({ id }) => productOf(id, 'A file'))),
    mask: new Float32Array(rows.length * views).fill(1),
    texts: await encoder.encodeTexts(rows.map(({ text }) => text)),
    facts: {
      entries: rows.map(({ text }) => entriesOf(text)),
      known: Float32Array.from(rows, ({ text }) => (knownShare(text, encoder.knowsWord) === 1 ? 1 : 0)),
    },
  })
  const pairFeatures = await pairSet(pairs)

  const rowOf = new Map(gallery.map(({ id }, row) => [id, row]))
  return {
    width: encoder.dim,
    frameWidth: pictures.dim,
    views,
    pairs: pairFeatures,
    lexicon,
    ...(trueTexts.length === pairs.length && {
      trueTexts: await pairSet(pairs.map(({ id, truth_text: text }) => ({ id, text: text! }))),
    }),
    kinds: pairs.map(({ kind }) => kind),
    exemplars: await pairSet(exemplars),
    exemplarIds: exemplars.map(({ id }) => id),
    exemplarConcepts: exemplars.map(({ concept }) => concept),
    gallery: {
      count: gallery.length,
      frames: await features(gallery),
      mask: new Float32Array(gallery.length * views).fill(1),
    },
    queryTexts: await encoder.encodeTexts(files.queries.map(({ query }) => query)),
    queryEntries: files.queries.map(({ query }) => entriesOf(query)),
    queries: files.queries,
    relevant: files.queries.map(({ relevant }) => relevant.flatMap((id) => rowOf.get(id) ?? [])),
  }
}

/** Turns what a study trains on and searches into features. */
import { AppError } from '../../contract/index.ts'
import type { Encoder } from '../../encoders/index.ts'
import { buildLexicon, createEntriesOf, knownShare, type ExemplarPart, type PairSet } from '../../training/index.ts'
import { photoFeatures, type PhotoFeaturesOptions, type PictureEncoder } from './study-features.ts'
import type { StudyExemplar, StudyFiles, StudyProduct, StudyQuery, StudyText } from './study-files.ts'
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

  return studyData(
    { pairs, exemplars, gallery, queries: files.queries },
    {
      ...{ encoder, views, frameWidth: pictures.dim },
      framesOf: (ids) =>
        photoFeatures(
          ids.map((id) => productOf(id, 'A file').imagePath),
          { ...options, encoder: pictures },
        ),
    },
  )
}

/** Rows of a study, each naming a product. */
export type StudyRows = {
  readonly pairs: readonly StudyText[]
  readonly exemplars: readonly StudyExemplar[]
  /** Default: the study splits them. */
  readonly exemplarParts?: ReadonlyMap<string, ExemplarPart> | undefined
  readonly gallery: readonly { readonly id: string }[]
  readonly queries: readonly StudyQuery[]
}

export type StudyDataOptions = {
  readonly encoder: Pick<Encoder, 'dim' | 'encodeTexts' | 'knowsWord'>
  readonly views: number
  /** Numbers a view. */
  readonly frameWidth: number
  /** Features [N, views, frameWidth] of products. */
  readonly framesOf: (ids: readonly string[]) => Promise<Float32Array>
}

export async function studyData(rows: StudyRows, options: StudyDataOptions): Promise<StudyData> {
  const { encoder, views, frameWidth, framesOf } = options
  const { pairs, exemplars, exemplarParts, gallery, queries } = rows
  const idsOf = (products: readonly { id: string }[]): string[] => products.map(({ id }) => id)
  const trueTexts = pairs.flatMap(({ truth_text: text }) => text ?? [])
  const lexicon = buildLexicon(
    [...pairs, ...exemplars].map(({ text }) => text),
    encoder,
  )
  const entriesOf = createEntriesOf(lexicon)
  const pairSet = async (texts: readonly string[], frames: Float32Array): Promise<PairSet> => ({
    ...{ count: texts.length, frames },
    mask: new Float32Array(texts.length * views).fill(1),
    texts: await encoder.encodeTexts([...texts]),
    facts: {
      entries: texts.map(entriesOf),
      known: Float32Array.from(texts, (text) => (knownShare(text, encoder.knowsWord) === 1 ? 1 : 0)),
    },
  })
  const textsOf = (texts: readonly { text: string }[]): string[] => texts.map(({ text }) => text)
  const frames = await framesOf(idsOf(pairs))
  const rowOf = new Map(gallery.map(({ id }, row) => [id, row]))
  return {
    ...{ width: encoder.dim, frameWidth, views, lexicon, exemplarParts, queries },
    pairs: await pairSet(textsOf(pairs), frames),
    ...(trueTexts.length === pairs.length && { trueTexts: await pairSet(trueTexts, frames) }),
    kinds: pairs.map(({ kind }) => kind),
    exemplars: await pairSet(textsOf(exemplars), await framesOf(idsOf(exemplars))),
    exemplarIds: idsOf(exemplars),
    exemplarConcepts: exemplars.map(({ concept }) => concept),
    gallery: {
      count: gallery.length,
      frames: await framesOf(idsOf(gallery)),
      mask: new Float32Array(gallery.length * views).fill(1),
    },
    queryTexts: await encoder.encodeTexts(queries.map(({ query }) => query)),
    queryEntries: queries.map(({ query }) => entriesOf(query)),
    relevant: queries.map(({ relevant }) => relevant.flatMap((id) => rowOf.get(id) ?? [])),
  }
}

/** Trunk features of product photos: each photo is shown to the encoder as several views, as a video would be. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { floatTensor, float32Data } from '../../base/index.ts'
import { AppError } from '../../contract/index.ts'
import { photoViews, type Encoder } from '../../encoders/index.ts'
import type { Media } from '../../media/index.ts'
import { packTensors, unpackTensors } from '../../training/index.ts'

/** Any number of values for each picture: embeddings, or activations below the last blocks. `dim` says how many. */
export type PictureEncoder = Pick<Encoder, 'id' | 'dim' | 'imageSize' | 'encodeImages'>

export type PhotoFeaturesOptions = {
  readonly encoder: PictureEncoder
  readonly media: Media
  /** Views of each photo, 1 to 8. */
  readonly views: number
  /** Folder for features that were computed before; none: always compute. */
  readonly cache?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** Photos a batch: with 8 views, 64 pictures for the encoder. */
const photosPerBatch = 8

/**
 * Features [N, views, D] of the photos at `paths`, as the encoder gives them.
 * @throws AppError `media.unreadable` naming the first photo that cannot be decoded
 */
export async function photoFeatures(paths: readonly string[], options: PhotoFeaturesOptions): Promise<Float32Array> {
  const { encoder, views, cache } = options
  const key = createHash('sha256')
    .update(JSON.stringify([encoder.id, views, paths]))
    .digest('hex')
    .slice(0, 24)
  const file = cache === undefined ? undefined : join(cache, `photos-${key}.bin`)
  if (file !== undefined && existsSync(file)) {
    return float32Data(unpackTensors(new Uint8Array(readFileSync(file))).tensors['features']!)
  }
  const features = await encodePhotos(paths, options)
  if (file !== undefined) {
    mkdirSync(cache!, { recursive: true })
    writeFileSync(`${file}.new`, packTensors({ features: floatTensor([paths.length, views, encoder.dim], features) }))
    renameSync(`${file}.new`, file)
  }
  return features
}

async function encodePhotos(paths: readonly string[], options: PhotoFeaturesOptions): Promise<Float32Array> {
  const { encoder, media, views, signal, onProgress } = options
  const size = encoder.imageSize
  const viewBytes = views * size * size * 3
  const features = new Float32Array(paths.length * views * encoder.dim)
  const batch = new Uint8Array(photosPerBatch * viewBytes)
  let done = 0
  let waiting = 0
  const flush = async (): Promise<void> => {
    if (waiting === 0) return
    const encoded = await encoder.encodeImages(batch.slice(0, waiting * viewBytes), waiting * views)
    features.set(encoded, (done - waiting) * views * encoder.dim)
    waiting = 0
    onProgress?.(done, paths.length)
  }
  for await (const photo of media.decodeImages(paths, { width: 128, height: 128, ...(signal && { signal }) })) {
    if ('refusal' in photo) {
      throw new AppError('media.unreadable', photo.refusal.sentence, { path: photo.path, reason: photo.refusal.reason })
    }
    batch.set(photoViews(photo.rgb, photo.width, photo.height, size, views), waiting * viewBytes)
    waiting++
    done++
    if (waiting === photosPerBatch) await flush()
  }
  await flush()
  return features
}

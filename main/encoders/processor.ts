/** Reads preprocessor_config.json: how the model's own image processor prepares a picture. Pure. */
import { z } from 'zod'
import type { FrameFilter, FrameFit } from '../base/index.ts'
import { ExportProblem } from './refusal.ts'

export type Processor = {
  /** Side of the square, S. */
  readonly size: number
  readonly fit: FrameFit
  /** What a byte is multiplied by; null: 1/255. */
  readonly scale: number | null
  readonly mean: [number, number, number]
  readonly deviation: [number, number, number]
}

/** A field that may be left out, or be null, which means the same. */
const optional = <S extends z.ZodType>(schema: S) => schema.nullish().transform((value) => value ?? undefined)

const edges = z.union([
  z.number(),
  z.looseObject({
    shortest_edge: z.number().optional(),
    longest_edge: z.number().optional(),
    height: z.number().optional(),
    width: z.number().optional(),
  }),
])
const channels = z.tuple([z.number(), z.number(), z.number()])

const processorSchema = z.looseObject({
  image_processor_type: optional(z.string()),
  feature_extractor_type: optional(z.string()),
  do_resize: optional(z.boolean()),
  size: optional(edges),
  resample: optional(z.union([z.number(), z.string()])),
  do_center_crop: optional(z.boolean()),
  crop_size: optional(edges),
  do_rescale: optional(z.boolean()),
  rescale_factor: optional(z.number().positive()),
  do_normalize: optional(z.boolean()),
  image_mean: optional(channels),
  image_std: optional(channels),
  do_pad: optional(z.boolean()),
  patch_size: optional(z.number()),
  max_num_patches: optional(z.number()),
})

/** As Pillow numbers its filters. */
const filterCodes: Readonly<Record<number, FrameFilter>> = {
  ...{ 0: 'nearest', 1: 'lanczos', 2: 'bilinear', 3: 'bicubic', 4: 'box', 5: 'hamming' },
}

/** @throws ExportProblem when a picture cannot be prepared as it says */
export function readProcessor(content: unknown): Processor {
  const parsed = processorSchema.safeParse(content)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw problem(`is wrong at "${issue.path.join('.')}"`, parsed.error)
  }
  const file = parsed.data
  const kind = file.image_processor_type ?? file.feature_extractor_type ?? ''
  if (/Siglip2ImageProcessor/.test(kind) || file.max_num_patches !== undefined) {
    throw new ExportProblem(
      'it is a NaFlex model, which takes pictures of changing shape; choose the fixed-resolution export of the same model (its name says patch16-224 or the like)',
    )
  }
  if (file.do_resize === false) throw problem('leaves pictures as large as they are (do_resize is false)')
  if (file.do_pad === true) throw problem('pads pictures (do_pad), which no encoder of this kind needs')
  const isSiglip = /Siglip/i.test(kind)
  const crops = file.do_center_crop ?? /CLIP/i.test(kind)
  const filter = filterOf(file.resample ?? (isSiglip || /CLIP/i.test(kind) ? 3 : 2))
  const { size, fit } = shapeOf(file.size, file.crop_size, crops, filter)
  const normalises = file.do_normalize ?? true
  if (normalises && (file.image_mean === undefined || file.image_std === undefined)) {
    throw problem('says that colours are normalised but not how (image_mean and image_std are missing)')
  }
  if (normalises && file.image_std!.some((value) => value <= 0)) throw problem('has an image_std that is not positive')
  return {
    ...{ size, fit },
    scale: file.do_rescale === false ? 1 : scaleOf(file.rescale_factor),
    mean: normalises ? file.image_mean! : [0, 0, 0],
    deviation: normalises ? file.image_std! : [1, 1, 1],
  }
}

function scaleOf(factor: number | undefined): number | null {
  return factor === undefined || Math.abs(factor * 255 - 1) < 1e-9 ? null : factor
}

function filterOf(resample: number | string): FrameFilter {
  const filter =
    typeof resample === 'number'
      ? filterCodes[resample]
      : Object.values(filterCodes).find((name) => name === resample.toLowerCase())
  if (filter === undefined) throw problem(`asks for the unknown resize filter ${resample}`)
  return filter
}

type Edges = z.infer<typeof edges> | undefined

function shapeOf(size: Edges, crop: Edges, crops: boolean, filter: FrameFilter): { size: number; fit: FrameFit } {
  const given = typeof size === 'number' ? (crops ? { shortest_edge: size } : { height: size, width: size }) : size
  if (given === undefined) throw problem('does not say how large pictures are (size is missing)')
  const cropSide =
    crop === undefined ? null : sideOf(typeof crop === 'number' ? { height: crop, width: crop } : crop, 'crop_size')
  if (given.shortest_edge !== undefined) {
    const shortEdge = checked(given.shortest_edge, 'size.shortest_edge')
    if (!crops) throw problem('keeps the shape of pictures without cutting a square (do_center_crop is false)')
    return { size: cropSide ?? shortEdge, fit: { mode: 'centreCrop', shortEdge, filter } }
  }
  const side = sideOf(given, 'size')
  // Squashing first and cropping then changes nothing when both are of one size.
  if (crops && cropSide !== null && cropSide !== side) throw problem('squashes pictures to one size and cuts another')
  return { size: side, fit: { mode: 'squash', filter } }
}

function sideOf(given: { height?: number | undefined; width?: number | undefined }, name: string): number {
  const { height, width } = given
  if (height === undefined || width === undefined) throw problem(`gives no height and width in ${name}`)
  if (height !== width) throw problem(`makes pictures of ${width} x ${height}; only squares can be used`)
  return checked(height, name)
}

function checked(pixels: number, name: string): number {
  if (Number.isInteger(pixels) && pixels >= 8 && pixels <= 2048) return pixels
  throw problem(`asks for pictures of ${pixels} pixels in ${name}; 8 to 2048 are possible`)
}

function problem(clause: string, cause?: unknown): ExportProblem {
  return new ExportProblem(`its preprocessor_config.json ${clause}`, { cause })
}

export { createMedia, type Media, type MediaOptions } from './media.ts'
export { mediaRefusals, type Refusal, type RefusalReason } from './refusals.ts'
export type { DecodedImage, DecodeImagesOptions, ImageSize } from './decode-images.ts'

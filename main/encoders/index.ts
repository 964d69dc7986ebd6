export { resampleCrop, type Box } from './resample.ts'
export { loadTokenizer, type EncodedTexts, type TextTokenizer } from './tokenizer.ts'
export { photoViews, standardViews, type View } from './views.ts'

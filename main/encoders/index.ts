export { encoderIdOf, loadBundle, readBundleManifest, readEncoderId, type Bundle } from './bundle.ts'
export { curatedEncoders, type CuratedEncoder } from './curated.ts'
export {
  openUpperBlocks,
  openUpperTextBlocks,
  type TextActivations,
  type UpperBlocks,
  type UpperTextBlocks,
} from './upper-blocks.ts'
export { createEncoder, type EncodeOptions, type Encoder } from './encoder.ts'
export { familyOf, slug } from './family.ts'
export { chooseGraphs, findExport, type ExportFiles } from './find-export.ts'
export { fitPicture } from './fit-picture.ts'
export { createHttpClient, NetworkProblem, type HttpClient, type ProxySettings } from './http-client.ts'
export { downloadExport, planDownload, type HubPlan } from './hub.ts'
export { isModelName } from './hub-listing.ts'
export { importBundle, testBundle, type ImportedBundle, type ImportOptions } from './import-bundle.ts'
export { inspectExport, type Finding, type Inspection } from './inspect-export.ts'
export { licenceOf } from './licence.ts'
export {
  bundleFiles,
  families,
  manifestSchema,
  precisions,
  type AnyManifest,
  type BundleManifest,
  type BundleManifestInput,
  type Family,
  type ImportedManifest,
  type Precision,
} from './manifest.ts'
export { pillowResize } from './pillow-resize.ts'
export { createPixelConverter, type PixelConverter } from './pixels.ts'
export { readProcessor, type Processor } from './processor.ts'
export { recipeOf, type Recipe } from './recipe.ts'
export { ExportProblem } from './refusal.ts'
export { resampleCrop, type Box } from './resample.ts'
export { drawSelfTestPictures, ranksRight, selfTest, type SelfTest } from './self-test.ts'
export { loadTokenizer, type EncodedTexts, type TextTokenizer } from './tokenizer.ts'
export { checkDisk, unpackArchive } from './unpack.ts'
export { writeBundle, type WriteBundleOptions } from './write-bundle.ts'
export { photoViews, standardViews, type View } from './views.ts'

/** What the features need of encoders: encoding pictures and texts, and the model bundles of a library. Tests pass fakes. */
import type { FrameFit } from '../../base/index.ts'
import type { TextActivations } from '../../encoders/index.ts'
import type { SplitModel } from '../../graph/index.ts'
import type { Half } from '../../training/index.ts'

/** The frozen trunk. */
export interface FeatureEncoder {
  /** Changes when the weights do. Features are kept under it. */
  readonly id: string
  /** The same for features of texts, where it is another one than `id`. */
  readonly textsId?: string | undefined
  readonly dim: number
  readonly imageSize: number
  readonly imageFit: FrameFit | null
  /** [N, S, S, 3] uint8 -> [N, D], rows of unit length */
  encodeImages(rgb: Uint8Array, count: number): Promise<Float32Array>
  encodeTexts(texts: string[]): Promise<Float32Array>
  /** Whether a word was part of what the trunk learned from. */
  knowsWord(word: string): boolean
  /** Sets how pictures are run from now on; absent where that is fixed. */
  tune?(setting: EncoderTuning): Promise<void>
  dispose(): Promise<void>
}

/** What reading videos needs of an encoder. */
export type FrameEncoder = Pick<FeatureEncoder, 'id' | 'dim' | 'imageSize' | 'imageFit' | 'tune' | 'encodeImages'>

/** Half of an encoder below its last blocks. */
export type CutHalf = {
  /** Numbers of the activations of one picture or text. */
  readonly dim: number
  /** What lies above the cut. */
  readonly model: SplitModel
  /** The whole graph, which trained weights can be written into. */
  readonly bytes: Uint8Array
  dispose(): Promise<void>
}

/** The encoder of pictures: its features are the activations at the cut. */
export type CutEncoder = FrameEncoder & CutHalf

/** The encoder of texts. */
export type CutTexts = CutHalf & {
  encodeTexts(texts: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<TextActivations>
}

/** Graphs of an encoder's halves with trained weights. */
export type TrainedGraphs = { readonly [H in Half]?: Uint8Array | undefined }

/** How pictures are run: changes speed and memory, and no result by more than rounding. */
export type EncoderTuning = { readonly threads: number; /** Pictures in one run. */ readonly batchImages: number }

/** A model bundle that a library can use, as its manifest describes it. */
export type BundleInfo = {
  /** Unique among those of a library. */
  readonly id: string
  /** Id of the encoder that it makes: features are kept under it. */
  readonly encoderId: string
  readonly name: string
  readonly family: string
  readonly licence: string
  readonly precision: string
  readonly dim: number
  readonly imageSize: number
  /** Tokens of a text, at most. */
  readonly contextLength: number
  readonly sizeBytes: number
  /** Came with the app or was named when the engine started; it cannot be removed. */
  readonly isOwn: boolean
}

export type BundleFinding = { readonly state: 'ok' | 'note'; readonly topic: string; readonly sentence: string }

export type AddedBundle = {
  readonly bundle: BundleInfo
  readonly findings: readonly BundleFinding[]
  /** It was there before; nothing was changed. */
  readonly wasThere: boolean
}

/** `name` as the hub has it: `owner/model`. */
export type HubRequest = {
  readonly name: string
  readonly revision?: string | undefined
  readonly precision?: string | undefined
}

export type HubPlan = {
  readonly licence: string | null
  readonly commit: string
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[]
  readonly totalBytes: number
}

/** The model bundles of a library. */
export interface BundleStore {
  /** The engine's own one first. A bundle whose manifest cannot be read is left out. */
  list(): Promise<BundleInfo[]>
  /** From a folder or a ZIP archive. @throws AppError `encoder.invalid`, `input.missing`, `disk.full` */
  add(
    options: { readonly source: string; readonly name?: string | undefined; readonly precision?: string | undefined },
    context: { readonly signal: AbortSignal; readonly onStage: (stage: string) => void },
  ): Promise<AddedBundle>
  /** What a download from the hub would fetch; asks for lists only. @throws AppError `network.failed`, `encoder.invalid` */
  plan(request: HubRequest, signal: AbortSignal): Promise<HubPlan>
  /** Fetches what was planned and adds it. Stopped, the next call for the same goes on. */
  download(
    request: HubRequest & { readonly name: string },
    context: {
      readonly signal: AbortSignal
      readonly onStage: (stage: string) => void
      readonly onBytes: (done: number, total: number) => void
    },
  ): Promise<AddedBundle & { readonly downloadedBytes: number }>
  /** Deletes its files. */
  remove(id: string): Promise<void>
  /** Nothing heavy happens before its first use. @throws AppError `encoder.missing`, `encoder.invalid` */
  open(id: string): Promise<FeatureEncoder>
  /** Cut below its last blocks of pictures. @throws AppError `encoder.missing`, `encoder.invalid`; `usage` when it has fewer */
  cut(id: string, blocks: number): Promise<CutEncoder>
  /** The same of texts. @param texts all that will be encoded, where any will */
  cutTexts(id: string, blocks: number, texts?: readonly string[]): Promise<CutTexts>
  /** It with other graphs in place of its own. @throws AppError `encoder.missing`, `encoder.invalid` */
  openWith(id: string, graphs: TrainedGraphs): Promise<Pick<FeatureEncoder, 'encodeImages' | 'encodeTexts' | 'dispose'>>
  /**
   * Writes the bundle with other graphs and further files as a folder that can be added to a library.
   * @throws AppError `input.invalid` when something is there already, `disk.full`
   */
  write(
    id: string,
    bundle: {
      readonly folder: string
      readonly name: string
      readonly graphs: TrainedGraphs
      /** By file name. */
      readonly further: Readonly<Record<string, Uint8Array>>
    },
  ): Promise<{ readonly files: readonly string[]; readonly sizeBytes: number }>
}

/**
 * What the services need from the heavy modules, as narrow seams: reading videos, encoding, towers and training. The
 * adapters that meet them with the real modules are in this folder; tests pass fakes.
 */
import type { FrameFit } from '../base/index.ts'
import type { Device } from '../contract/index.ts'
import type { TextActivations } from '../encoders/index.ts'
import type { SplitModel } from '../graph/index.ts'
import type {
  BlockSettings,
  Half,
  PlanWishes,
  Recovery,
  RunCost,
  TextRows,
  TrainedStep,
  TrainingWork,
  UpperModels,
} from '../training/index.ts'

export type ReadFrame = { readonly timeSeconds: number; /** [S, S, 3] uint8, RGB */ readonly rgb: Uint8Array }

export type ReadShot = {
  /** Half-open [startSeconds, endSeconds). */
  readonly startSeconds: number
  readonly endSeconds: number
  readonly poster: Uint8Array | null
  /** At least one, in order of time. */
  readonly frames: readonly ReadFrame[]
  /** Reading may begin anew at its end (`fromSeconds`) and gives the same from there on. */
  readonly isResumePoint?: boolean
  /** On the first shot of a video: its first shown moment, as decoded. */
  readonly shownFromSeconds?: number
  /** On the last shot: the last shown moment, and what the file claims when it was cut off before. */
  readonly ending?: { readonly shownToSeconds: number; readonly cutOffFromSeconds?: number | undefined }
}

/** `durationSeconds` is 0 when the container does not say. */
export type VideoInfo = { readonly probe: unknown; readonly durationSeconds: number }
export type VideoRefusal = { readonly reason: string; readonly sentence: string }

/** A video that was read whole. */
export type ReadVideo = {
  /** Place of its path among those that were asked for. */
  readonly index: number
  readonly info: VideoInfo
  readonly shots: readonly ReadShot[]
}

/** The square pictures that an encoder takes, and how others become such; null: as `main/media` does it by itself. */
export type FrameSize = { readonly imageSize: number; readonly imageFit: FrameFit | null }

/** Reads one video in one decode. Shots come in order of time, each once its frames are complete. */
export interface VideoReader {
  /** Reads what can be read several at a time; all that it leaves out is read with `probe` and `shots`. */
  together?(paths: readonly string[], options: FrameSize & { signal: AbortSignal }): AsyncIterable<ReadVideo>
  /** Resolves with a refusal (never throws one) for a file that is no usable video. */
  probe(path: string, signal: AbortSignal): Promise<VideoInfo | { readonly refusal: VideoRefusal }>
  /** @throws RefusedVideo when the decode shows that the file cannot be used */
  shots(
    path: string,
    info: VideoInfo,
    options: FrameSize & { /** Default: from the start. */ fromSeconds?: number | undefined; signal: AbortSignal },
  ): AsyncIterable<ReadShot>
  /** Versions of ffmpeg and ffprobe in one sentence. @throws AppError `media.toolMissing` */
  version(signal: AbortSignal): Promise<string>
}

/** Thrown by a reader half-way through a file. */
export class RefusedVideo extends Error {
  readonly refusal: VideoRefusal
  constructor(refusal: VideoRefusal) {
    super(refusal.sentence)
    this.name = 'RefusedVideo'
    this.refusal = refusal
  }
}

/** What a player must know of a file: null when it cannot be read as a video. */
export type PlayableFile = {
  /** Why players cannot show it, in words such as `ProRes video`; null when they can. */
  readonly obstacle: string | null
  readonly durationSeconds: number
  /** As the media tools need it back. */
  readonly facts: unknown
}

/** What a window needs of ffmpeg beside indexing. Failures of the work are sentences, not errors. */
export interface MediaTools {
  inspect(path: string, signal: AbortSignal): Promise<PlayableFile | null>
  /** Seconds, ascending. */
  frameTimes(
    path: string,
    file: PlayableFile,
    stretch: { start: number; end: number },
    signal: AbortSignal,
  ): Promise<number[]>
  /** Extension of the files that `makePreview` writes. */
  readonly previewExtension: string
  makePreview(
    path: string,
    target: string,
    file: PlayableFile,
    options: { signal: AbortSignal; onFraction: (fraction: number) => void },
  ): Promise<string | null>
  clipExtension(path: string, mode: 'exact' | 'fast'): string
  cutClip(
    path: string,
    target: string,
    options: {
      start: number
      end: number
      mode: 'exact' | 'fast'
      durationSeconds?: number | null
      signal: AbortSignal
    },
  ): Promise<string | null>
  /** Pixels of a still picture [S, S, 3] uint8, or why it cannot be read. `path` is a file that the caller owns. */
  picture(path: string, size: FrameSize, signal: AbortSignal): Promise<Uint8Array | { readonly refusal: VideoRefusal }>
}

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

/** The trained part (or, without weights, the plain mean of the frames): trunk features to embeddings of unit length. */
export interface Tower {
  /** frames [N, T, D], mask [N, T] -> [N, D] */
  videos(frames: Float32Array, mask: Float32Array, count: number): Promise<Float32Array>
  /** [N, D] -> [N, D]; over what lies below trained blocks, with what these read too */
  texts(features: Float32Array, count: number, side?: TextRows['textSide']): Promise<Float32Array>
  dispose(): Promise<void>
}

/** Pairs as features, or as what lies below trained blocks. Row i of `frames` and `texts` belong together. */
export type PairFeatures = TextRows & {
  readonly ids: readonly string[]
  /** [N, T, D], or what lies below trained blocks. Empty where `framesOf` is given. */
  readonly frames: Float32Array
  /** The frames of some rows, where all together would not fit into memory. */
  readonly framesOf?: ((rows: readonly number[]) => Float32Array) | undefined
  /** [N, T] */
  readonly mask: Float32Array
  /** The texts of some rows, as `framesOf`. */
  readonly textsOf?: ((rows: readonly number[]) => TextRows) | undefined
  /** Names what the pair shows; equal names must not count as negatives of each other. */
  readonly concepts: readonly string[]
}

export type TrainingRequest = {
  /** As the trainer made it, perhaps in an earlier version of the app. */
  readonly plan: unknown
  /** What lies above the cuts that frames and texts were taken at; as the plan has it. */
  readonly upper?: UpperModels | undefined
  /** With `upper`: the same pairs with the encoder's features, on which settings are tried for a small part of the time. */
  readonly trialsOn?: { readonly pairs: PairFeatures; readonly metaSet: PairFeatures } | undefined
  readonly device: Device
  readonly pairs: PairFeatures
  readonly metaSet: PairFeatures
  readonly heldOut: PairFeatures
  readonly checkpoint?: Uint8Array | undefined
  readonly signal: AbortSignal
  /** Called after each epoch; records are in the order of `pairs`. */
  onEpoch(epoch: TrainedEpoch): void
  /** Called after each step, of trials too. */
  onStep?(step: TrainedStep): void
  /** The run met numbers that are not finite and goes on from its last good epoch. */
  onRecovery?(recovery: Recovery): void
  /** Something that the user should know of the run, as a sentence. */
  onNote?(message: string): void
  /** A resumable state, after an epoch. */
  onCheckpoint(bytes: Uint8Array, epoch: number): void
}

export type TrainedEpoch = {
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  readonly meanLoss: number
  /** Loss on the meta-set; null where no weights are learned. */
  readonly meanMetaLoss?: number | null
  readonly heldOutScore: number | null
  /** [N] */
  readonly loss: Float32Array
  readonly weight: Float32Array
}

export type TrainingResult = {
  readonly weights: Uint8Array
  readonly marginRadians: number
  /** How much of the learned change was kept, 0..1. */
  readonly learnedShare: number
  readonly epochs: number
  readonly recoveries?: readonly Recovery[]
  /** Provider that did the work, and why that one, as one sentence. */
  readonly device: string
  readonly deviceReason: string
  /** How the tower is built; comes back to `openTower`. */
  readonly config: unknown
}

export interface Trainer {
  /** The wishes with every default filled in, as JSON: what is recorded with a run. */
  plan(wishes: PlanWishes): unknown
  /** What the wishes come to, before anything is loaded. */
  work(wishes: Omit<PlanWishes, 'dim' | 'frameCount'>): TrainingWork
  /**
   * Whether a run has the memory that it needs, and what its steps cost.
   * @throws AppError `training.tooLarge` with both numbers
   */
  checkMemory(run: {
    readonly plan: unknown
    readonly upper: UpperModels
    readonly pairs: number
    readonly metaSet: number
    /** Bytes of what is trained on that will be held in memory. */
    readonly heldBytes: number
  }): RunCost
  /** Whether `train` can follow a recorded plan. */
  understandsPlan(plan: unknown): boolean
  train(request: TrainingRequest): Promise<TrainingResult>
  /** Epoch that a checkpoint was written after. @throws CheckpointProblem when it cannot be used */
  checkpointEpoch(checkpoint: Uint8Array): number
  /** With `blocks` over the activations at a cut; without them over the features that the version's encoder makes. */
  openTower(options: {
    weights: Uint8Array | null
    config: unknown
    dim: number
    frameCount: number
    blocks?: { readonly upper: UpperModels; readonly settings: BlockSettings } | undefined
  }): Promise<Tower>
  /** A graph of the encoder with the blocks that a version trained. */
  trainedGraph(
    half: Half,
    weights: Uint8Array,
    cut: Pick<CutHalf, 'model' | 'bytes'>,
    settings: BlockSettings,
  ): Uint8Array
  /** The tower of a version as ONNX graphs that any runtime can load, by file name. */
  towerGraphs(weights: Uint8Array, config: unknown): Readonly<Record<string, Uint8Array>>
}

/** What training blocks of an encoder comes to, read from its graphs. */
export type BlockCost = {
  /** Blocks that can be trained; null where none of these were asked for. */
  readonly found: { readonly pictures: number | null; readonly texts: number | null }
  /** Null where more were asked for than there are. */
  readonly run:
    | (RunCost & {
        /** Of pictures, as `CutEncoder` has it; null where none of their blocks are trained. */
        readonly cut: { readonly id: string; readonly dim: number } | null
        /** Bytes of a text below the blocks, as it is kept and as it is computed with; null where none of texts are trained. */
        readonly text: { readonly stored: number; readonly decoded: number } | null
      })
    | null
}

/** What a run with blocks is asked for, as `Trainer.plan` takes it, and what else it has. */
export type BlockWishes = PlanWishes & {
  readonly blocks: BlockSettings
  /** Trusted pairs. */
  readonly metaSet: number
  /** All texts of the run, which have a length. */
  readonly texts: readonly string[]
}

export interface BlockCosts {
  /** Beside the engine's own work, and remembered. @throws AppError `encoder.missing`, `encoder.invalid` */
  of(bundle: string, wishes: BlockWishes): Promise<BlockCost>
}

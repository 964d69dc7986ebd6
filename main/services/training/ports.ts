/** What training needs of the numeric layers: a trainer, and what training blocks of an encoder would cost. */
import type { Device } from '../../contract/index.ts'
import type {
  BlockSettings,
  PlanWishes,
  Recovery,
  RunCost,
  TextRows,
  TrainedStep,
  TrainingWork,
  UpperModels,
} from '../../training/index.ts'
import type { Towers } from '../models/index.ts'

/** Pairs as features, or as what lies below trained blocks. Row i of `frames` and `texts` belong together. */
export type PairFeatures = TextRows & {
  readonly ids: readonly string[]
  /** The texts themselves. */
  readonly strings: readonly string[]
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
  /** With `upper`: the same pairs with the encoder's finished features, which say what it made of them before training. */
  readonly plain?: { readonly pairs: PairFeatures; readonly metaSet: PairFeatures } | undefined
  /** Whether the encoder knows a word; a word that it does not know gets a vector of its own. */
  readonly knowsWord: (word: string) => boolean
  readonly device: Device
  readonly pairs: PairFeatures
  readonly metaSet: PairFeatures
  readonly heldOut: PairFeatures
  readonly checkpoint?: Uint8Array | undefined
  readonly signal: AbortSignal
  /** Called after each epoch; records are in the order of `pairs`. */
  onEpoch(epoch: TrainedEpoch): void
  /** Called after each step. */
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
  /** Pairs that a batch leans on, as a share of it, (0, 1]; 1 where no weights are learned. */
  readonly effectiveShare?: number
}

export type TrainingResult = {
  readonly weights: Uint8Array
  readonly marginRadians: number
  /** Words of the library's own that have a vector, and how many of them were in two texts only. */
  readonly lexicon: { readonly words: number; readonly rare: number }
  readonly epochs: number
  /** [N]: how likely each pair is wrong, 0..1; left out where too few pairs can be compared. */
  readonly doubts?: Float32Array | undefined
  readonly recoveries?: readonly Recovery[]
  /** Provider that did the work, and why that one, as one sentence. */
  readonly device: string
  readonly deviceReason: string
  /** How the tower is built; comes back to `openTower`. */
  readonly config: unknown
}

export interface Trainer extends Towers {
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
  /** Whether `train` can follow a recorded plan, and whether it is one of an earlier version of the app where it cannot. */
  understandsPlan(plan: unknown): boolean
  isEarlierPlan(plan: unknown): boolean
  train(request: TrainingRequest): Promise<TrainingResult>
  /** Epoch that a checkpoint was written after. @throws CheckpointProblem when it cannot be used */
  checkpointEpoch(checkpoint: Uint8Array): number
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
  /** All texts of the run, which have a length. */
  readonly texts: readonly string[]
}

export interface BlockCosts {
  /** Beside the engine's own work, and remembered. @throws AppError `encoder.missing`, `encoder.invalid` */
  of(bundle: string, wishes: BlockWishes): Promise<BlockCost>
}

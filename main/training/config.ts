/** All hyper-parameters of a training run in one place, with unit, default and source. */

/**
 * `infonce` is the plain contrastive loss; `angular` adds the margin; `reweight` adds learned sample weights; `mama` is
 * both. All four are the same code with parts switched off.
 */
export type Objective = 'infonce' | 'angular' | 'reweight' | 'mama'

/** `hinge`: a positive closer than the margin is left alone. `reflect`: the authors' release, see the reference. */
export type MarginMode = 'hinge' | 'reflect'

export type TrainingConfig = {
  readonly objective: Objective
  /** Subtracted from the angle of each matching pair, radians. Ignored (0) by `infonce` and `reweight`. */
  readonly marginRadians: number
  readonly marginMode: MarginMode
  /** Margin of the meta loss, radians: trusted pairs are judged without slack. */
  readonly metaMarginRadians: number
  /** Learning rate of the virtual step through which the weights are judged. */
  readonly lookAheadRate: number
  /** False: the weighting network sees the losses as constants (Meta-Weight-Net). True: as the authors released it. */
  readonly attachedWeights: boolean
  /** `exact`: pairs are weighed anew after the weighting network has moved. `lagged`: see WeightStep; a pass cheaper. */
  readonly weightUpdate: 'exact' | 'lagged'
  /** The weighting network moves in the first of this many steps; the others cost little more than a plain one. */
  readonly weightUpdateEvery: number
  /** Learning rate of the margin on the meta-set, radians a step. 0: the margin stays as it is. Only for `mama`. */
  readonly marginLearningRate: number
  /** Between these a learned margin stays, radians. */
  readonly marginBoundsRadians: readonly [number, number]
  readonly epochs: number
  /** Pairs per step; fewer when there are not as many. */
  readonly batchSize: number
  /**
   * Pairs that are encoded at a time: memory grows with these instead of the batch, the gradient stays that of the
   * whole batch, and the batch is encoded twice or more often for it. 0: all of them at once.
   */
  readonly encodeChunk: number
  /** Trusted pairs per step; fewer when there are not as many. */
  readonly metaBatchSize: number
  readonly learningRate: number
  /** What the learning rate is multiplied by for vectors of the lexicon, which know nothing at the start. */
  readonly lexiconRateFactor: number
  readonly weightNetLearningRate: number
  /** Epochs before the weighting network begins to move: the losses of words that nobody knows yet say nothing. */
  readonly weightNetDelayEpochs: number
  readonly weightDecay: number
  /** Largest global gradient norm. */
  readonly clipNorm: number
  /** Part of all steps during which the learning rate rises. */
  readonly warmUpFraction: number
  /** Multiplies cosines at the start; learned from there. */
  readonly initialLogitScale: number
  /** Upper bound of the learned scale (CLIP's). */
  readonly maxLogitScale: number
  /** Hidden units of the weighting network. */
  readonly weightNetHidden: number
  /** Whether the weighting network also sees the loss of a pair before training (see start-losses.ts). */
  readonly weighsStartLoss: boolean
  /** How often an epoch trains on each trusted pair too; 0: they only judge the weights, as in the paper. */
  readonly trustedRepeats: number
  /** Weight of the keeping term (see keeping-loss.ts); 0: there is none. */
  readonly keepWeight: number
  readonly seed: number
}

export const defaultTrainingConfig: TrainingConfig = {
  objective: 'mama',
  marginRadians: 0.005,
  marginMode: 'hinge',
  metaMarginRadians: 0,
  lookAheadRate: 0.1,
  attachedWeights: false,
  weightUpdate: 'exact',
  weightUpdateEvery: 1,
  marginLearningRate: 0,
  marginBoundsRadians: [0, 0.2],
  epochs: 20,
  batchSize: 128,
  encodeChunk: 0,
  metaBatchSize: 64,
  learningRate: 3e-4,
  lexiconRateFactor: 6,
  weightNetLearningRate: 6e-3,
  weightNetDelayEpochs: 0,
  weightDecay: 0.05,
  clipNorm: 1,
  warmUpFraction: 0.1,
  initialLogitScale: 20,
  maxLogitScale: 100,
  weightNetHidden: 64,
  weighsStartLoss: true,
  trustedRepeats: 3,
  keepWeight: 2,
  seed: 1,
}

/** Which parts of MAMA an objective uses. */
export function partsOf(objective: Objective): { margin: boolean; weights: boolean } {
  return {
    margin: objective === 'angular' || objective === 'mama',
    weights: objective === 'reweight' || objective === 'mama',
  }
}

/** Steps that a run should have at least: fewer, and a small catalogue's towers hardly leave their start. */
const leastSteps = 140

/** Passes over a catalogue of one batch. */
const mostEpochs = 100

/** From here on a batch has the default size; smaller catalogues take half of it, which was as good at half the cost. */
const rowsOfLargeBatches = 600

/** Pairs a step for so many rows of an epoch, trusted pairs included. */
export function batchSizeFor(rows: number): number {
  const { batchSize } = defaultTrainingConfig
  return rows < rowsOfLargeBatches ? batchSize / 2 : batchSize
}

/** Epochs of a run over so many rows when nobody asked for a number: the default, fewer or more for few steps an epoch. */
export function epochsFor(rows: number, { epochs, batchSize }: Pick<TrainingConfig, 'epochs' | 'batchSize'>): number {
  const stepsPerEpoch = Math.ceil(rows / Math.min(batchSize, rows))
  return Math.min(Math.max(epochs, Math.ceil(leastSteps / stepsPerEpoch)), mostEpochs)
}

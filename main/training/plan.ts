/**
 * What a run will do, with every default filled in, as it is recorded with the run. A run that was stopped goes on with
 * the plan that it started with, even when a newer version of the app has other defaults.
 */
import { z } from 'zod'
import { objectives } from '../contract/index.ts'
import { blendShares } from './blend.ts'
import { blockSettingsSchema, blockSteps, type BlockSettings } from './block-settings.ts'
import { marginCandidates, trialEpochsOf, trialsFor, weightingCandidates, type Settings } from './choose-settings.ts'
import { defaultTrainingConfig, epochsFor, partsOf, type Objective, type TrainingConfig } from './config.ts'
import { defaultTemporalTower, type TemporalTowerConfig } from './towers.ts'

/** Raised when a plan gets another meaning; fields that are added or removed change it by themselves. */
const planFormat = 2

const count = z.number().int().min(1)

const configSchema = z.strictObject({
  objective: z.enum(objectives),
  marginMode: z.enum(['hinge', 'reflect']),
  metaMarginRadians: z.number(),
  lookAheadRate: z.number(),
  attachedWeights: z.boolean(),
  // What came later has the value that it had before it could be chosen, so that older plans go on.
  weightUpdate: z.enum(['exact', 'lagged']).default('exact'),
  weightUpdateEvery: count.default(1),
  marginLearningRate: z.number().default(0),
  marginBoundsRadians: z.tuple([z.number(), z.number()]).readonly().default([0, 0.2]),
  encodeChunk: z.number().int().min(0).default(0),
  epochs: count,
  batchSize: count,
  metaBatchSize: count,
  learningRate: z.number(),
  weightDecay: z.number(),
  clipNorm: z.number(),
  warmUpFraction: z.number(),
  initialLogitScale: z.number(),
  maxLogitScale: z.number(),
  weightNetHidden: count,
  weighsStartLoss: z.boolean().default(false),
  trustedRepeats: z.number().int().min(0).default(0),
  keepWeight: z.number().min(0).default(0),
  seed: z.number().int(),
}) satisfies z.ZodType<Omit<TrainingConfig, keyof Settings>>

const towerSchema = z.strictObject({
  width: count,
  frames: count,
  blocks: z.number().int().min(0),
  heads: count,
  mlpRatio: z.number(),
  textHidden: count,
  masked: z.boolean(),
}) satisfies z.ZodType<TemporalTowerConfig>

const planSchema = z.strictObject({
  format: z.literal(planFormat),
  config: configSchema,
  /** Radians. Several: the run chooses one of them on the meta-set. */
  margins: z.array(z.number().min(0)).min(1),
  /** Several: the run chooses one of them on the meta-set. */
  weightings: z
    .array(z.strictObject({ weightNetLearningRate: z.number().min(0), weightNetDelayEpochs: z.number().int().min(0) }))
    .min(1),
  /** The run chooses one of these on the meta-set (see blend.ts). */
  shares: z.array(z.number().min(0).max(1)).min(1),
  tower: towerSchema,
  /** Blocks of the encoder that are trained below the tower; left out: none. */
  trained: blockSettingsSchema.optional(),
})

export type TrainingPlan = Readonly<z.infer<typeof planSchema>>

/** What somebody asks of a run, and what there is to train on. */
export type PlanWishes = {
  readonly objective: Objective
  /** Undefined: chosen by the run, on the meta-set. Has no meaning for an objective without a margin. */
  readonly marginRadians?: number | undefined
  /** Undefined: chosen by the run, on the meta-set. */
  readonly learnedShare?: number | undefined
  /** Undefined: by the number of pairs. */
  readonly epochs?: number | undefined
  readonly seed: number
  /** Undefined: the towers alone. */
  readonly blocks?: BlockSettings | undefined
  /** How many there are to train on. */
  readonly pairs: number
  /** D, width of the trunk's features. */
  readonly dim: number
  /** T */
  readonly frameCount: number
}

export function planTraining({ dim, frameCount, ...wishes }: PlanWishes): TrainingPlan {
  return {
    format: planFormat,
    ...settingsFor(wishes),
    shares: wishes.learnedShare === undefined ? [...blendShares] : [wishes.learnedShare],
    tower: temporalTowerFor(dim, frameCount),
    ...(wishes.blocks && { trained: wishes.blocks }),
  }
}

type PlannedSettings = Pick<TrainingPlan, 'config' | 'margins' | 'weightings'>

function settingsFor({ objective, seed, pairs, ...wishes }: Omit<PlanWishes, 'dim' | 'frameCount'>): PlannedSettings {
  const usual: TrainingConfig = { ...defaultTrainingConfig, ...(wishes.blocks && blockSteps(wishes.blocks)) }
  const { marginRadians: _, weightNetLearningRate, weightNetDelayEpochs, ...defaults } = usual
  const { margin, weights } = partsOf(objective)
  const margins = wishes.marginRadians === undefined ? [...marginCandidates] : [wishes.marginRadians]
  return {
    config: { ...defaults, objective, seed, epochs: wishes.epochs ?? epochsFor(pairs, usual) },
    margins: margin ? margins : [0],
    weightings: weights ? [...weightingCandidates] : [{ weightNetLearningRate, weightNetDelayEpochs }],
  }
}

/** How much there is to do. */
export type TrainingWork = {
  readonly epochs: number
  /** Epochs of all trials before the run proper. */
  readonly trialEpochs: number
  /** Pairs a step. */
  readonly batchSize: number
}

/** The work that a request comes to; nothing of it depends on the features' width. */
export function workFor(wishes: Omit<PlanWishes, 'dim' | 'frameCount'>): TrainingWork {
  const { config, ...candidates } = settingsFor(wishes)
  return {
    epochs: config.epochs,
    trialEpochs: trialsFor(candidates) * trialEpochsOf(config.epochs),
    batchSize: Math.min(config.batchSize, wishes.pairs),
  }
}

/** The plan as it was recorded; undefined when this version of the app does not understand it. */
export function readPlan(recorded: unknown): TrainingPlan | undefined {
  return planSchema.safeParse(recorded).data
}

/** The tower over trunk features of width `dim`; its heads must divide the width. */
function temporalTowerFor(dim: number, frameCount: number): TemporalTowerConfig {
  const heads = [defaultTemporalTower.heads, 2, 1].find((candidate) => dim % candidate === 0)!
  return { ...defaultTemporalTower, heads, width: dim, frames: frameCount, textHidden: 2 * dim }
}

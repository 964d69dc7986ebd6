/**
 * What a run will do, with every default filled in, as it is recorded with the run. A run that was stopped goes on with
 * the plan that it started with, even when a newer version of the app has other defaults.
 */
import { z } from 'zod'
import { objectives } from '../contract/index.ts'
import { blockSettingsSchema, blockSteps, type BlockSettings } from './block-settings.ts'
import {
  batchSizeFor,
  defaultTrainingConfig,
  epochsFor,
  partsOf,
  type Objective,
  type TrainingConfig,
} from './config.ts'
import { defaultTemporalTower, type TemporalTowerConfig } from './towers.ts'

/** Raised when a plan gets another meaning; fields that are added or removed change it by themselves. */
const planFormat = 4

const count = z.number().int().min(1)

const configSchema = z.strictObject({
  objective: z.enum(objectives),
  marginMode: z.enum(['hinge', 'reflect']),
  metaMarginRadians: z.number(),
  lookAheadRate: z.number(),
  attachedWeights: z.boolean(),
  marginRadians: z.number().min(0),
  weightUpdate: z.enum(['exact', 'lagged']),
  weightUpdateEvery: count,
  marginLearningRate: z.number(),
  marginBoundsRadians: z.tuple([z.number(), z.number()]).readonly(),
  encodeChunk: z.number().int().min(0),
  epochs: count,
  batchSize: count,
  metaBatchSize: count,
  learningRate: z.number(),
  lexiconRateFactor: z.number().gt(0),
  weightDecay: z.number(),
  clipNorm: z.number(),
  warmUpFraction: z.number(),
  initialLogitScale: z.number(),
  maxLogitScale: z.number(),
  weightNetLearningRate: z.number().min(0),
  weightNetDelayEpochs: z.number().int().min(0),
  weightNetHidden: count,
  weighsStartLoss: z.boolean(),
  trustedRepeats: z.number().int().min(0),
  keepWeight: z.number().min(0),
  seed: z.number().int(),
}) satisfies z.ZodType<TrainingConfig>

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
  tower: towerSchema,
  /** Blocks of the encoder that are trained below the tower; left out: none. */
  trained: blockSettingsSchema.optional(),
})

export type TrainingPlan = Readonly<z.infer<typeof planSchema>>

/** What somebody asks of a run, and what there is to train on. */
export type PlanWishes = {
  readonly objective: Objective
  /** Undefined: the default. Has no meaning for an objective without a margin. */
  readonly marginRadians?: number | undefined
  /** Undefined: by the number of pairs and trusted pairs. */
  readonly epochs?: number | undefined
  readonly seed: number
  /** Undefined: the towers alone. */
  readonly blocks?: BlockSettings | undefined
  /** How many there are to train on, and how many trusted pairs. */
  readonly pairs: number
  readonly metaSet: number
  /** D, width of the trunk's features. */
  readonly dim: number
  /** T */
  readonly frameCount: number
}

export function planTraining({ dim, frameCount, ...wishes }: PlanWishes): TrainingPlan {
  return {
    format: planFormat,
    config: configFor(wishes),
    tower: temporalTowerFor(dim, frameCount),
    ...(wishes.blocks && { trained: wishes.blocks }),
  }
}

function configFor({
  objective,
  seed,
  pairs,
  metaSet,
  blocks,
  epochs,
  marginRadians = defaultTrainingConfig.marginRadians,
}: Omit<PlanWishes, 'dim' | 'frameCount'>): TrainingConfig {
  const rows = pairs + defaultTrainingConfig.trustedRepeats * metaSet
  const usual: TrainingConfig = {
    ...defaultTrainingConfig,
    batchSize: batchSizeFor(rows),
    ...(blocks && blockSteps(blocks)),
  }
  return {
    ...usual,
    ...{ objective, seed, marginRadians: partsOf(objective).margin ? marginRadians : 0 },
    epochs: epochs ?? epochsFor(rows, usual),
  }
}

/** How much there is to do. */
export type TrainingWork = {
  readonly epochs: number
  readonly stepsPerEpoch: number
  /** Pairs a step. */
  readonly batchSize: number
}

/** The work that a request comes to; nothing of it depends on the features' width. */
export function workFor(wishes: Omit<PlanWishes, 'dim' | 'frameCount'>): TrainingWork {
  const { epochs, ...config } = configFor(wishes)
  const rows = wishes.pairs + config.trustedRepeats * wishes.metaSet
  const batchSize = Math.min(config.batchSize, rows)
  return { epochs, stepsPerEpoch: Math.ceil(rows / batchSize), batchSize }
}

/** Whether a recorded plan is of an earlier version of the app, whose runs cannot go on in this one. */
export function isEarlierPlan(recorded: unknown): boolean {
  const format = z.looseObject({ format: z.number() }).safeParse(recorded).data?.format
  return format !== undefined && format < planFormat
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

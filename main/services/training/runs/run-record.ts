/** What a training run records about itself: what was asked for, and the plan that this came to. */
import { z } from 'zod'
import { AppError, objectives, type ProcedureInput } from '../../../contract/index.ts'
import type { Library, Run } from '../../../storage/index.ts'
import { blockSettingsSchema, type BlockSettings } from '../../../training/index.ts'
import type { Trainer } from '../ports.ts'

/** What makes two requests the same run. The device is no part of it: a run may go on elsewhere. */
export type RunWishes = Pick<ProcedureInput<'train'>, 'objective' | 'marginRadians' | 'epochs' | 'seed'> & {
  readonly blocks?: BlockSettings | undefined
}

/** Blocks know something already: a tenth of the rate is right for all their weights, the whole for low-rank updates. */
const usualRateFactor = { all: 0.1, lowRank: 1 } as const

export function wishesOf({ blocks, ...input }: ProcedureInput<'train'>): RunWishes {
  const { objective, marginRadians, epochs, seed } = input
  const wishes = { objective, marginRadians, epochs, seed }
  if (blocks === undefined) return wishes
  const { count, texts = 0, rank = null, rateFactor = usualRateFactor[rank === null ? 'all' : 'lowRank'] } = blocks
  return { ...wishes, blocks: { blocks: count, rank, rateFactor, ...(texts > 0 && { texts }) } }
}

/** Whether somebody who leaves the rate open asks for these blocks. */
export function haveUsualRate({ rank, rateFactor }: BlockSettings): boolean {
  return rateFactor === usualRateFactor[rank === null ? 'all' : 'lowRank']
}

const recordSchema = z.object({
  objective: z.enum(objectives),
  /** Null: the default. */
  marginRadians: z.number().nullable(),
  epochs: z.number().nullable(),
  seed: z.number(),
  /** Null: the towers alone. */
  blocks: blockSettingsSchema.nullable().default(null),
  /** As `Trainer.plan` made it. Runs of the first version of the app have none. */
  plan: z.unknown().optional(),
})

export type RunRecord = z.infer<typeof recordSchema>

export function recordOf(wishes: RunWishes, plan: unknown): RunRecord {
  const { objective, marginRadians = null, epochs = null, seed, blocks = null } = wishes
  return { objective, marginRadians, epochs, seed, blocks, plan }
}

/** What a run was asked for; undefined where its record is not understood. */
export function askedOf({ config }: Pick<Run, 'config'>): RunWishes | undefined {
  const { data } = recordSchema.safeParse(config)
  if (data === undefined) return undefined
  const { objective, marginRadians, epochs, seed, blocks } = data
  return {
    ...{ objective, seed, marginRadians: marginRadians ?? undefined },
    ...{ epochs: epochs ?? undefined, blocks: blocks ?? undefined },
  }
}

/**
 * The newest run that was asked for in the same words and did not come to its end.
 *
 * @param dataHash only a run on these data; undefined: on any
 */
export function unfinishedRun(library: Library, wishes: RunWishes, dataHash?: string): Run | undefined {
  const wanted = JSON.stringify(recordOf(wishes, undefined))
  return library.runs.all().find((run) => {
    const earlier = askedOf(run)
    return (
      (run.state === 'running' || run.state === 'paused') &&
      (dataHash === undefined || run.dataHash === dataHash) &&
      earlier !== undefined &&
      JSON.stringify(recordOf(earlier, undefined)) === wanted
    )
  })
}

/**
 * `resume`: with the plan of the record. `restart`: nothing of the run is worth keeping; `note` says why where the user
 * would have expected it to go on.
 */
export type Resumption =
  | { readonly kind: 'resume'; readonly plan: unknown; readonly note: string | null }
  | { readonly kind: 'restart'; readonly note: string | null }

/**
 * Whether an unfinished run can go on, and with which plan. Pure.
 *
 * @param plan what the same request comes to in this version of the app
 * @throws AppError `library.newer` when the recorded plan is not understood
 */
export function resumptionOf(
  run: Pick<Run, 'config' | 'hasCheckpoint'>,
  plan: unknown,
  trainer: Pick<Trainer, 'understandsPlan' | 'isEarlierPlan'>,
): Resumption {
  if (!run.hasCheckpoint) return { kind: 'restart', note: null }
  const recorded = recordSchema.parse(run.config).plan
  if (recorded === undefined || recorded === null) {
    const note =
      'A run that was stopped before does not say which settings it had, so it cannot go on. Training starts anew.'
    return { kind: 'restart', note }
  }
  if (trainer.isEarlierPlan(recorded)) {
    const note =
      'A run that was stopped before was started by an earlier version of the app, which learned in another way. Training starts anew.'
    return { kind: 'restart', note }
  }
  if (!trainer.understandsPlan(recorded)) {
    const message =
      'A run with these choices was stopped, and another version of the app recorded its settings in a way that this version does not understand. Update the app to go on with it, or choose another seed (--seed) to start a new run.'
    throw new AppError('library.newer', message)
  }
  const isSame = JSON.stringify(recorded) === JSON.stringify(plan)
  const note = isSame
    ? null
    : 'The default settings have changed since this run was started. It goes on with those that it started with.'
  return { kind: 'resume', plan: recorded, note }
}

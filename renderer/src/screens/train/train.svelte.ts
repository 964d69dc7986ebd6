/** Training: what is asked for, what that would mean, the run that is shown, and what came out of it. */
import type { Client, Device, Objective, ProcedureOutput, TrainRequest } from '../../../../main/contract/index.ts'
import { Resource } from '../../state/resource.svelte.ts'
import { rankOf, usualRank } from './block-choices.ts'

export type Preflight = ProcedureOutput<'preflight'>
export type RunDetail = ProcedureOutput<'run'>
export type Comparison = ProcedureOutput<'compare'>

export class Training {
  objective = $state<Objective>('mama')
  /** Null: chosen on the held-out exemplars. */
  marginRadians = $state<number | null>(null)
  /** Null: by the size of the catalogue. */
  epochs = $state<number | null>(null)
  device = $state<Device>('auto')
  /** Last blocks of the encoder that are trained too; 0: none. */
  blockCount = $state(0)
  isLowRank = $state(false)
  /** Null while the field is empty. */
  rank = $state<number | null>(usualRank)
  shownRun = $state<string | undefined>()
  readonly preflight = new Resource<Preflight>()
  readonly trainable = new Resource<ProcedureOutput<'trainableBlocks'>>()
  readonly runs = new Resource<ProcedureOutput<'runs'>>()
  readonly detail = new Resource<RunDetail>()
  readonly comparison = new Resource<Comparison>()
  readonly #client: Client

  readonly request: TrainRequest = $derived({
    ...{ objective: this.objective, device: this.device, seed: 0 },
    ...(this.marginRadians === null || !this.hasMargin ? {} : { marginRadians: this.marginRadians }),
    ...(this.epochs === null ? {} : { epochs: this.epochs }),
    ...(this.blockCount === 0
      ? {}
      : { blocks: { count: this.blockCount, ...(this.isLowRank ? { rank: rankOf(this.rank) } : {}) } }),
  })

  constructor(client: Client) {
    this.#client = client
  }

  /** An encoder is looked through the first time that so many of its blocks are asked for. */
  get isLooking(): boolean {
    return this.blockCount > 0 && this.preflight.isLoading
  }

  get hasMargin(): boolean {
    return this.objective === 'mama' || this.objective === 'angular'
  }

  get hasWeights(): boolean {
    return this.objective === 'mama' || this.objective === 'reweight'
  }

  async check(): Promise<void> {
    await this.preflight.load((signal) => this.#client.preflight(this.request, { signal }))
  }

  /** How many blocks there are; another encoder may have fewer. */
  async loadTrainable(): Promise<void> {
    const answer = await this.trainable.load((signal) => this.#client.trainableBlocks({}, { signal }))
    if (answer !== undefined && this.blockCount > answer.count) this.blockCount = 0
  }

  async loadRuns(): Promise<void> {
    const answer = await this.runs.load((signal) => this.#client.runs({}, { signal }))
    if (answer !== undefined && this.shownRun === undefined) this.shownRun = answer.runs[0]?.id
  }

  async loadRun(): Promise<void> {
    const run = this.shownRun
    if (run === undefined) return
    await this.detail.load((signal) => this.#client.run({ run }, { signal }))
  }

  async compare(after: string): Promise<void> {
    await this.comparison.load((signal) => this.#client.compare({ before: 'zero-shot', after }, { signal }))
  }
}

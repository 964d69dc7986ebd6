/** Training: what is asked for, what that would mean, the run that is shown, and what came out of it. */
import type { Client, Device, Objective, ProcedureOutput, TrainRequest } from '../../../../main/contract/index.ts'
import { Resource } from '../../state/resource.svelte.ts'
import { blocksAsked, keptCounts, rankOf, usualRank, type Half } from './block-choices.ts'

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
  blockCounts = $state<Record<Half, number>>({ pictures: 0, texts: 0 })
  /** Of both halves. */
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

  readonly #blocks = $derived(blocksAsked(this.blockCounts, this.isLowRank ? rankOf(this.rank) : null))

  readonly request: TrainRequest = $derived({
    ...{ objective: this.objective, device: this.device, seed: 0 },
    ...(this.marginRadians === null || !this.hasMargin ? {} : { marginRadians: this.marginRadians }),
    ...(this.epochs === null ? {} : { epochs: this.epochs }),
    ...(this.#blocks && { blocks: this.#blocks }),
  })

  constructor(client: Client) {
    this.#client = client
  }

  get hasBlocks(): boolean {
    return this.#blocks !== undefined
  }

  /** An encoder is looked through the first time that so many of its blocks are asked for. */
  get isLooking(): boolean {
    return this.hasBlocks && this.preflight.isLoading
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
    if (answer === undefined) return
    const available = { pictures: answer.pictures.count, texts: answer.texts.count }
    Object.assign(this.blockCounts, keptCounts(this.blockCounts, available))
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

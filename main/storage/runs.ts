/** Training runs: config, curves, state and checkpoint. Runs in the engine. */

export type RunState = 'running' | 'paused' | 'finished' | 'cancelled' | 'failed'

export type Run = {
  readonly id: string
  readonly state: RunState
  readonly config: unknown
  readonly seed: number
  /** Names the data the run saw; equal hash, config and seed give an equal run. */
  readonly dataHash: string
  /** The version that came out, if any. */
  readonly modelId: string | null
  /** One plain sentence when the state is failed. */
  readonly failure: string | null
  readonly hasCheckpoint: boolean
  readonly startedAtMs: number
  readonly endedAtMs: number | null
}

/** What one epoch recorded, as the trainer wrote it. */
export type RunEpoch = { readonly epoch: number; readonly values: unknown }

export type RunStore = {
  /** Starts a run in the state `running`. */
  create(run: { readonly config: unknown; readonly seed: number; readonly dataHash: string }): Run
  get(id: string): Run | undefined
  /** Newest first. */
  all(): Run[]
  setState(id: string, state: RunState, failure?: string): void
  /** Replaces the record of this epoch: a resumed run may write one again. */
  saveEpoch(id: string, epoch: number, values: unknown): void
  curves(id: string): RunEpoch[]
  /** Written beside and renamed, so that a kill leaves the earlier checkpoint whole. */
  saveCheckpoint(id: string, bytes: Uint8Array): void
  loadCheckpoint(id: string): Uint8Array | undefined
  removeCheckpoint(id: string): void
}

/**
 * Pictures on their way through an encoder: collected into runs, one run at a time, while the next pictures come in. Who
 * brings pictures waits once enough are there for the next run, so that memory stays bounded.
 */

export type EncodeBatches<J> = {
  /** Resolves when there is room for more. @throws what a run threw */
  add(job: J): Promise<void>
  /** Runs what is left. @throws what a run threw */
  finish(): Promise<void>
}

export type EncodeBatchesOptions<J> = {
  /** Most pictures in one run. */
  readonly size: number
  /**
   * Whether a run begins as soon as the encoder is free, with what is there. Default false: it waits for `size` pictures.
   * Waiting pays where a run of few costs nearly as much as one of many; else it leaves the encoder idle.
   */
  readonly isEager?: boolean
  readonly run: (jobs: readonly J[]) => Promise<void>
}

export function createEncodeBatches<J>({ size, isEager = false, run }: EncodeBatchesOptions<J>): EncodeBatches<J> {
  let waiting: J[] = []
  let running: Promise<void> | undefined
  let failure: { readonly error: unknown } | undefined

  const begin = (): void => {
    const jobs = waiting.slice(0, size)
    waiting = waiting.slice(size)
    running = run(jobs)
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .then(() => {
        running = undefined
        if (failure === undefined && waiting.length >= (isEager ? 1 : size)) begin()
      })
  }
  const check = (): void => {
    if (failure !== undefined) throw failure.error
  }
  return {
    async add(job) {
      check()
      waiting.push(job)
      if (running === undefined && waiting.length >= (isEager ? 1 : size)) begin()
      while (running !== undefined && waiting.length >= size) await running
      check()
    },
    async finish() {
      while (running !== undefined || (waiting.length > 0 && failure === undefined)) {
        if (running === undefined) begin()
        await running
      }
      check()
    },
  }
}

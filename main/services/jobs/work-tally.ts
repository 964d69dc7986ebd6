/** Which long work of this engine is going on: what measures the computer must not be measured meanwhile. */
import { AppError } from '../../contract/index.ts'

export type LongWork = 'import' | 'training' | 'encoder'

export type WorkTally = {
  /** Counts work from its beginning to its end. */
  during<T>(kind: LongWork, work: () => Promise<T>): Promise<T>
  /**
   * Measures while nothing else is going on.
   * @param what is measured, for the sentence: `an encoder`
   * @throws AppError `work.running` when something is, or when it began meanwhile
   */
  undisturbed<T>(what: string, measure: () => Promise<T>): Promise<T>
}

const sentences = {
  import: 'videos are being imported',
  training: 'a model is being trained',
  encoder: 'videos are being read for another encoder',
  measurement: 'another measurement is being made',
} as const

export function createWorkTally(): WorkTally {
  const running: LongWork[] = []
  /** What began since a measurement did; undefined while none is made. */
  let begun: LongWork[] | undefined

  return {
    async during(kind, work) {
      running.push(kind)
      begun?.push(kind)
      try {
        return await work()
      } finally {
        running.splice(running.indexOf(kind), 1)
      }
    },
    async undisturbed(what, measure) {
      const disturbing = running[0] ?? (begun === undefined ? undefined : 'measurement')
      if (disturbing !== undefined) throw refusal(what, disturbing)
      const mine: LongWork[] = []
      begun = mine
      try {
        const measured = await measure()
        if (mine[0] !== undefined) throw refusal(what, mine[0])
        return measured
      } finally {
        begun = undefined
      }
    },
  }
}

function refusal(what: string, kind: keyof typeof sentences): AppError {
  return new AppError(
    'work.running',
    `The speed of ${what} is not measured while ${sentences[kind]}: it would come out too low. Wait for that to end, or pause it.`,
    { work: kind },
  )
}

/**
 * What answers questions of one library with one model version: statements' scores and the calibration are made once and
 * kept until a trusted pair or the catalogue changes.
 */
import type { Library } from '../../storage/index.ts'
import type { ReadyModel } from '../search/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import type { Runtime } from '../../runtime/index.ts'
import { openHead, type Head } from './head-answers.ts'
import { readHead } from './head-file.ts'
import { calibrateDual, createScorer, type DualCalibration, type DualParts, type StatementScorer } from './dual.ts'

export type Answerer = DualParts & {
  readonly score: StatementScorer
  readonly calibration: DualCalibration
  /** The trained head; null where there is none for this encoder. */
  readonly head: Head | null
}

export type Answerers = {
  of(library: Library, encoder: FeatureEncoder, ready: ReadyModel): Promise<Answerer>
  /** Forgets what is kept: a head was trained, or the library is closed. */
  clear(): Promise<void>
}

/** One at a time is kept: a window asks with the version in use. */
export function createAnswerers(runtime: () => Promise<Runtime>): Answerers {
  let kept: { library: Library; ready: ReadyModel; state: string; answerer: Promise<Answerer> } | undefined
  const clear = async (): Promise<void> => {
    const before = kept
    kept = undefined
    // Its failure went to whoever asked.
    await (await before?.answerer.catch(() => undefined))?.head?.dispose()
  }

  return {
    clear,
    of(library, encoder, ready) {
      const state = library.questions.fingerprint()
      const isCurrent = kept?.library === library && kept.ready === ready && kept.state === state
      if (kept !== undefined && isCurrent) return kept.answerer
      const answerer = (async (): Promise<Answerer> => {
        const parts = { library, encoder, ready }
        const score = createScorer(parts)
        const calibration = await calibrateDual(parts, score)
        const saved = readHead(library, encoder.id)
        const head = saved === null ? null : await openHead(await runtime(), library, encoder, saved)
        return { ...parts, score, calibration, head }
      })()
      void clear() // a head that answers at this moment is waited for by its session
      kept = { library, ready, state, answerer }
      // What failed is tried again by the next question.
      answerer.catch(() => {
        if (kept?.answerer === answerer) kept = undefined
      })
      return answerer
    },
  }
}

/**
 * What answers questions of one library with one model version: statements' scores and the calibration are made once and
 * kept until a trusted pair or the catalogue changes.
 */
import type { Library } from '../../storage/index.ts'
import type { ReadyModel } from '../search/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import { calibrateDual, createScorer, type DualCalibration, type DualParts, type StatementScorer } from './dual.ts'

export type Answerer = DualParts & { readonly score: StatementScorer; readonly calibration: DualCalibration }

export type Answerers = {
  of(library: Library, encoder: FeatureEncoder, ready: ReadyModel): Promise<Answerer>
}

/** One at a time is kept: a window asks with the version in use. */
export function createAnswerers(): Answerers {
  let kept: { library: Library; ready: ReadyModel; state: string; answerer: Promise<Answerer> } | undefined
  return {
    of(library, encoder, ready) {
      const state = library.questions.fingerprint()
      const isCurrent = kept?.library === library && kept.ready === ready && kept.state === state
      if (kept !== undefined && isCurrent) return kept.answerer
      const answerer = (async (): Promise<Answerer> => {
        const parts = { library, encoder, ready }
        const score = createScorer(parts)
        return { ...parts, score, calibration: await calibrateDual(parts, score) }
      })()
      kept = { library, ready, state, answerer }
      // What failed is tried again by the next question.
      answerer.catch(() => {
        if (kept?.answerer === answerer) kept = undefined
      })
      return answerer
    },
  }
}

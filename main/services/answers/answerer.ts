/**
 * What answers questions of one library with one model version: statements' scores and the trained head are kept as long as
 * the version is, the calibration until a trusted pair changes.
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
  /** Holds on to what it gives until `use` is done. */
  use<T>(
    library: Library,
    encoder: FeatureEncoder,
    ready: ReadyModel,
    use: (answerer: Answerer) => Promise<T>,
  ): Promise<T>
  /** Forgets what is kept: a head was trained, or the library is closed. Who is at it finishes first. */
  clear(): Promise<void>
}

type Kept = {
  readonly parts: DualParts
  readonly score: StatementScorer
  readonly head: Promise<Head | null>
  readonly users: Set<Promise<unknown>>
  calibration?: { readonly state: string; readonly value: Promise<DualCalibration> }
}

/** One at a time is kept: a window asks with the version in use. */
export function createAnswerers(runtime: () => Promise<Runtime>): Answerers {
  let kept: Kept | undefined

  const leave = async (left: Kept | undefined): Promise<void> => {
    if (left === undefined) return
    await Promise.allSettled(left.users)
    // The failure of one that never opened went to whoever asked.
    await (await left.head.catch(() => null))?.dispose()
  }
  const clear = async (): Promise<void> => {
    const left = kept
    kept = undefined
    await leave(left)
  }
  const openFor = (parts: DualParts): Kept => {
    const { library, encoder } = parts
    const saved = readHead(library, encoder.id)
    const open = async (): Promise<Head | null> =>
      saved === null ? null : openHead(await runtime(), library, encoder, saved)
    return { parts, score: createScorer(parts), head: open(), users: new Set() }
  }
  const calibrationOf = (own: Kept): Promise<DualCalibration> => {
    const state = own.parts.library.questions.fingerprint()
    if (own.calibration?.state !== state) own.calibration = { state, value: calibrateDual(own.parts, own.score) }
    return own.calibration.value
  }

  return {
    clear,
    async use(library, encoder, ready, use) {
      if (kept !== undefined && (kept.parts.library !== library || kept.parts.ready !== ready)) void clear()
      const own = (kept ??= openFor({ library, encoder, ready }))
      const work = (async () => {
        try {
          const [head, calibration] = await Promise.all([own.head, calibrationOf(own)])
          return { answerer: { ...own.parts, score: own.score, head, calibration } }
        } catch (error) {
          // What failed is tried again by the next question.
          if (kept === own) kept = undefined
          throw error
        }
      })().then(({ answerer }) => use(answerer))
      own.users.add(work)
      return work.finally(() => own.users.delete(work))
    },
  }
}

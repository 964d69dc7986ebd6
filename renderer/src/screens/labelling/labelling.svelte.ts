/** Labelling: one clip at a time, one saved edit a decision, and the way back through what was decided. */
import type {
  Candidate,
  Client,
  EditOutcome,
  EditRequest,
  Grade,
  ProcedureOutput,
} from '../../../../main/contract/index.ts'
import { neighbourFrame } from '../../parts/player/frame-steps.ts'
import { isAbort, Resource } from '../../state/resource.svelte.ts'

export type Queue = ProcedureOutput<'labelQueue'>
export type SaveState = 'idle' | 'saving' | 'saved' | 'failed'

const queueSize = 12
const fewLeft = 4

export class LabelSession {
  queue = new Resource<Queue>()
  waiting = $state.raw<readonly Candidate[]>([])
  start = $state(0)
  end = $state(0)
  text = $state('')
  saveState = $state<SaveState>('idle')
  /** What the last edit was, for the line that says that it is saved. */
  lastEdit = $state.raw<EditOutcome | undefined>()
  error = $state.raw<unknown>()
  /** Decided ones, newest last, so that undo shows them again at once. */
  #decided: Candidate[] = []
  #times: readonly number[] = []
  #seed = 0
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  get current(): Candidate | undefined {
    return this.waiting[0]
  }

  /** @param first a segment to begin with */
  async load(first?: string): Promise<void> {
    const answer = await this.queue.load((signal) =>
      this.#client.labelQueue(
        { count: queueSize, seed: this.#seed, ...(first === undefined ? {} : { first }) },
        { signal },
      ),
    )
    if (answer !== undefined) this.#setWaiting(answer.candidates)
  }

  /** New figures, and more clips when few are left; the clip in hand stays. */
  async refill(): Promise<void> {
    const without = this.waiting.length < fewLeft ? this.waiting.map(({ segment }) => segment) : []
    const answer = await this.queue.load((signal) =>
      this.#client.labelQueue(
        { count: without.length === 0 && this.waiting.length > 0 ? 1 : queueSize, seed: this.#seed, without },
        { signal },
      ),
    )
    if (answer === undefined || this.waiting.length >= fewLeft) return
    const known = new Set([...this.waiting, ...this.#decided].map(({ segment }) => segment))
    const before = this.current
    this.waiting = [...this.waiting, ...answer.candidates.filter(({ segment }) => !known.has(segment))]
    if (before === undefined) this.#take(this.current)
  }

  async grade(grade: Grade): Promise<void> {
    const { current } = this
    if (current === undefined || this.text.trim() === '') return
    await this.#decide(current, {
      ...{ action: 'label', video: current.video, start: this.start, end: this.end, text: this.text.trim(), grade },
      ...(current.concept === null ? {} : { concept: current.concept }),
      ...(current.exemplar === null ? {} : { exemplar: current.exemplar.id }),
    })
  }

  async skip(): Promise<void> {
    const { current } = this
    if (current !== undefined) await this.#decide(current, { action: 'skip', segment: current.segment })
  }

  /** Shows what an undone or redone edit was about. @param outcome of the engine's history */
  async follow(step: 'undo' | 'redo', outcome: EditOutcome): Promise<void> {
    this.lastEdit = outcome
    this.saveState = 'saved'
    if (step === 'undo') {
      const last = this.#decided.findLastIndex(({ segment }) => segment === outcome.segment)
      if (last >= 0) this.#setWaiting([...this.#decided.splice(last, 1), ...this.waiting])
      // Decided before this screen was opened: asked for by name.
      else return this.load(outcome.segment ?? undefined)
    } else if (this.current?.segment === outcome.segment) {
      this.#decided.push(this.current)
      this.#setWaiting(this.waiting.slice(1))
    }
    await this.refill()
  }

  setRange(start: number, end: number): void {
    this.start = start
    this.end = end
  }

  /** @returns the neighbouring frame of a place, or a small step where frames are not known */
  nudged(seconds: number, direction: 1 | -1): number {
    return neighbourFrame(this.#times, seconds, direction) ?? Math.max(0, seconds + direction * 0.04)
  }

  async #decide(candidate: Candidate, edit: EditRequest): Promise<void> {
    if (this.saveState === 'saving') return // one decision a press: a held key must not label the next clip
    this.saveState = 'saving'
    try {
      this.lastEdit = await this.#client.edit(edit)
      this.saveState = 'saved'
      this.error = undefined
      this.#decided.push(candidate)
      this.#setWaiting(this.waiting.filter(({ segment }) => segment !== candidate.segment))
      await this.refill()
    } catch (error) {
      if (isAbort(error)) return
      this.saveState = 'failed'
      this.error = error
    }
  }

  #setWaiting(waiting: readonly Candidate[]): void {
    const before = this.current?.segment
    this.waiting = waiting
    if (this.current?.segment !== before) this.#take(this.current)
  }

  #take(candidate: Candidate | undefined): void {
    this.#times = []
    if (candidate === undefined) return
    const { exemplar } = candidate
    this.start = exemplar?.start ?? candidate.start
    this.end = exemplar?.end ?? candidate.end
    this.text = exemplar?.text ?? candidate.text
    const { video, segment } = candidate
    this.#client
      .frameTimes({ video, start: Math.max(0, candidate.start - 3), end: candidate.end + 3 })
      .then(({ times }) => {
        if (this.current?.segment === segment) this.#times = times
      })
      .catch(() => {}) // nudging then moves in small steps instead of frames
  }
}

/** What the range bar spans: the whole of a short video, the surroundings of the clip in a long one. */
export function spanOf(candidate: Candidate): { from: number; to: number } {
  const duration = candidate.durationSeconds ?? candidate.end
  if (duration <= 60) return { from: 0, to: Math.max(duration, candidate.end) }
  return { from: Math.max(0, candidate.start - 15), to: Math.min(duration, candidate.end + 15) }
}

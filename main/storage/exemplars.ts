/** Exemplars: trusted pairs of a moment and a text that the user labelled. Runs in the engine. */

export const exemplarGrades = ['exact', 'partial', 'wrong'] as const

export type ExemplarGrade = (typeof exemplarGrades)[number]

export type Exemplar = {
  readonly id: string
  readonly videoId: string
  readonly path: string
  /** The segment that shares most time with the moment; null while the video is not indexed. */
  readonly segmentId: string | null
  /** Half-open [startSeconds, endSeconds). */
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
  readonly grade: ExemplarGrade
  readonly conceptId: string | null
  readonly createdAtMs: number
}

export type NewExemplar = {
  readonly videoId: string
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
  readonly grade: ExemplarGrade
  readonly conceptId?: string | null
}

export type ExemplarStore = {
  /** Adds one, or returns the one with the same moment and text, with the new grade and concept. */
  save(exemplar: NewExemplar): Exemplar
  /** All in one transaction. */
  saveAll(exemplars: readonly NewExemplar[]): Exemplar[]
  get(id: string): Exemplar | undefined
  remove(id: string): void
  /** Ordered by path, start, end and text: the order does not depend on ids or on when they were added. */
  all(grade?: ExemplarGrade): Exemplar[]
  count(): number
}

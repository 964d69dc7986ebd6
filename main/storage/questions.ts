/** Questions about videos with their answers, kept for training, calibrating and measuring. Runs in the engine. */
import { assert, defined } from '../base/index.ts'
import type { Connection } from './connection.ts'
import { parseJson } from './json.ts'

export const questionOrigins = ['imported', 'user', 'template'] as const

export type QuestionOrigin = (typeof questionOrigins)[number]

export type NewQuestion = {
  readonly videoId: string
  /** Half-open [startSeconds, endSeconds). */
  readonly startSeconds: number
  readonly endSeconds: number
  /** What kind of question it is, as main/answers names it. */
  readonly type: string
  readonly question: string
  readonly answer: string
  /** Empty where the answer is free. */
  readonly choices: readonly string[]
  /** Never true of what a template made. */
  readonly trusted: boolean
  readonly origin: QuestionOrigin
}

export type Question = NewQuestion & { readonly id: string; readonly path: string; readonly createdAtMs: number }

export type QuestionStore = {
  /** All in one transaction. A question of the same moment gets the new answer. */
  saveAll(questions: readonly NewQuestion[]): void
  remove(id: string): void
  /** Ordered by path, start, end and question: the order does not depend on ids or on when they were added. */
  all(options?: { readonly trusted?: boolean }): Question[]
  get(id: string): Question | undefined
  /** The one that is asked of exactly this stretch. */
  at(place: Pick<NewQuestion, 'videoId' | 'startSeconds' | 'endSeconds' | 'question'>): Question | undefined
  count(options?: { readonly trusted?: boolean }): number
  /** Changes whenever a question does. */
  fingerprint(): string
}

type Row = {
  id: string
  video_id: string
  path: string
  start_seconds: number
  end_seconds: number
  type: string
  question: string
  answer: string
  choices: string
  trusted: number
  origin: QuestionOrigin
  created_at_ms: number
}

function fromRow(row: Row): Question {
  return {
    id: row.id,
    videoId: row.video_id,
    path: row.path,
    startSeconds: row.start_seconds,
    endSeconds: row.end_seconds,
    type: row.type,
    question: row.question,
    answer: row.answer,
    choices: parseJson(row.choices) as string[],
    trusted: row.trusted === 1,
    origin: row.origin,
    createdAtMs: row.created_at_ms,
  }
}

export function createQuestionStore(
  connection: Connection,
  { now, newId }: { readonly now: () => number; readonly newId: () => string },
): QuestionStore {
  const save = (question: NewQuestion): void => {
    assert(!(question.trusted && question.origin === 'template'), 'what a template made is never trusted')
    connection.run(
      `INSERT INTO questions (id, video_id, start_seconds, end_seconds, type, question, answer, choices, trusted, origin,
       created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (video_id, start_seconds, end_seconds, question) DO UPDATE SET type = excluded.type,
       answer = excluded.answer, choices = excluded.choices, trusted = excluded.trusted, origin = excluded.origin`,
      newId(),
      question.videoId,
      question.startSeconds,
      question.endSeconds,
      question.type,
      question.question,
      question.answer,
      JSON.stringify(question.choices),
      question.trusted ? 1 : 0,
      question.origin,
      now(),
    )
  }
  const rows = (condition: string, ...values: (string | number | null)[]): Question[] =>
    connection
      .all<Row>(`SELECT q.*, v.path FROM questions q JOIN videos v ON v.id = q.video_id WHERE ${condition}`, ...values)
      .map(fromRow)
  return {
    saveAll: (questions) => connection.write(() => questions.forEach(save)),
    remove(id) {
      connection.write(() => connection.run('DELETE FROM questions WHERE id = ?', id))
    },
    all: ({ trusted } = {}) =>
      rows('? IS NULL OR q.trusted = ? ORDER BY v.path, q.start_seconds, q.end_seconds, q.question', ...same(trusted)),
    get: (id) => rows('q.id = ?', id)[0],
    at: ({ videoId, startSeconds, endSeconds, question }) =>
      rows(
        'q.video_id = ? AND q.start_seconds = ? AND q.end_seconds = ? AND q.question = ?',
        ...[videoId, startSeconds, endSeconds, question],
      )[0],
    count: ({ trusted } = {}) =>
      connection.get<{ n: number }>(
        'SELECT count(*) AS n FROM questions WHERE ? IS NULL OR trusted = ?',
        ...same(trusted),
      )?.n ?? 0,
    fingerprint() {
      const row = connection.get<{ text: string }>(
        `SELECT count(*) || ' ' || coalesce(max(row_id), 0) || ' ' || coalesce(sum(trusted * row_id), 0) || ' ' ||
         coalesce(group_concat(answer, char(31)), '') AS text FROM questions`,
      )
      return defined(row, 'the state of the questions').text
    },
  }
}

/** Twice what is asked for; null asks for nothing. */
function same(value: boolean | undefined): [number | null, number | null] {
  const asked = value === undefined ? null : Number(value)
  return [asked, asked]
}

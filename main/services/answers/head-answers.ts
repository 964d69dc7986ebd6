/** Answers by the trained head: what it chooses among the answers that it knows. */
import { openAnswerScorer, type AnswerScorer } from '../../training/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { FeatureEncoder } from '../shared/ports.ts'
import type { Library } from '../../storage/index.ts'
import { encodeQuestions, isLearnable } from './answer-data.ts'
import { softmax } from './calibrate.ts'
import type { SavedHead } from './head-file.ts'
import { sameAnswer, understand } from './understand.ts'
import { clipsOf } from './video-clips.ts'

export type HeadQuestion = {
  readonly question: string
  readonly choices: readonly string[]
  /** Shots in the order of time. */
  readonly scope: readonly string[]
}

export type HeadAnswer = {
  readonly answer: string
  readonly sureness: number
  readonly options: readonly { readonly answer: string; readonly probability: number }[]
}

export type Head = {
  readonly saved: SavedHead
  /** Null for what the head cannot answer: another kind of question, or a choice that it never met. */
  answer(questions: readonly HeadQuestion[]): Promise<(HeadAnswer | null)[]>
  dispose(): Promise<void>
}

/** @throws AppError `runtime.failed` */
export async function openHead(
  runtime: Runtime,
  library: Library,
  encoder: FeatureEncoder,
  saved: SavedHead,
): Promise<Head> {
  const scorer: AnswerScorer = await openAnswerScorer(runtime, saved.head)
  const { names, temperature } = saved.facts
  const width = names.length + 1
  return {
    saved,
    async answer(questions) {
      const able = questions.map(
        ({ question, choices, scope }) =>
          scope.length > 0 &&
          isLearnable(understand(question, choices.length > 0)) &&
          choices.every((choice) => names.some((name) => sameAnswer(name, choice))),
      )
      const asked = questions.filter((_, i) => able[i])
      if (asked.length === 0) return questions.map(() => null)
      const clips = clipsOf(
        library,
        encoder,
        asked.map(({ scope }) => scope),
      )
      const numbered = asked.map((one, clip) => ({ ...one, clip }))
      const texts = await encodeQuestions(numbered, [], encoder)
      const logits = await scorer.logits(
        { frames: clips.frames, mask: clips.mask, texts: texts.texts },
        numbered.map((one) => texts.rowOf(one)),
      )
      let row = 0
      return questions.map(({ choices }, i): HeadAnswer | null => {
        if (!able[i]) return null
        const own = logits.subarray(row * width, (row + 1) * width)
        row += 1
        const among =
          choices.length === 0
            ? names.map((answer, place) => ({ answer, place }))
            : choices.map((answer) => ({ answer, place: names.findIndex((name) => sameAnswer(name, answer)) }))
        const probabilities = softmax(
          among.map(({ place }) => own[place]!),
          temperature,
        )
        const options = among
          .map(({ answer }, place) => ({ answer, probability: probabilities[place]! }))
          .sort((a, b) => b.probability - a.probability)
        return { answer: options[0]!.answer, sureness: options[0]!.probability, options }
      })
    },
    dispose: () => scorer.dispose(),
  }
}

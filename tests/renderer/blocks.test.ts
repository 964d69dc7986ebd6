/** Training blocks of the encoder in the window: what is offered, and why a run cannot start, in both languages. */
import { describe, expect, it } from 'vitest'
import type { BlocksPreflight } from '../../main/contract/index.ts'
import { tableOf } from '../../renderer/src/i18n/index.ts'
import { blockChoices, blocksAsked, keptCounts, rankOf } from '../../renderer/src/screens/training/block-choices.ts'
import { sentenceOfProblem } from '../../renderer/src/screens/training/problem.ts'

it('offers the last 1, 2, 4, … blocks, and all that there are', () => {
  expect([0, 1, 2, 4, 6, 12].map(blockChoices)).toEqual([[], [1], [1, 2], [1, 2, 4], [1, 2, 4, 6], [1, 2, 4, 8, 12]])
})

it('asks for a rank that the engine takes, whatever the field holds', () => {
  expect([null, undefined, 0, -3, Number.NaN, 4, 7.6, 5000].map(rankOf)).toEqual([8, 8, 8, 8, 8, 4, 8, 1024])
})

it('asks for blocks of pictures, of texts or of both, with one rank, and for nothing where none are chosen', () => {
  const asked = (pictures: number, texts: number, rank: number | null = null) => blocksAsked({ pictures, texts }, rank)
  expect([asked(0, 0), asked(0, 0, 8)]).toEqual([undefined, undefined])
  expect([asked(2, 0), asked(2, 0, 8)]).toEqual([{ count: 2 }, { count: 2, rank: 8 }])
  expect([asked(0, 1), asked(0, 1, 8)]).toEqual([
    { count: 0, texts: 1 },
    { count: 0, texts: 1, rank: 8 },
  ])
  expect(asked(2, 4, 8)).toEqual({ count: 2, texts: 4, rank: 8 })
})

it('keeps what was chosen of a half where another encoder has so many', () => {
  expect(keptCounts({ pictures: 4, texts: 2 }, { pictures: 4, texts: 0 })).toEqual({ pictures: 4, texts: 0 })
  expect(keptCounts({ pictures: 4, texts: 2 }, { pictures: 2, texts: 12 })).toEqual({ pictures: 0, texts: 2 })
})

describe('why a run with blocks cannot start', () => {
  const toRead = { videos: 3, frames: 24, seconds: 2 }
  const outlook: BlocksPreflight = {
    ...{ available: { pictures: 4, texts: null }, toRead, toReadIfWon: toRead, diskBytes: 4.2e9, freeBytes: 1.1e9 },
    ...{ memoryBytes: 8.6e9, textBytes: null, availableMemoryBytes: 3.2e9 },
  }
  const problem = (code: string) => ({ code, message: 'What the engine says.' })

  it.each(['en', 'ja'] as const)('is said with the numbers in %s', (language) => {
    const table = tableOf(language)
    const say = (code: string, blocks: BlocksPreflight | null): string =>
      sentenceOfProblem(problem(code), blocks, table)
    const bytes = (value: number): string => table.formats.bytes(value)
    const tooLarge = say('training.tooLarge', outlook)
    for (const part of [bytes(8.6e9), bytes(3.2e9)]) expect(tooLarge).toContain(part)
    const full = say('disk.full', outlook)
    for (const part of [bytes(4.2e9), bytes(1.1e9)]) expect(full).toContain(part)
    expect(say('usage', outlook)).toContain('4')
    const { obstacles } = table.t.blocks
    const usage = (pictures: number | null, texts: number | null): string =>
      say('usage', { ...outlook, available: { pictures, texts } })
    expect([usage(0, null), usage(0, 3)]).toEqual([obstacles.pictures.noneFound, obstacles.pictures.noneFound])
    expect([usage(null, 0), usage(3, 0)]).toEqual([obstacles.texts.noneFound, obstacles.texts.noneFound])
    expect(usage(null, 7)).toContain('7')
    for (const part of ['4', '7']) expect(usage(4, 7)).toContain(part)
  })

  it('is what the engine says, or its sentence in the other language, where blocks have nothing to do with it', () => {
    const english = tableOf('en')
    expect(sentenceOfProblem(problem('training.notEnough'), outlook, english)).toBe('What the engine says.')
    const japanese = tableOf('ja')
    expect(sentenceOfProblem(problem('training.notEnough'), null, japanese)).toBe(
      japanese.t.errors.byCode!['training.notEnough'],
    )
  })
})

import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../main/base/index.ts'
import { calibratePicture } from '../../../main/search/calibrate-picture.ts'
import { calibrateText } from '../../../main/search/calibrate-text.ts'
import { levelBetween, spreadOf } from '../../../main/search/calibration.ts'
import { meaninglessTexts } from '../../../main/search/meaningless-texts.ts'

const random = createRandom(4)
const sample = Array.from({ length: 1000 }, () => 0.2 + 0.02 * random.normal()).sort((a, b) => a - b)

describe('the spread of scores', () => {
  it('is measured in robust deviations', () => {
    // median 3, absolute distances 2 1 0 1 97 -> median 1
    const { median, deviation } = spreadOf([1, 2, 3, 4, 100])
    expect(median).toBe(3)
    expect(deviation).toBeCloseTo(1.4826, 12)
    expect(spreadOf([])).toEqual({ median: 0, deviation: 0 })
  })
})

describe('the scale of match strength', () => {
  it('is 0 in the middle, half where strong matches begin, and 1 twice as far out', () => {
    expect([0.1, 0.2, 0.3, 0.4, 0.5, 0.9].map((score) => levelBetween(0.2, 0.4, score))).toEqual(
      [0, 0, 0.25, 0.5, 0.75, 1].map((level) => expect.closeTo(level, 12) as number),
    )
  })

  it('is all or nothing where there is no way between them', () => {
    expect([0.2, 0.3].map((score) => levelBetween(0.2, 0.2, score))).toEqual([0, 1])
  })
})

describe('the strength of a match to words', () => {
  // 0.301, 0.302, ... 0.4: half of the texts without meaning reach 0.35, three in ten more than 0.37
  const background = Array.from({ length: 100 }, (_, i) => 0.301 + i / 1000)
  const at = (best: number, understood = 1) => calibrateText({ sample, best, background, understood })

  it('is told by what texts without meaning reach in the same catalogue', () => {
    const { classify } = at(0.38)
    expect([0.38, 0.372, 0.36, 0.349, 0.2].map(classify)).toEqual(['strong', 'strong', 'weak', 'none', 'none'])
    expect(at(0.36).classify(0.36)).toBe('weak')
    expect(at(0.34).classify(0.34)).toBe('none')
  })

  it('is weak for what falls behind the best match', () => {
    const { classify } = at(0.7)
    expect([0.7, 0.61, 0.59, 0.38].map(classify)).toEqual(['strong', 'strong', 'weak', 'weak'])
  })

  it('is weak at most when half of the words mean nothing, and none when all mean nothing', () => {
    expect([1, 0.51, 0.5, 0].map((understood) => at(0.6, understood).classify(0.6))).toEqual([
      'strong',
      'strong',
      'weak',
      'none',
    ])
  })

  it('goes with the model: other scores, the same strengths', () => {
    const shifted = (score: number): number => 3 * score - 0.4
    const calibration = calibrateText({
      ...{ sample: sample.map(shifted), background: background.map(shifted) },
      ...{ best: shifted(0.38), understood: 1 },
    })
    expect([0.38, 0.36, 0.34].map((score) => calibration.classify(shifted(score)))).toEqual(['strong', 'weak', 'none'])
    expect(calibration.levelOf(shifted(0.37))).toBeCloseTo(0.5, 6)
  })

  it('can be strong in a catalogue of one shot, and in one of equal shots', () => {
    const one = calibrateText({ sample: [0.6], best: 0.6, background: [0.3, 0.4], understood: 1 })
    expect([one.classify(0.6), one.levelOf(0.6)]).toEqual(['strong', 1])
    const equal = calibrateText({ sample: Array<number>(50).fill(0.2), best: 0.2, background, understood: 1 })
    expect(equal.classify(0.2)).toBe('none')
  })

  it('is none without anything to measure against', () => {
    expect(calibrateText({ sample, best: 0.9, background: [], understood: 1 }).classify(0.9)).toBe('none')
  })
})

describe('the strength of a match to a picture', () => {
  it('divides strong from weak matches, whatever the level of the scores', () => {
    for (const [scale, shift] of [
      [1, 0],
      [3, -0.4],
    ] as const) {
      const at = (score: number): number => scale * score + shift
      const calibration = calibratePicture(sample.map(at), at(0.35))
      expect([0.35, 0.3, 0.265, 0.21, 0.1].map((score) => calibration.classify(at(score)))).toEqual([
        'strong',
        'strong',
        'weak',
        'none',
        'none',
      ])
    }
  })

  it('a picture that tells nothing apart has an honest empty result', () => {
    expect(calibratePicture(sample, 0.24).classify(0.24)).toBe('none')
  })

  it('a tenth of the catalogue can match strongly', () => {
    const scores = [...sample.slice(0, 900), ...Array.from({ length: 100 }, () => 0.4)].sort((a, b) => a - b)
    expect(calibratePicture(scores, 0.4).classify(0.4)).toBe('strong')
  })

  it('a small catalogue goes by the lead alone', () => {
    const calibration = calibratePicture([0.1, 0.12, 0.3], 0.3)
    expect([0.3, 0.15, 0.1].map((score) => calibration.classify(score))).toEqual(['strong', 'weak', 'weak'])
  })

  it('equal scores match nothing', () => {
    const calibration = calibratePicture(new Array<number>(50).fill(0.2), 0.2)
    expect(calibration.classify(0.2)).toBe('none')
    expect(calibration.levelOf(0.2)).toBe(0)
  })
})

describe('texts without meaning', () => {
  it('are always the same, many, and different', () => {
    expect(meaninglessTexts()).toEqual(meaninglessTexts())
    expect(new Set(meaninglessTexts()).size).toBe(128)
    expect(meaninglessTexts(3).map((text) => text.split(' ').length)).toEqual([1, 2, 3])
  })
})

import { describe, expect, it } from 'vitest'
import {
  chooseSettings,
  marginCandidates,
  trialEpochsOf,
  trialsFor,
  weightingCandidates,
} from '../../../main/training/index.ts'

const [late, early] = weightingCandidates as [(typeof weightingCandidates)[0], (typeof weightingCandidates)[0]]
const both = { margins: marginCandidates, weightings: weightingCandidates }

describe('what a run chooses', () => {
  it('is the weighting that scores best at the middle margin, then the margin that does with it', async () => {
    const { trials, ...chosen } = await chooseSettings({
      ...both,
      tryOut: ({ weightNetDelayEpochs, marginRadians }) =>
        Promise.resolve((weightNetDelayEpochs === 0 ? 1 : 0) - Math.abs(marginRadians - 0.05)),
    })
    expect(chosen).toEqual({ ...early, marginRadians: 0.05 })
    expect(trials.map(({ marginRadians, weightNetDelayEpochs }) => [marginRadians, weightNetDelayEpochs])).toEqual([
      [0.02, late.weightNetDelayEpochs],
      [0.02, 0],
      [0.005, 0],
      [0.05, 0],
    ])
  })

  it('takes as many trials as it is said to', async () => {
    for (const margins of [[0.02], [0.01, 0.02], marginCandidates]) {
      for (const weightings of [[late], weightingCandidates]) {
        const { trials } = await chooseSettings({ margins, weightings, tryOut: () => Promise.resolve(1) })
        expect(trials).toHaveLength(trialsFor({ margins, weightings }))
      }
    }
  })

  it('is the first weighting and the smallest margin where nothing scores better', async () => {
    const { trials: _, ...chosen } = await chooseSettings({ ...both, tryOut: () => Promise.resolve(0.5) })
    expect(chosen).toEqual({ ...late, marginRadians: 0.005 })
  })

  it('needs no trial where there is one of each', async () => {
    const fail = (): Promise<number> => Promise.reject(new Error('there was nothing to choose'))
    const { trials: _, ...chosen } = await chooseSettings({ margins: [0.03], weightings: [early], tryOut: fail })
    expect(chosen).toEqual({ ...early, marginRadians: 0.03 })
  })
})

it('a trial lasts a third of the run, 3 to 30 epochs', () => {
  expect([1, 9, 20, 70, 90, 1000].map(trialEpochsOf)).toEqual([3, 3, 7, 24, 30, 30])
})

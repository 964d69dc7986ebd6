/** Long work and measurements keep out of each other's way. */
import { expect, test } from 'vitest'
import { createWorkTally } from '../../../../main/services/jobs/work-tally.ts'

const value = async (): Promise<number> => 7
const never = (): Promise<number> => Promise.reject(new Error('this must not be called'))

test('a measurement is made when nothing is going on, before and after work', async () => {
  const tally = createWorkTally()
  expect(await tally.undisturbed('it', value)).toBe(7)
  await tally.during('import', value)
  expect(await tally.undisturbed('it', value)).toBe(7)
})

test('it is refused as long as work goes on, whatever else has ended, and whether it failed', async () => {
  const tally = createWorkTally()
  let end: () => void = () => {}
  const training = tally.during('training', () => new Promise<void>((resolve) => (end = resolve)))
  await tally.during('import', value)
  await expect(tally.during('import', () => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged')
  await expect(tally.undisturbed('a thing', never)).rejects.toMatchObject({
    code: 'work.running',
    params: { work: 'training' },
    message: expect.stringMatching(/^The speed of a thing is not measured while a model is being trained/) as string,
  })
  end()
  await training
  expect(await tally.undisturbed('a thing', value)).toBe(7)
})

test('one beside which work began gives nothing, though that work has ended', async () => {
  const tally = createWorkTally()
  const measuring = tally.undisturbed('it', async () => {
    await tally.during('import', value)
    return 7
  })
  await expect(measuring).rejects.toMatchObject({ params: { work: 'import' } })
  expect(await tally.undisturbed('it', value)).toBe(7)
})

test('there is one at a time, and one that failed is over', async () => {
  const tally = createWorkTally()
  await tally.undisturbed('it', async () => {
    await expect(tally.undisturbed('another', never)).rejects.toMatchObject({ params: { work: 'measurement' } })
  })
  await expect(tally.undisturbed('it', () => Promise.reject(new Error('no graphics card')))).rejects.toThrow('graphics')
  expect(await tally.undisturbed('it', value)).toBe(7)
})

/** Pictures in runs: full ones, or as soon as the encoder is free; never more waiting than the next run takes. */
import { expect, test } from 'vitest'
import { createEncodeBatches } from '../../../../main/services/library/reading/encode-batches.ts'

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** An encoder that finishes a run when it is told to. */
function heldEncoder() {
  const runs: number[][] = []
  const releases: (() => void)[] = []
  const run = (jobs: readonly number[]): Promise<void> => {
    runs.push([...jobs])
    return new Promise((resolve) => releases.push(resolve))
  }
  const release = async (): Promise<void> => {
    releases.shift()!()
    await soon()
  }
  return { runs, run, release }
}

test('runs are full, but for the last one', async () => {
  const runs: number[][] = []
  const batches = createEncodeBatches<number>({ size: 3, run: async (jobs) => void runs.push([...jobs]) })
  for (let i = 0; i < 7; i++) await batches.add(i)
  await batches.finish()
  expect(runs).toEqual([[0, 1, 2], [3, 4, 5], [6]])
})

test('an eager one begins with the first picture, and takes what has come meanwhile', async () => {
  const { runs, run, release } = heldEncoder()
  const batches = createEncodeBatches<number>({ size: 3, isEager: true, run })
  await batches.add(0)
  expect(runs).toEqual([[0]])
  await batches.add(1)
  await batches.add(2)
  await release()
  expect(runs).toEqual([[0], [1, 2]])
  const finishing = batches.finish()
  await release()
  await finishing
})

test('who brings more than the next run takes must wait', async () => {
  const { runs, run, release } = heldEncoder()
  const batches = createEncodeBatches<number>({ size: 2, isEager: true, run })
  await batches.add(0)
  await batches.add(1)
  let isAdded = false
  const adding = batches.add(2).then(() => (isAdded = true))
  await soon()
  expect(isAdded).toBe(false)
  await release()
  await adding
  expect(runs).toEqual([[0], [1, 2]])
  const finishing = batches.finish()
  await release()
  await finishing
})

test('what a run throws reaches who adds next and who finishes, and nothing more is run', async () => {
  let runs = 0
  const batches = createEncodeBatches<number>({
    size: 2,
    run() {
      runs += 1
      return Promise.reject(new Error('no more memory'))
    },
  })
  await batches.add(0)
  await batches.add(1)
  await soon()
  await expect(batches.add(2)).rejects.toThrow('no more memory')
  await expect(batches.finish()).rejects.toThrow('no more memory')
  expect(runs).toBe(1)
})

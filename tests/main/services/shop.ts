/** A small shop's library, filled through the client as a customer would, for the tests of what a window does. */
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Job } from '../../../main/contract/index.ts'
import { colours, type World } from './colour-world.ts'

export const videoFile = (i: number): string => `shop/videos/v${i}.mp4`

/** Ten videos of two shots with a description; `exemplars` of them have an exemplar. */
export async function fill(world: World, { exemplars = 10 } = {}): Promise<void> {
  const descriptions = ['file,sku,title,description,category']
  const labels = ['file,start,end,description,grade']
  for (let i = 0; i < 10; i++) {
    const [first, second] = [colours[i % 5]!, colours[(i + 1) % 5]!]
    world.file(videoFile(i), `${first} 0-2, ${second} 2-${4 + i}`)
    descriptions.push(`videos/v${i}.mp4,SKU-${i},,a ${first} thing number ${i},${i < 6 ? 'Things' : 'Rare'}`)
    if (i < exemplars) labels.push(`videos/v${i}.mp4,0,2,something ${first},exact`)
  }
  await world.client.import({ paths: [join(world.dir, 'shop')] })
  await world.client.describe({ file: world.file('shop/catalogue.csv', descriptions.join('\n')) })
  await world.client.label({ file: world.file('shop/exemplars.csv', labels.join('\n')) })
}

/** Id of the first video whose name or texts have `name` in them. */
export async function idOf(world: World, name: string): Promise<string> {
  const { videos } = await world.client.listVideos({ text: name })
  return videos[0]!.id
}

/** The job once it has ended, one way or the other. */
export async function finished(world: World, job: Job): Promise<Job> {
  await expect
    .poll(async () => (await world.client.jobs({})).jobs.find(({ id }) => id === job.id)?.state, { timeout: 10_000 })
    .toMatch(/succeeded|failed|cancelled/)
  return (await world.client.jobs({})).jobs.find(({ id }) => id === job.id)!
}

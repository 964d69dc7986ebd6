/** Blocks that can be trained, as a window asks for them: of the built-in encoder, and of one that reads texts with a transformer. */
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createClient, createLocalTransport, type Client } from '../../../../../main/contract/index.ts'
import { createRuntime } from '../../../../../main/runtime/index.ts'
import { createEngineServices } from '../../../../../main/services.ts'
import { temporaryFolder } from '../../../../temporary-folder.ts'
import { exportFolder, importFrom } from '../../../encoders/exports.ts'

const long = 60_000

/** The engine on an empty library, with the encoder of a bundle. */
async function withEngine<T>(bundleDir: string, work: (client: Client) => Promise<T>): Promise<T> {
  const libraryDir = join(temporaryFolder('trainable-blocks'), 'library')
  const services = createEngineServices({ libraryDir, bundleDir, now: Date.now, newId: () => crypto.randomUUID() })
  try {
    return await work(createClient(createLocalTransport(services.handlers)))
  } finally {
    await services.close()
  }
}

test('the built-in encoder has blocks of pictures, and none of texts', { timeout: long }, async () => {
  await withEngine(resolve('resources/models/built-in'), async (client) => {
    expect(await client.trainableBlocks({})).toMatchObject({
      pictures: { count: 4, obstacle: null },
      texts: { count: 0, obstacle: 'noneFound' },
    })
    const { problems, blocks } = await client.preflight({ blocks: { texts: 1 } })
    expect(problems.map(({ message }) => message)).toContain(
      'No blocks of texts that can be trained were found in this encoder. Train without them.',
    )
    expect(blocks).toMatchObject({ available: { pictures: null, texts: 0 }, memoryBytes: null, textBytes: null })
  })
})

test('an encoder with a transformer for texts has blocks of both halves', { timeout: long }, async () => {
  const runtime = await createRuntime({ provider: 'cpu' })
  const { folder } = await importFrom(exportFolder('clip'), runtime)
  await runtime.dispose()
  await withEngine(folder, async (client) => {
    const { pictures, texts } = await client.trainableBlocks({})
    expect([pictures.obstacle, texts.obstacle]).toEqual([null, null])
    expect(texts.count).toBeGreaterThan(0)
    const outlookOf = async (blocks: { count?: number; texts: number }) =>
      (await client.preflight({ objective: 'infonce', blocks })).blocks!
    const alone = await outlookOf({ texts: texts.count })
    const nothing = { videos: 0, frames: 0, seconds: 0 }
    expect(alone).toMatchObject({
      ...{ available: { pictures: null, texts: texts.count }, toRead: nothing, toReadIfWon: nothing },
      ...{ diskBytes: 0, textBytes: 0 }, // a library without texts
    })
    const both = await outlookOf({ count: pictures.count, texts: texts.count })
    expect(both.available).toEqual({ pictures: pictures.count, texts: texts.count })
    expect(both.memoryBytes!).toBeGreaterThan(alone.memoryBytes!)
  })
})

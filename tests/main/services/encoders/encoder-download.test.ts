/** Downloading an encoder through the whole engine, from a hub on the loopback address. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createClient,
  createLocalTransport,
  type Client,
  type ProcedureEvent,
} from '../../../../main/contract/index.ts'
import { createEngineServices } from '../../../../main/services.ts'
import type { Services } from '../../../../main/services.ts'
import { exportFolder } from '../../encoders/exports.ts'
import { startHub, type LoopbackHub } from '../../encoders/loopback-hub.ts'
import { temporaryFolder } from '../../../temporary-folder.ts'

let dir: string
let hub: LoopbackHub
let services: Services
let client: Client

beforeEach(async () => {
  dir = temporaryFolder('download')
  hub = await startHub(exportFolder('clip'))
  services = createEngineServices({
    ...{ libraryDir: join(dir, 'library'), now: Date.now, newId: () => crypto.randomUUID(), hubUrl: hub.url },
  })
  client = createClient(createLocalTransport(services.handlers))
})
afterEach(async () => {
  await services.close()
  await hub.close()
  rmSync(dir, { recursive: true, force: true })
})

test('nothing goes out before networking is allowed', async () => {
  await expect(client.downloadEncoder({ name: 'owner/small' })).rejects.toMatchObject({ code: 'network.off' })
  await expect(client.encoderSource({ name: 'owner/small' })).rejects.toMatchObject({ code: 'network.off' })
  expect((await client.encoderSource({})).curated.length).toBeGreaterThan(2)
  expect(hub.requests).toBe(0)
})

test('sizes come first, then the files, then the encoder is there and the download is gone', async () => {
  await client.changeSettings({ networking: true })
  const { plan } = await client.encoderSource({ name: 'owner/small', precision: 'int8' })
  expect(plan?.files.map(({ path }) => path)).toContain('onnx/text_model_quantized.onnx')
  expect(hub.log).toEqual([])
  const events: ProcedureEvent[] = []
  const result = await client.downloadEncoder(
    { name: 'owner/small', precision: 'int8' },
    { onEvent: (event) => events.push(event) },
  )
  expect(result).toMatchObject({ wasThere: false, downloadedBytes: plan!.totalBytes })
  expect(result.encoder).toMatchObject({ id: 'small-int8', precision: 'int8', active: false })
  expect(
    events.some((event) => event.kind === 'progress' && event.stage === 'downloading' && event.unit === 'MB'),
  ).toBe(true)
  expect(readdirSync(join(dir, 'library/encoders')).sort()).toEqual(['.downloads', 'small-int8'])
  expect(readdirSync(join(dir, 'library/encoders/.downloads'))).toEqual([])
  expect((await client.encoders({})).encoders.map(({ id }) => id)).toEqual(['built-in', 'small-int8'])
})

test('one download can be allowed by itself', async () => {
  const { encoder } = await client.downloadEncoder({ name: 'owner/small', allowNetwork: true })
  expect(encoder.id).toBe('small')
  expect((await client.settings({})).networking).toBe(false)
})

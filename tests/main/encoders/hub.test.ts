import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, downloadExport, planDownload, type HttpClient } from '../../../main/encoders/index.ts'
import { commit, sendRange, startHub, startProxy, type LoopbackHub } from './loopback-hub.ts'
import { exportFolder } from './exports.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

let hub: LoopbackHub
let http: HttpClient
let downloads: string
let waits: number[]
const source = exportFolder('clip')
const graph = 'onnx/vision_model.onnx'

beforeEach(async () => {
  hub = await startHub(source)
  http = createHttpClient()
  downloads = temporaryFolder('downloads')
  waits = []
})
afterEach(async () => {
  await http.close()
  await hub.close()
})

const never = new AbortController().signal
const options = () => ({ hubUrl: hub.url, http, wait: async (ms: number) => void waits.push(ms) })
const plan = (precision?: 'fp32' | 'int8', name = 'owner/small') =>
  planDownload(options(), { name, precision, signal: never })

async function download(signal = never): Promise<string> {
  return downloadExport(options(), await plan(), downloads, { signal, onBytes: () => {} })
}

/** Every file that arrived equals its source, and nothing half-done is left. */
function expectWhole(folder: string): void {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\./.test(path.split('/').at(-1)!),
  )
  expect(files.filter((path) => path.endsWith('.part'))).toEqual([])
  expect(files).toContain(graph)
  for (const path of files) expect(readFileSync(join(folder, path)).equals(readFileSync(join(source, path)))).toBe(true)
}

describe('planDownload', () => {
  it('lists over several pages what one precision needs, with sizes and licence, and fetches no file', async () => {
    const { model, files, totalBytes } = await plan()
    expect(model).toMatchObject({ name: 'owner/small', commit, licence: 'apache-2.0' })
    expect(files.map(({ path }) => path).sort()).toEqual([
      ...['config.json', 'onnx/text_model.onnx', 'onnx/vision_model.onnx', 'preprocessor_config.json'],
      ...['tokenizer.json', 'tokenizer_config.json'],
    ])
    expect(totalBytes).toBe(files.reduce((sum, { path }) => sum + readFileSync(join(source, path)).length, 0))
    expect(files.find(({ path }) => path === graph)?.hash.kind).toBe('sha256')
    expect(files.find(({ path }) => path === 'config.json')?.hash.kind).toBe('gitBlob')
    expect(hub.log).toEqual([])
    const small = await plan('int8')
    expect(small.files.map(({ path }) => path)).toContain('onnx/vision_model_quantized.onnx')
  })

  it('refuses names and models that are not there', async () => {
    await expect(plan(undefined, '../etc')).rejects.toMatchObject({ code: 'usage' })
    await expect(plan(undefined, 'owner/other')).rejects.toMatchObject({
      code: 'network.failed',
      message: expect.stringContaining('is not there (404)') as string,
    })
  })
})

describe('downloadExport', () => {
  it('brings every file whole, and a second time asks for nothing', async () => {
    const steps: number[] = []
    const planned = await plan()
    const folder = await downloadExport(options(), planned, downloads, {
      signal: never,
      onBytes: (done) => steps.push(done),
    })
    expectWhole(folder)
    expect(steps.at(-1)).toBe(planned.totalBytes)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    const asked = hub.log.length
    expect(await download()).toBe(folder)
    expect(hub.log).toHaveLength(asked)
  })

  it('goes on behind what arrived when the connection is cut, as often as something arrives', async () => {
    hub.mischief = ({ path, bytes, count, request }, response) => {
      if (path !== graph || count >= 8) return false
      const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0])
      response.writeHead(from === 0 ? 200 : 206, {
        'content-length': bytes.length - from,
        ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      })
      response.write(bytes.subarray(from, from + 5000), () => setTimeout(() => response.destroy(), 20))
      return true
    }
    expectWhole(await download())
    const ranges = hub.log.filter((line) => line.startsWith(graph))
    expect(ranges).toHaveLength(9)
    // How much of a piece arrives before the cut is up to the network, but nothing is fetched twice.
    const starts = ranges.map((line) => Number(/bytes=(\d+)-/.exec(line)?.[1] ?? 0))
    expect(starts).toEqual([...starts].sort((a, b) => a - b))
    expect(starts.at(-1)).toBeGreaterThanOrEqual(5000)
  })

  it('gives up after five tries that bring nothing, and keeps what arrived before', async () => {
    hub.mischief = ({ path }, response) => path === graph && (response.writeHead(503).end(), true)
    await expect(download()).rejects.toMatchObject({
      code: 'network.failed',
      message: expect.stringContaining('was 503') as string,
    })
    expect(waits).toEqual([1000, 2000, 4000, 8000])
    hub.mischief = () => false
    const asked = hub.log.length
    expectWhole(await download())
    // The small files that came before the graph were not fetched again.
    expect(hub.log.slice(asked)).not.toContain('config.json')
  })

  it('fetches spoilt bytes once more, and refuses them the second time', async () => {
    const spoil = (times: number): void => {
      hub.mischief = ({ path, bytes, count }, response) => {
        if (path !== graph || count >= times) return false
        const wrong = Buffer.from(bytes)
        wrong[1000]! ^= 1
        response.writeHead(200, { 'content-length': wrong.length }).end(wrong)
        return true
      }
    }
    spoil(1)
    expectWhole(await download())
    await hub.close()
    hub = await startHub(source)
    downloads = temporaryFolder('downloads')
    spoil(2)
    await expect(download()).rejects.toMatchObject({
      message: expect.stringContaining('twice with other bytes') as string,
    })
    const left = readdirSync(downloads, { recursive: true, encoding: 'utf8' })
    expect(left.filter((path) => path.includes('vision_model'))).toEqual([])
  })

  it.each<[string, LoopbackHub['mischief'], RegExp]>([
    [
      'more bytes than were listed',
      ({ bytes }, response) => (response.writeHead(200).end(Buffer.concat([bytes, bytes])), true),
      /is longer than the \d+ bytes/,
    ],
    [
      'fewer bytes than were listed, again and again',
      (_, response) => (response.writeHead(200, { 'content-length': 0 }).end(), true),
      /ended after 0 of \d+ bytes/,
    ],
    [
      'another part than was asked for',
      ({ bytes }, response) => {
        response
          .writeHead(206, { 'content-range': `bytes 7-${bytes.length - 1}/${bytes.length}` })
          .end(bytes.subarray(7))
        return true
      },
      /begins at byte 7 instead of 0/,
    ],
    [
      'a way in circles',
      ({ request }, response) => (response.writeHead(302, { location: request.url }).end(), true),
      /leads on and on/,
    ],
    [
      'a way to another kind of address',
      (_, response) => (response.writeHead(302, { location: 'ftp://127.0.0.1/x' }).end(), true),
      /not protected \(ftp:/,
    ],
    ['nothing without a password', (_, response) => (response.writeHead(401).end(), true), /not open to everybody/],
  ])('refuses a hub that gives %s', async (_, mischief, sentence) => {
    hub.mischief = (asked, response) => asked.path === graph && mischief(asked, response)
    await expect(download()).rejects.toMatchObject({
      code: 'network.failed',
      message: expect.stringMatching(sentence) as string,
    })
    expect(existsSync(join(downloads, `owner-small@${commit.slice(0, 12)}`, graph))).toBe(false)
  })

  it('follows a redirect to where the files are', async () => {
    hub.mischief = ({ path, bytes, request }, response) => {
      if (request.url!.startsWith('/cdn/')) return (sendRange(bytes, request, response), true)
      response.writeHead(302, { location: `/cdn/${path}` }).end()
      return true
    }
    expectWhole(await download())
  })

  it('begins anew where a server does not know ranges', async () => {
    const partial = join(downloads, `owner-small@${commit.slice(0, 12)}`, `${graph}.part`)
    mkdirSync(dirname(partial), { recursive: true })
    writeFileSync(partial, readFileSync(join(source, graph)).subarray(0, 3000))
    hub.mischief = ({ path, bytes }, response) => path === graph && (response.writeHead(200).end(bytes), true)
    expectWhole(await download())
    expect(hub.log).toContain(`${graph} bytes=3000-`)
  })

  it('stops at once when it is cancelled, keeps what arrived, and goes on from there', async () => {
    const stop = new AbortController()
    hub.mischief = ({ path, bytes, count }, response) => {
      if (path !== graph || count > 0) return false
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 20_000), () => setTimeout(() => stop.abort(), 50))
      return true
    }
    await expect(download(stop.signal)).rejects.toThrow(/abort/i)
    expectWhole(await download())
    expect(hub.log.filter((line) => line.startsWith(graph)).at(-1)).toMatch(/bytes=[1-9]\d*-$/)
  })

  it('goes through a proxy when there is one', async () => {
    const proxy = await startProxy()
    await http.close()
    http = createHttpClient({ httpProxy: proxy.url })
    expectWhole(await download())
    expect(proxy.passed()).toBeGreaterThan(0)
    await http.close()
    const before = proxy.passed()
    http = createHttpClient({ httpProxy: proxy.url, noProxy: '127.0.0.1' })
    await plan()
    expect(proxy.passed()).toBe(before)
    await proxy.close()
  })
})

/** What the loopback server refuses, and how it serves media and the window. That it carries the contract is tested in tests/contract. */
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, createLocalTransport, type Handlers } from '../../../main/contract/index.ts'
import { parseRange, partsOf } from '../../../main/files/index.ts'
import { plainName } from '../../../main/host/http-upload.ts'
import { addressOf, chooseToken, createToken, startServer, type RunningServer } from '../../../main/host/serve.ts'
import { fakeHandlers } from '../../contract/fake-handlers.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const token = createToken()
const folder = temporaryFolder('serve')
const file = (name: string, text: string): string => {
  mkdirSync(join(folder, name, '..'), { recursive: true })
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const left: string[] = []
/** Tells one thing and waits until the client has gone. */
const watch: Handlers['watch'] = (_, { signal, onEvent }) =>
  new Promise((_, reject) => {
    onEvent({ kind: 'note', message: 'here' })
    signal.addEventListener('abort', () => {
      left.push('watch')
      reject(signal.reason as Error)
    })
  })

let server: RunningServer
beforeAll(async () => {
  file('window/index.html', '<!doctype html><title>window</title>')
  file('window/assets/app-1a2b.js', 'export {}')
  file('secret.txt', 'secret')
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'window/assets/link.js'))
  symlinkSync(folder, join(folder, 'window/up'))
  const video = file('v.mp4', '0123456789')
  symlinkSync(video, join(folder, 'linked.jpg'))
  const posters: Record<string, string> = { s1: file('p.jpg', 'jpeg'), s2: join(folder, 'linked.jpg') }
  server = await startServer(createClient(createLocalTransport(fakeHandlers({ watch }))), {
    ...{ port: 0, token, maxBodyBytes: 1000, maxUploadBytes: 1000, windowDir: join(folder, 'window') },
    mediaFiles: {
      poster: (id) => posters[id] ?? null,
      async video(id) {
        if (id === 'v1') return { path: video }
        if (id === 'v2') return { state: 'preparing', reason: 'ProRes video', fraction: 0.5 }
        return id === 'v3' ? { state: 'failed', message: 'v3.mp4 is gone.' } : null
      },
      clip: (id) => (id === 'c1' ? video : null),
      uploadFolder() {
        mkdirSync(join(folder, 'uploads/u1'), { recursive: true })
        return join(folder, 'uploads/u1')
      },
    },
  })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

type Sent = { path?: string; method?: string; headers?: Record<string, string | undefined>; body?: string }
type Answer = { status: number; headers: IncomingHttpHeaders; body: string }

/** Plain node:http, because fetch does not let a test choose the Host header. */
function exchange({ path = '/rpc/counts', method = 'POST', headers = {}, body = '{}' }: Sent): Promise<Answer> {
  const usual = {
    host: `127.0.0.1:${server.port}`,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
  }
  const given = Object.fromEntries(Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== undefined))
  return new Promise((resolve, reject) => {
    const call = request(
      { agent: false, host: '127.0.0.1', port: server.port, path, method, headers: given as Record<string, string> },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() }),
        )
      },
    )
    call.on('error', reject)
    call.end(method === 'GET' || method === 'HEAD' ? undefined : body)
  })
}
const send = async (sent: Sent): Promise<number> => (await exchange(sent)).status
const get = (path: string, headers: Sent['headers'] = {}): Promise<Answer> => exchange({ path, method: 'GET', headers })

test('a proper call is answered', async () => {
  expect(await send({})).toBe(200)
  expect(await send({ headers: { host: `localhost:${server.port}`, origin: `http://localhost:${server.port}` } })).toBe(
    200,
  )
})

test.each<[string, Sent, number]>([
  ['no token', { headers: { authorization: undefined } }, 401],
  ['a wrong token', { headers: { authorization: 'Bearer wrong' } }, 401],
  ['the token in another scheme', { headers: { authorization: `Basic ${token}` } }, 401],
  ['another host (a rebound name)', { headers: { host: 'evil.example' } }, 403],
  ['the right host with another port', { headers: { host: '127.0.0.1:1' } }, 403],
  ['a page of another origin', { headers: { origin: 'http://evil.example' } }, 403],
  ['an opaque origin', { headers: { origin: 'null' } }, 403],
  [
    'a picture that another page embeds',
    { path: '/media/poster/s1', method: 'GET', headers: { 'sec-fetch-site': 'cross-site' } },
    403,
  ],
  ['a GET', { method: 'GET' }, 405],
  ['a form', { headers: { 'content-type': 'text/plain' } }, 415],
  ['an unknown procedure', { path: '/rpc/destroy' }, 404],
  ['an inherited name', { path: '/rpc/constructor' }, 404],
  ['no JSON', { body: '{' }, 400],
  ['a wrong input', { path: '/rpc/search', body: '{"text":""}' }, 400],
  ['a body over the limit', { body: JSON.stringify({ text: 'x'.repeat(2000) }) }, 413],
  [
    'a body over the limit that does not say how long it is',
    { body: JSON.stringify({ text: 'x'.repeat(2000) }), headers: { 'transfer-encoding': 'chunked' } },
    413,
  ],
  ['the prototype of all objects', { path: '/rpc/__proto__' }, 404],
  ['a procedure behind a path trick', { path: '/rpc/../rpc/counts/../destroy' }, 404],
  ['a procedure below another', { path: '/rpc/counts/counts' }, 404],
  ['the right host as a part of another', { headers: { host: '127.0.0.1.evil.example' } }, 403],
  ['an origin that only begins like ours', { headers: { origin: 'http://127.0.0.1.evil.example' } }, 403],
  ['a preflight of another page', { method: 'OPTIONS', headers: { origin: 'http://evil.example' } }, 403],
  ['a POST to the window', { path: '/index.html' }, 405],
])('%s is refused', async (_, sent, status) => {
  expect(await send(sent)).toBe(status)
})

test('a failure of the work has its own status', async () => {
  expect(await send({ path: '/rpc/rollback' })).toBe(422)
})

describe('a browser', () => {
  const cookie = (): string => `mama-${server.port}=${token}`
  const plain = { authorization: undefined }

  test('is let in by the printed address, and keeps the token where no script can read it', async () => {
    const address = new URL(addressOf(server, token))
    const { status, headers } = await get(`${address.pathname}${address.search}`, plain)
    expect([status, headers.location]).toEqual([303, '/'])
    expect(headers['set-cookie']).toEqual([`${cookie()}; HttpOnly; SameSite=Strict; Path=/`])
    expect((await get('/', { ...plain, cookie: cookie() })).body).toContain('<title>window</title>')
  })

  test.each<[string, Sent, number]>([
    ['a wrong token in the address', { path: '/?token=wrong', method: 'GET' }, 401],
    ['the window without a cookie', { path: '/', method: 'GET' }, 401],
    ['a wrong cookie', { path: '/', method: 'GET', headers: { cookie: 'mama-1=x' } }, 401],
    ['the cookie of another port', { path: '/', method: 'GET', headers: { cookie: `mama-1=${token}` } }, 401],
    ['media without a cookie', { path: '/media/poster/s1', method: 'GET' }, 401],
  ])('with %s is refused', async (_, sent, status) => {
    expect(await send({ ...sent, headers: { ...plain, ...sent.headers } })).toBe(status)
  })

  test('may call with its cookie from its own page only', async () => {
    const headers = { ...plain, cookie: cookie() }
    expect(await send({ headers: { ...headers, origin: `http://127.0.0.1:${server.port}` } })).toBe(200)
    expect(await send({ headers })).toBe(401) // no page sends a POST without its origin
    expect(await send({ headers: { ...headers, origin: 'http://evil.example' } })).toBe(403)
    expect(await send({ headers: { ...headers, origin: `http://localhost:${server.port}` } })).toBe(403)
  })

  test('gets the headers that keep a page to itself', async () => {
    const { headers } = await get('/')
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    })
  })
})

test('the window is served, and only what lies in its folder', async () => {
  expect(await get('/')).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
  expect(await get('/assets/app-1a2b.js')).toMatchObject({ status: 200, body: 'export {}' })
})

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/../../secret.txt',
  '/assets/..\\..\\secret.txt',
  '/assets/link.js',
  '/up/secret.txt',
  '//etc/passwd',
  '/assets/%00',
  '/.hidden',
  '/assets',
  '/media/poster/../../secret.txt',
  '/media/poster/..%2f..%2fsecret.txt',
  '/media/poster/s2',
  '/media/poster/nothing',
  '/media/video/nothing',
  '/media/other/v1',
  '/media/video/v1/more',
  `/media/video/${'a'.repeat(65)}`,
])('the path %s leads nowhere', async (path) => {
  const answer = await get(path)
  expect(answer.status).toBe(404)
  expect(answer.body).not.toContain('secret')
})

describe('media', () => {
  test.each<[string | undefined, number, string, string | undefined]>([
    [undefined, 200, '0123456789', undefined],
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=8-100', 206, '89', 'bytes 8-9/10'],
  ])('the range %s gets %i', async (range, status, body, contentRange) => {
    const answer = await get('/media/video/v1', range === undefined ? {} : { range })
    expect([answer.status, answer.body, answer.headers['content-range']]).toEqual([status, body, contentRange])
    expect(answer.headers).toMatchObject({ 'accept-ranges': 'bytes', 'content-type': 'video/mp4' })
    expect(answer.headers['content-length']).toBe(String(body.length))
  })

  test('a range behind the end is refused with the length', async () => {
    const { status, headers } = await get('/media/video/v1', { range: 'bytes=10-' })
    expect([status, headers['content-range']]).toEqual([416, 'bytes */10'])
  })

  test('two players at once, and one that leaves, get what they ask for', async () => {
    const ranges = ['bytes=0-1', 'bytes=5-6', 'bytes=2-3', 'bytes=8-9']
    const answers = await Promise.all(ranges.map((range) => get('/media/video/v1', { range })))
    expect(answers.map(({ body }) => body)).toEqual(['01', '56', '23', '89'])
  })

  test('a range of a file that has changed since gets the whole file', async () => {
    const { headers } = await get('/media/video/v1')
    const range = 'bytes=0-1'
    expect((await get('/media/video/v1', { range, 'if-range': headers.etag })).status).toBe(206)
    expect((await get('/media/video/v1', { range, 'if-range': '"other"' })).status).toBe(200)
    expect((await get('/media/video/v1', { 'if-none-match': headers.etag })).status).toBe(304)
  })

  test('a video whose preview is being made says so, and one that cannot be played says why', async () => {
    const preparing = await get('/media/video/v2')
    expect([preparing.status, preparing.headers['retry-after']]).toEqual([503, '2'])
    expect(JSON.parse(preparing.body)).toMatchObject({ state: 'preparing', fraction: 0.5 })
    expect(await get('/media/video/v3')).toMatchObject({ status: 422 })
  })

  test('posters are kept by the browser, clips are downloads', async () => {
    expect((await get('/media/poster/s1')).headers).toMatchObject({
      'cache-control': 'private, max-age=86400, immutable',
    })
    expect((await get('/media/clip/c1')).headers['content-disposition']).toBe("attachment; filename*=UTF-8''v.mp4")
    expect(await exchange({ path: '/media/poster/s1', method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
    expect(await send({ path: '/media/poster/s1', method: 'DELETE' })).toBe(405)
  })
})

describe('files that a browser hands over', () => {
  const put = (name: string, body: string): Promise<Answer> =>
    exchange({ path: `/upload?name=${encodeURIComponent(name)}`, method: 'PUT', body })
  const uploads = (): string[] => readdirSync(join(folder, 'uploads'), { recursive: true }) as string[]

  test('arrive under their name', async () => {
    const { status, body } = await put('靴 1.mp4', 'video')
    const target = join(folder, 'uploads/u1/靴 1.mp4')
    expect([status, JSON.parse(body)]).toEqual([200, { result: { path: target } }])
    rmSync(target)
  })

  test.each(['../x.mp4', 'a/b.mp4', 'a\\b.mp4', '.hidden', '', 'a\u0000b'])('may not be called %j', async (name) => {
    expect((await put(name, 'video')).status).toBe(400)
  })

  test('are refused over the limit, and leave nothing', async () => {
    expect((await put('large.mp4', 'x'.repeat(2000))).status).toBe(413)
    const chunked = await exchange({
      ...{ path: '/upload?name=large.mp4', method: 'PUT', body: 'x'.repeat(2000) },
      headers: { 'transfer-encoding': 'chunked' },
    }).catch(() => ({ status: 413 }))
    expect(chunked.status).toBe(413)
    expect(uploads().filter((name) => name.includes('large'))).toEqual([])
  })

  test('cannot be sent without the token or by another method', async () => {
    expect(await send({ path: '/upload?name=a', method: 'PUT', headers: { authorization: undefined } })).toBe(401)
    expect(await send({ path: '/upload?name=a' })).toBe(405)
    expect(await send({ path: '/uploads', method: 'PUT' })).toBe(404)
  })
})

test('a stream ends on the other side when the client goes away', async () => {
  const stop = new AbortController()
  const response = await fetch(`${server.url}rpc/watch`, {
    ...{ method: 'POST', body: '{}', signal: stop.signal },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
  const first = await response.body!.getReader().read()
  expect(new TextDecoder().decode(first.value as Uint8Array)).toBe('{"event":{"kind":"note","message":"here"}}\n')
  stop.abort()
  await expect.poll(() => left).toEqual(['watch'])
})

test('tokens differ and are long', () => {
  expect(createToken()).not.toBe(createToken())
  expect(createToken()).toMatch(/^[\w-]{43}$/)
})

test('a token that was chosen outside is taken when nobody can guess it', () => {
  expect(chooseToken(token)).toBe(token)
  expect(chooseToken(undefined)).toMatch(/^[\w-]{43}$/)
  expect(chooseToken('')).not.toBe(chooseToken(''))
  for (const bad of ['short', `${token} `, `${token};`]) expect(() => chooseToken(bad)).toThrow('MAMA_SERVE_TOKEN')
})

test('ranges, paths and names are read strictly', () => {
  expect(parseRange('bytes=0-1,3-4', 10)).toBeNull()
  expect(parseRange('bytes=5-2', 10)).toBeNull()
  expect(parseRange('bytes=-0', 10)).toBe('outside')
  expect(parseRange('bytes=0-', 0)).toBe('outside')
  expect(partsOf('/assets/app.js')).toEqual(['assets', 'app.js'])
  expect(partsOf('/a..b/c')).toBeNull()
  expect(plainName('a'.repeat(201))).toBeNull()
})

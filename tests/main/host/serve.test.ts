/** What the loopback server refuses. That it carries the contract is tested in tests/contract. */
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, createLocalTransport } from '../../../main/contract/index.ts'
import { createToken, startServer, type RunningServer } from '../../../main/host/serve.ts'
import { fakeHandlers } from '../../contract/fake-handlers.ts'

const token = createToken()
let server: RunningServer
beforeAll(async () => {
  server = await startServer(createClient(createLocalTransport(fakeHandlers())), { port: 0, token, maxBodyBytes: 1000 })
})
afterAll(() => server.close())

type Sent = { path?: string; method?: string; headers?: Record<string, string | undefined>; body?: string }

/** Plain node:http, because fetch does not let a test choose the Host header. */
function send({ path = '/rpc/counts', method = 'POST', headers = {}, body = '{}' }: Sent): Promise<number> {
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
        answer.resume()
        resolve(answer.statusCode ?? 0)
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}

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
  ['a page of another origin', { headers: { origin: 'http://evil.example' } }, 403],
  ['an opaque origin', { headers: { origin: 'null' } }, 403],
  ['a GET', { method: 'GET' }, 405],
  ['a form', { headers: { 'content-type': 'text/plain' } }, 415],
  ['an unknown procedure', { path: '/rpc/destroy' }, 404],
  ['an inherited name', { path: '/rpc/constructor' }, 404],
  ['a path outside', { path: '/../etc/passwd' }, 404],
  ['no JSON', { body: '{' }, 400],
  ['a wrong input', { path: '/rpc/search', body: '{"text":""}' }, 400],
  ['a body over the limit', { body: JSON.stringify({ text: 'x'.repeat(2000) }) }, 413],
])('%s is refused', async (_, sent, status) => {
  expect(await send(sent)).toBe(status)
})

test('a failure of the work has its own status', async () => {
  expect(await send({ path: '/rpc/rollback' })).toBe(422)
})

test('tokens differ and are long', () => {
  expect(createToken()).not.toBe(createToken())
  expect(createToken()).toMatch(/^[\w-]{43}$/)
})

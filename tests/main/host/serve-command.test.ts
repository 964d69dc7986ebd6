/** `mama serve` as a process: it prints the address with the token, serves the library, and ends cleanly with a window open. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createClient, type ProcedureEvent } from '../../../main/contract/index.ts'
import { createHttpTransport } from '../../../main/host/http-transport.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const launcher = fileURLToPath(new URL('../../../scripts/mama.mjs', import.meta.url))

test('the printed address opens the library, and Ctrl-C ends it', async () => {
  const dir = temporaryFolder('serve-command')
  const mama = spawn(process.execPath, [launcher, 'serve', '--library', join(dir, 'library')])
  try {
    let address = ''
    for await (const line of createInterface({ input: mama.stdout })) {
      address = /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/.exec(line)?.[0] ?? ''
      if (address !== '') break
    }
    const { origin, searchParams } = new URL(address)
    const token = searchParams.get('token')!
    const admitted = await fetch(address, { redirect: 'manual' })
    expect([admitted.status, admitted.headers.get('location')]).toEqual([303, '/'])
    expect((await fetch(`${origin}/`)).status).toBe(401)

    const client = createClient(createHttpTransport({ url: `${origin}/`, token }))
    const events: ProcedureEvent[] = []
    const watching = client.watch({}, { onEvent: (event) => events.push(event) }).catch((error: unknown) => error)
    expect(await client.overview({})).toMatchObject({ activeModel: 'zero-shot', readOnly: false })
    await expect.poll(() => events).toEqual([{ kind: 'listening' }])
    await client.changeSettings({ theme: 'dark' })
    await expect.poll(() => events).toMatchObject([{ kind: 'listening' }, { kind: 'change', what: ['settings'] }])

    mama.kill('SIGINT')
    expect((await once(mama, 'exit'))[0]).toBe(0)
    await watching
  } finally {
    mama.kill('SIGKILL')
    rmSync(dir, { recursive: true, force: true })
  }
}, 60_000)

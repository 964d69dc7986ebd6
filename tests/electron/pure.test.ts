/** What the desktop shell decides, without Electron: each decision is a function of plain facts. */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { jobKinds, procedures, shellCommands, type Job, type ProcedureName } from '../../main/contract/index.ts'
import { appPaths, type PathFacts } from '../../electron/app-paths.ts'
import { isExternalUrl, isInPageUrl, isOwnUrl } from '../../electron/allowed-urls.ts'
import { parseCommandLine } from '../../electron/command-line.ts'
import { acceleratorOf, menuKeys, menuTemplate } from '../../electron/menu.ts'
import { createPageInbox } from '../../electron/page-inbox.ts'
import { createPathGrants, pathFields } from '../../electron/path-grants.ts'
import { enginePolicy, restartDelayMs } from '../../electron/restart-policy.ts'
import { visibleBounds } from '../../electron/visible-bounds.ts'
import { needsAwake, noticeOf, progressBarOf, screenOf } from '../../electron/work-signs.ts'
import { wordsFor } from '../../electron/words.ts'
import { defaultKeys } from '../../renderer/src/state/shortcuts.ts'

describe('the command line', () => {
  it('gives library, networking and files, relative to where it was given', () => {
    const args = ['--no-sandbox', 'clips', '--library', 'lib', '--disable-networking', '/v/靴.mp4', '-psn_0_1', '']
    expect(parseCommandLine(args, '/home/a', '/app')).toEqual({
      libraryDir: resolve('/home/a/lib'),
      isNetworkingDisabled: true,
      files: [resolve('/home/a/clips'), resolve('/v/靴.mp4')],
      task: null,
    })
  })

  it('names what to begin with, whatever Chromium adds around it', () => {
    const args = ['--allow-file-access-from-files', '--do=search', '--original-process-start-time=1']
    expect(parseCommandLine(args, '/', '/app')).toMatchObject({ task: 'search', files: [] })
    expect(parseCommandLine(['--do=format-the-disk'], '/', '/app')).toMatchObject({ task: null, files: [] })
  })

  it('does not import the folder that Electron was told to run', () => {
    expect(parseCommandLine(['.', '--library=/l'], '/app', '/app')).toMatchObject({
      files: [],
      libraryDir: resolve('/l'),
    })
  })
})

describe('addresses', () => {
  test.each(['mama://app/', 'mama://app/media/video/1', 'mama://app/#/search?q=a'])('%s is the window’s own', (url) => {
    expect(isOwnUrl(url)).toBe(true)
    expect(isExternalUrl(url)).toBe(false)
  })

  test.each([
    ...['mama://evil/', 'mama://app.evil/', 'mama://user@app/', 'mama://app:1/', 'file:///etc/passwd', 'http://app/'],
    ...['', 'mama:', 'javascript:alert(1)', 'MAMA://APP.EVIL/'],
  ])('%s is not', (url) => expect(isOwnUrl(url)).toBe(false))

  test.each([
    ['https://example.com/a?b#c', true],
    ['http://example.com', true],
    ['mailto:someone@example.com', true],
    ['file:///etc/passwd', false],
    ['smb://server/share', false],
    ['javascript:alert(1)', false],
    ['ms-msdt:/id', false],
    ['vbscript:x', false],
    ['not an address', false],
  ])('%s may be handed to the system: %s', (url, isAllowed) => expect(isExternalUrl(url)).toBe(isAllowed))

  it('of the page itself need no network', () => {
    expect(['blob:mama://app/1', 'data:image/png;base64,', 'https://a/'].map(isInPageUrl)).toEqual([true, true, false])
  })
})

describe('where the window opens', () => {
  const left = { x: 0, y: 25, width: 1440, height: 875 }
  const right = { x: 1440, y: 0, width: 1920, height: 1080 }

  it('is the middle of the primary display the first time', () => {
    expect(visibleBounds(null, [left, right])).toEqual({ x: 60, y: 33, width: 1320, height: 860 })
  })

  it('is where it was, on whichever display', () => {
    const saved = { x: 1500, y: 100, width: 1000, height: 700 }
    expect(visibleBounds(saved, [left, right])).toEqual(saved)
  })

  it('is the primary display when the other one has gone', () => {
    expect(visibleBounds({ x: 1500, y: 100, width: 1000, height: 700 }, [left])).toEqual({
      ...{ x: 220, y: 113, width: 1000, height: 700 },
    })
  })

  test.each([
    ['almost beyond the right edge', { x: 1400, y: 100, width: 1000, height: 700 }],
    ['with its title below the display', { x: 100, y: 890, width: 1000, height: 700 }],
    ['far above it', { x: 100, y: -400, width: 1000, height: 700 }],
  ])('is never %s', (_, saved) => {
    const { x, y } = visibleBounds(saved, [left])
    expect([x, y]).toEqual([220, 113])
  })

  it('is never larger than the display, and its title never above it', () => {
    expect(visibleBounds({ x: 10, y: 0, width: 4000, height: 3000 }, [left])).toEqual({ ...left, x: 10 })
  })
})

describe('starting again', () => {
  it('waits longer each time, and gives up after the limit', () => {
    const delays = [1, 2, 3, 4, 5].map((count) =>
      restartDelayMs(
        Array.from({ length: count }, (_, i) => i * 1000),
        enginePolicy,
      ),
    )
    expect(delays).toEqual([250, 500, 1000, 2000, null])
  })

  it('forgets failures of long ago', () => {
    expect(restartDelayMs([0, 1, 2, 3, 4, 400_000], enginePolicy)).toBe(250)
  })
})

describe('paths', () => {
  it('every procedure that takes one is known, so that none can pass unseen', () => {
    const looksLikePath = /^(paths?|file|folder|queries|questions|source)$/
    const fieldsOf = (schema: unknown): string[] => {
      if (typeof schema !== 'object' || schema === null) return []
      const names = 'properties' in schema ? Object.keys(schema.properties as object) : []
      return [...names, ...Object.values(schema).flatMap(fieldsOf)]
    }
    const takePaths = (Object.keys(procedures) as ProcedureName[]).filter((name) =>
      fieldsOf(z.toJSONSchema(procedures[name].input, { io: 'input', unrepresentable: 'any' })).some((field) =>
        looksLikePath.test(field),
      ),
    )
    expect(takePaths.length).toBeGreaterThan(8)
    expect(takePaths.filter((name) => pathFields[name] === undefined)).toEqual([])
    expect(Object.keys(pathFields).sort()).toEqual(takePaths.sort())
  })

  it('are given for tokens only, in lists and in nested fields', () => {
    let count = 0
    const grants = createPathGrants(() => `00000000-0000-0000-0000-${String(++count).padStart(12, '0')}`)
    const [a, b] = [grants.grant('/v/a.mp4'), grants.grant('/v/b.csv')]
    expect(grants.redeem('startImport', { paths: [a] })).toEqual({ paths: ['/v/a.mp4'] })
    expect(grants.redeem('previewTable', { source: { path: b }, mapping: {} })).toEqual({
      source: { path: '/v/b.csv' },
      mapping: {},
    })
    expect(grants.redeem('previewTable', { source: { name: 'x', base64: '' } })).toEqual({
      source: { name: 'x', base64: '' },
    })
    expect(grants.redeem('search', { text: '/etc' })).toEqual({ text: '/etc' })
    for (const paths of [['/v/a.mp4'], [a, '/etc'], '/etc', [{ toString: () => a }]]) {
      expect(() => grants.redeem('startImport', { paths })).toThrow('handed over')
    }
    expect(() => grants.redeem('import', { paths: [a] })).toThrow('not for the window')
  })

  it('cannot be changed under a token', () => {
    const grants = createPathGrants(() => 'x')
    grants.put('file:1', '/v/a.mp4')
    grants.put('file:1', '/etc/passwd')
    expect(grants.redeem('locateVideo', { path: 'file:1' })).toEqual({ path: '/v/a.mp4' })
  })
})

describe('where the parts of the app lie', () => {
  const facts: PathFacts = {
    ...{ appPath: '/opt/app/resources/app.asar', resourcesPath: '/opt/app/resources', isPackaged: true },
    ...{ platform: 'linux', arch: 'x64', env: {}, exists: () => false },
  }

  it('the engine is outside the archive, the window inside', () => {
    const paths = appPaths({ ...facts, exists: (path) => path.startsWith('/opt/app/resources/') })
    expect(paths.engineEntry).toBe('/opt/app/resources/app.asar.unpacked/out/engine/engine.js')
    expect(paths.windowDir).toBe('/opt/app/resources/app.asar/out/renderer')
    expect(paths.nativeBinding).toBe('/opt/app/resources/natives/better_sqlite3.node')
    expect(paths.ffmpegPath).toBe('/opt/app/resources/ffmpeg/ffmpeg')
  })

  it('ffmpeg is the named one, the packed one, a usual one on macOS, or what the search path has', () => {
    expect(appPaths({ ...facts, env: { MAMA_FFMPEG: '/my/ffmpeg' } }).ffmpegPath).toBe('/my/ffmpeg')
    const mac = {
      ...facts,
      platform: 'darwin' as const,
      exists: (path: string) => path === '/opt/homebrew/bin/ffprobe',
    }
    expect(appPaths(mac)).toMatchObject({ ffmpegPath: undefined, ffprobePath: '/opt/homebrew/bin/ffprobe' })
  })
})

describe('the menu', () => {
  it('shows the keys that the window listens to', () => {
    for (const command of shellCommands) expect(defaultKeys[command]).toContain(menuKeys[command])
  })

  test.each([
    ['Mod+KeyK', 'CmdOrCtrl+K'],
    ['Alt+Digit1', 'Alt+1'],
    ['Shift+Slash', 'Shift+/'],
    ['Mod+Comma', 'CmdOrCtrl+,'],
    ['F5', 'F5'],
    ['IntlYen', null],
    [undefined, null],
  ])('%s is written %s', (keys, accelerator) => expect(acceleratorOf(keys)).toBe(accelerator))

  it('has the same items in each language and on each system, with settings and quit where they belong', () => {
    const labels = (language: 'en' | 'ja', isMac: boolean): string[] =>
      menuTemplate(
        { words: wordsFor(language, []), isMac, shortcuts: {} },
        { command: () => {}, importFrom: () => {}, showLog: () => {}, showLicences: () => {} },
      ).flatMap(({ label, submenu }) => [
        label ?? '',
        ...(submenu as { label?: string }[]).map((item) => item.label ?? ''),
      ])
    expect(labels('ja', false)).toHaveLength(labels('en', false).length)
    expect(labels('ja', true)).toHaveLength(labels('en', true).length)
    expect(labels('en', false)).toEqual(expect.arrayContaining(['Show Log', 'Licence Notices', 'About MAMA Studio']))
    expect(labels('ja', false).filter((label) => labels('en', false).includes(label) && label !== '')).toEqual([])
    expect(labels('en', true).filter((label) => label === 'Settings')).toHaveLength(1)
    expect(labels('en', true)).toEqual(
      expect.arrayContaining(['Hide MAMA Studio', 'Quit MAMA Studio', 'Undo', 'Search']),
    )
  })

  it('speaks the first language of the system that it knows', () => {
    expect(wordsFor('system', ['fr-FR', 'ja-JP', 'en-US']).menu.undo).toBe('元に戻す')
    expect(wordsFor('system', ['fr-FR']).menu.undo).toBe('Undo')
    expect(wordsFor('en', ['ja']).menu.undo).toBe('Undo')
  })
})

describe('long work', () => {
  const job = (fields: Partial<Job>): Job => ({
    ...{ id: 'j1', kind: 'import', state: 'running', progress: null, error: null, result: null, run: null },
    ...{
      encoder: null,
      model: null,
      waitsForPower: false,
      createdAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-01-01T00:01:00Z',
    },
    ...fields,
  })
  const half = {
    ...{ stage: 'indexing', done: 5, total: 10, unit: 'videos', ratePerSecond: null, remainingSeconds: null },
  }

  it('is a bar on the window: how far, unknown, paused, or none', () => {
    expect(progressBarOf([])).toEqual({ fraction: -1, mode: 'none' })
    expect(progressBarOf([job({ state: 'succeeded' })])).toEqual({ fraction: -1, mode: 'none' })
    expect(progressBarOf([job({})])).toEqual({ fraction: 2, mode: 'indeterminate' })
    expect(progressBarOf([job({ state: 'paused', progress: half }), job({ progress: half })])).toEqual({
      ...{ fraction: 0.5, mode: 'normal' },
    })
    expect(progressBarOf([job({ state: 'paused', progress: half })])).toEqual({ fraction: 0.5, mode: 'paused' })
  })

  it('is told when it ends after a while and nobody is looking', () => {
    const words = wordsFor('en', [])
    const done = job({ state: 'succeeded' })
    expect(noticeOf(job({}), done, false, words)).toBe('The videos are in the library.')
    expect(noticeOf(job({}), job({ state: 'failed', kind: 'train' }), false, words)).toBe(
      'The training run has stopped.',
    )
    expect(noticeOf(job({}), done, true, words)).toBeNull()
    expect(noticeOf(undefined, done, false, words)).toBeNull()
    expect(noticeOf(job({}), job({ state: 'cancelled' }), false, words)).toBeNull()
    expect(noticeOf(job({}), { ...done, updatedAt: '2026-01-01T00:00:02Z' }, false, words)).toBeNull()
  })

  it('keeps the computer awake, unless the battery is to be saved', () => {
    const always = { isOnBattery: true, indexWhen: 'always' } as const
    expect(needsAwake([job({ state: 'succeeded' }), job({})], always)).toBe(true)
    expect(needsAwake([job({ state: 'pending' })], always)).toBe(true)
    for (const state of ['paused', 'succeeded', 'failed', 'cancelled'] as const) {
      expect(needsAwake([job({ state })], always)).toBe(false)
    }
    expect(needsAwake([], always)).toBe(false)
    expect(needsAwake([job({})], { isOnBattery: true, indexWhen: 'mains' })).toBe(false)
    expect(needsAwake([job({})], { isOnBattery: false, indexWhen: 'mains' })).toBe(true)
  })

  it('is seen on a screen of its own', () => {
    expect(jobKinds.map((kind) => [kind, screenOf(kind)])).toEqual([
      ...[
        ['import', 'go.library'],
        ['sample', 'go.library'],
        ['index', 'go.library'],
      ],
      ...[
        ['train', 'go.train'],
        ['encoder', 'go.models'],
        ['promote', 'go.models'],
      ],
      ['descriptions', 'go.library'],
      ['answers', 'go.ask'],
    ])
  })
})

it('what comes early waits for the page, and comes once: files, and of commands the newest', () => {
  const delivered: unknown[] = []
  const inbox = createPageInbox(
    (name) => ({ token: `file:${name}`, name }),
    (message) =>
      delivered.push(
        message.kind === 'open' ? message.files.map(({ name }) => name) : 'command' in message && message.command,
      ),
  )
  inbox.addFiles(['a', 'b', 'a'])
  inbox.addCommand('go.train')
  inbox.addCommand('go.search')
  expect(delivered).toEqual([])
  inbox.setReady(true)
  inbox.setReady(false)
  inbox.addFiles(['c'])
  inbox.setReady(true)
  inbox.addCommand('go.label')
  expect(delivered).toEqual([['a', 'b'], 'go.search', ['c'], 'go.label'])
})

it('the engine’s process reaches no network until it is allowed', () => {
  const script = `
    import { createServer } from 'node:http'
    import { guardNetwork } from './electron/no-network.ts'
    const server = createServer((_, response) => response.end('reached')).listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port
      const ask = () => fetch(url).then((response) => response.text(), (error) => String(error.cause?.message ?? error))
      const guard = guardNetwork()
      const refused = await ask()
      guard.setAllowed(true)
      console.log(JSON.stringify([refused, await ask()]))
      server.close(); process.exit(0)
    })`
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '..', '..'),
    encoding: 'utf8',
  })
  expect(JSON.parse(stdout)).toEqual(['Networking is off. Allow it in the settings first.', 'reached'])
})

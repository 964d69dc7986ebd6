/**
 * What is packed: electron-builder makes the folder of an installed app against a stand-in for Electron's distribution (a
 * file with its name and its fuses), and the packed engine does real work under plain Node.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { getRawHeader, listPackage } from '@electron/asar'
import { FuseState } from '@electron/fuses/dist/constants.js'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../../main/contract/index.ts'
import { startEngine } from '../../electron/engine-link.ts'
import { noticeOf, noticesText, runtimeNotices, shippedPackages, writeLicences } from '../../scripts/licences.mjs'
import { ensureNatives, nativeCommands, nativePlace } from '../../scripts/natives.mjs'
import { sampleClips } from '../e2e/window.ts'
import { ensureDesktopBuilt, root } from './built.ts'
import { utilities } from './double/utility.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const folder = temporaryFolder('package')
const { arch } = process
const app = join(folder, 'out', arch === 'x64' ? 'linux-unpacked' : `linux-${arch}-unpacked`)
const resources = join(app, 'resources')
const unpacked = join(resources, 'app.asar.unpacked')
const long = 120_000

/** How Electron marks the place of its fuses: this text, a version, a count, then one digit each. */
const fuses = `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u0009${'1'.repeat(9)}`

const allFiles = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(process.platform !== 'linux')('the packed app', () => {
  let archived: string[] = []

  beforeAll(() => {
    ensureDesktopBuilt()
    writeLicences()
    const dist = join(folder, 'electron')
    mkdirSync(join(dist, 'resources'), { recursive: true })
    mkdirSync(join(dist, 'locales'))
    writeFileSync(join(dist, 'electron'), `stand-in ${fuses} end`)
    chmodSync(join(dist, 'electron'), 0o755)
    for (const file of ['LICENSE', 'LICENSES.chromium.html', 'version', 'chrome-sandbox'])
      writeFileSync(join(dist, file), '')
    // Node's own SQLite stands for Electron's, because Node runs what is packed here.
    const natives = join(folder, 'natives', `linux-${arch}`)
    mkdirSync(natives, { recursive: true })
    cpSync(
      join(root, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'),
      join(natives, 'better_sqlite3.node'),
    )
    const builder = join(root, 'node_modules', 'electron-builder', 'cli.js')
    const set = [`-c.electronDist=${dist}`, `-c.directories.output=${join(folder, 'out')}`]
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [builder, '--linux', 'dir', `--${arch}`, '--publish', 'never', ...set],
      { cwd: root, encoding: 'utf8', env: { ...process.env, MAMA_NATIVES: relative(root, join(folder, 'natives')) } },
    )
    if (status !== 0) throw new Error(`electron-builder failed: ${stdout}${stderr}`)
    archived = listPackage(join(resources, 'app.asar'), { isPack: false })
  }, long)

  it('holds the bundles and the window in the archive, and nothing that they are made from', () => {
    expect(archived).toEqual(
      expect.arrayContaining([
        '/package.json',
        '/out/desktop/main.js',
        '/out/desktop/preload.cjs',
        '/out/renderer/index.html',
      ]),
    )
    const { main } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string }
    expect(archived).toContain(`/${main}`)
    expect(
      archived.filter((path) => /\.(ts|svelte|map)$|^\/(main|electron|renderer|tests|scripts|docs)\//.test(path)),
    ).toEqual([])
    const packages = archived.flatMap((path) => /^\/node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1] ?? [])
    expect(packages.sort()).toEqual(['better-sqlite3', 'onnxruntime-common', 'onnxruntime-node'])
  })

  it('leaves outside the archive what the operating system loads, for this target only', () => {
    const files = allFiles(unpacked)
    expect(files).toEqual(
      expect.arrayContaining(['engine', 'session-worker', 'block-cost-worker'].map((name) => `out/engine/${name}.js`)),
    )
    expect(files).toContain('out/engine/migrations/0001-create-catalogue.sql')
    const binaries = files.filter((path) => /\.(node|so(\.\d+)*|dll|dylib)$/.test(path)).sort()
    const bin = `node_modules/onnxruntime-node/bin/napi-v6/linux/${arch}`
    expect(binaries).toEqual([`${bin}/libonnxruntime.so.1`, `${bin}/onnxruntime_binding.node`])
    // The archive itself holds no native code.
    const inside = JSON.stringify(getRawHeader(join(resources, 'app.asar')).header)
    expect(inside).toContain('"unpacked":true')
    expect(existsSync(join(resources, 'natives', 'better_sqlite3.node'))).toBe(true)
  })

  it('brings the model, the sample catalogue and the licences', () => {
    expect(allFiles(join(resources, 'models', 'built-in'))).toEqual(
      allFiles(join(root, 'resources', 'models', 'built-in')),
    )
    expect(existsSync(join(resources, 'sample-catalogue', 'catalogue.csv'))).toBe(true)
    const notices = readFileSync(join(resources, 'licences', 'THIRD-PARTY.txt'), 'utf8')
    for (const name of ['better-sqlite3', 'onnxruntime-node', 'svelte', 'zod']) expect(notices).toContain(`\n${name} `)
    // What is inside the libraries of ONNX Runtime, which its package does not say.
    for (const inside of ['Intel Math Kernel Library', 'FlatBuffers', 'protobuf', 'Eigen', 'DirectX Shader Compiler']) {
      expect(notices.toLowerCase()).toContain(inside.toLowerCase())
    }
    expect(existsSync(join(app, 'LICENSES.chromium.html'))).toBe(true)
  })

  it('has its fuses set', async () => {
    const wire = await getCurrentFuseWire(join(app, 'mama-studio'))
    const state = (option: FuseV1Options): FuseState | undefined => wire[option]
    expect(state(FuseV1Options.RunAsNode)).toBe(FuseState.DISABLE)
    expect(state(FuseV1Options.EnableNodeOptionsEnvironmentVariable)).toBe(FuseState.DISABLE)
    expect(state(FuseV1Options.EnableNodeCliInspectArguments)).toBe(FuseState.DISABLE)
    expect(state(FuseV1Options.OnlyLoadAppFromAsar)).toBe(FuseState.ENABLE)
    expect(state(FuseV1Options.EnableEmbeddedAsarIntegrityValidation)).toBe(FuseState.ENABLE)
    expect(state(FuseV1Options.GrantFileProtocolExtraPrivileges)).toBe(FuseState.DISABLE)
  })

  it(
    'imports, searches and ends, from the packed files alone',
    async () => {
      const engine = startEngine({
        engineEntry: join(unpacked, 'out', 'engine', 'engine.js'),
        mediaEntry: join(unpacked, 'out', 'engine', 'utility-media-host.js'),
        options: {
          ...{
            libraryDir: join(folder, 'library'),
            resourcesDir: resources,
            appVersion: '9.9.9',
            logFile: join(folder, 'log'),
          },
          nativeBinding: join(resources, 'natives', 'better_sqlite3.node'),
        },
        now: Date.now,
        log: () => {},
      })
      const client = createClient(engine.transport)
      try {
        const stages = new Set<string>()
        const { imported, failed } = await client.import(
          { paths: sampleClips(2) },
          { onEvent: (event) => event.kind === 'progress' && stages.add(event.stage) },
        )
        expect([imported, failed]).toEqual([2, []])
        expect(stages.size).toBeGreaterThan(0)
        const { segmentsSearched } = await client.search({ text: 'red', includeUnmatched: true })
        expect(segmentsSearched).toBeGreaterThan(0)
        expect((await client.diagnostics({})).text).toContain('9.9.9')
      } finally {
        await engine.close()
      }
      expect(utilities.every(({ child }) => child.exitCode !== null || child.signalCode !== null || child.killed)).toBe(
        true,
      )
      await expect(client.counts({})).rejects.toMatchObject({ code: 'engine.failed' })
    },
    long,
  )
})

describe('licence notices', () => {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')

  it('cover what is shipped and no tool of development', () => {
    const shipped = shippedPackages(lock)
    expect(shipped).toEqual(expect.arrayContaining(['node_modules/zod', 'node_modules/onnxruntime-common']))
    expect(shipped.filter((path) => /\/(vite|electron-builder|playwright|typescript)$/.test(path))).toEqual([])
  })

  it('have the text of the licence of every single package, and who it is from', () => {
    const grants =
      /Permission is hereby granted|Permission to use, copy|Redistribution and use in source|TERMS AND CONDITIONS/
    for (const path of shippedPackages(lock)) {
      const { name, text } = noticeOf(join(root, path))
      expect(text, name).toMatch(grants)
      expect(text, name).toMatch(/copyright/i)
    }
    const { text } = noticeOf(join(root, 'node_modules', '@bufbuild', 'protobuf'))
    expect(text).toMatch(/Buf Technologies[^]+Apache License[^]+Redistribution and use/)
  })

  it('are those of the very version of ONNX Runtime, or missing ones are asked for', () => {
    const { version } = JSON.parse(
      readFileSync(join(root, 'node_modules', 'onnxruntime-node', 'package.json'), 'utf8'),
    ) as { version: string }
    expect(runtimeNotices(version).length).toBeGreaterThan(300_000)
    expect(() => runtimeNotices('0.0.1')).toThrow(/notices of ONNX Runtime 0\.0\.1 are missing.*onnxruntime==0\.0\.1/)
  })

  it('refuse a package without a licence', () => {
    const bare = join(folder, 'bare')
    mkdirSync(bare, { recursive: true })
    writeFileSync(join(bare, 'package.json'), JSON.stringify({ name: 'bare', version: '1.0.0' }))
    expect(() => noticeOf(bare)).toThrow('bare names no licence')
    const declare = (fields: object): void =>
      writeFileSync(join(bare, 'package.json'), JSON.stringify({ name: 'bare', version: '1.0.0', ...fields }))
    declare({ license: 'MIT' })
    expect(() => noticeOf(bare)).toThrow('bare brings no text of its licence and names no author')
    declare({ license: 'Zlib OR MIT', author: 'Ann' })
    expect(() => noticeOf(bare)).toThrow(/bare brings no text of its licence \(Zlib\); add .*Zlib\.txt/)
    declare({ license: '(BSD-3-Clause AND MIT)', author: { name: 'Ann' } })
    const { text } = noticeOf(bare)
    expect(text).toMatch(/^Copyright \(c\) Ann\n\nRedistribution and use[^]+\n\nPermission is hereby granted/)
    expect(noticesText([{ name: 'a', version: '1.2.3', licence: 'MIT', text: 'Text of a.' }])).toContain(
      'a 1.2.3 (MIT)\n\nText of a.',
    )
  })
})

describe('SQLite for Electron', () => {
  const target = { platform: 'linux', arch: 'arm64', electron: '45.4.1' }

  it('is fetched or compiled for that Electron, and kept apart from the one for Node', () => {
    expect(nativePlace(target, '/n')).toMatchObject({ binary: '/n/linux-arm64/better_sqlite3.node', text: '45.4.1\n' })
    for (const command of nativeCommands(target)) {
      expect(command.join(' ')).toMatch(/electron.*45\.4\.1.*arm64/)
      expect(existsSync(command[0]!)).toBe(true)
    }
  })

  it('is made once, and its absence is one sentence', () => {
    const natives = join(folder, 'made')
    const make =
      "require('fs').mkdirSync('build/Release', { recursive: true }); require('fs').writeFileSync('build/Release/better_sqlite3.node', 'binary')"
    const fails = ['-e', 'process.exit(1)']
    expect(ensureNatives({ folder: natives, commands: [fails] })).toMatch(
      /^better-sqlite3 could not be fetched or compiled for Electron .*\.$/,
    )
    expect(ensureNatives({ folder: natives, commands: [fails, ['-e', make]] })).toBeUndefined()
    expect(ensureNatives({ folder: natives, commands: [fails] })).toBeUndefined() // there already
    const node = join(root, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node')
    expect(readFileSync(node).length).toBeGreaterThan(1000)
  })
})

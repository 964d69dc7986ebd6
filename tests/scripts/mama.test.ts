/** The command line as it is started: from its bundle, from the sources where there is none, and silent but for its own lines. */
import { spawnSync } from 'node:child_process'
import { closeSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildCli } from '../../scripts/build-cli.mjs'
import { temporaryFolder } from '../temporary-folder.ts'

const root = join(import.meta.dirname, '..', '..')
const clip = join(root, 'resources', 'sample-catalogue', 'videos', 'clip-001.mp4')
type Run = { code: number | null; stdout: string; stderr: string }

function run(args: readonly string[], { cwd = root, env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    ...{ cwd, encoding: 'utf8' },
    env: { ...process.env, ...env },
  })
  return { code: status, stdout, stderr }
}
const mama = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Run => run(['scripts/mama.mjs', ...args], { env })

/** The file with all that it imports before it runs. */
function loadedAtOnce(folder: string, file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  if (!file.startsWith('./')) return seen
  const text = readFileSync(join(folder, file), 'utf8')
  for (const [, target] of text.matchAll(/^(?:import|export)\b[^;'"]*?["']([^"']+)["'];?$/gm)) {
    loadedAtOnce(folder, target!, seen)
  }
  return seen
}

/** Each of these starts a few processes. */
const timeout = 180_000

describe('the command line', { timeout }, () => {
  it('says the same from its bundle and from its sources', () => {
    expect(mama(['--help'])).toEqual(mama(['--help'], { MAMA_SOURCE: '1' }))
    const mistyped = mama(['serach', 'lamp'])
    expect(mistyped).toMatchObject({ code: 2, stdout: '' })
    expect(mistyped).toEqual(mama(['serach', 'lamp'], { MAMA_SOURCE: '1' }))
  })

  it('reads videos with threads and processes from the sources, too', () => {
    const library = join(temporaryFolder('mama'), 'library')
    const { code, stdout } = mama(['import', clip, '--library', library, '--json'], { MAMA_SOURCE: '1' })
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { imported: 1, counts: { indexed: 1 } }])
  })

  it('loads neither the engine nor a native module before a command needs it', async () => {
    const folder = await buildCli()
    const loaded = [...loadedAtOnce(folder, './cli.js')]
    expect(loaded.length).toBeGreaterThan(2)
    const bytes = loaded.filter((file) => file.startsWith('./')).map((file) => readFileSync(join(folder, file)).length)
    const native = ['better-sqlite3', 'onnxruntime-node', 'node:worker_threads', 'node:child_process', 'node:http']
    expect(loaded.filter((file) => native.includes(file))).toEqual([])
    // The engine's services alone are larger than all of this.
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(600_000)
  })

  const full = '/dev/full'
  if (!existsSync(full)) console.log(`skipped: where a stack leads to, because there is no ${full} here`)
  it.skipIf(!existsSync(full))('names lines of the sources in a stack', () => {
    const disk = openSync(full, 'w')
    try {
      const { stderr } = spawnSync(process.execPath, ['scripts/mama.mjs', '--help'], {
        ...{ cwd: root, encoding: 'utf8', stdio: ['ignore', disk, 'pipe'] },
      })
      const [, line = '0'] = /main\/host\/program\.ts:(\d+):\d+/.exec(stderr) ?? []
      const source = readFileSync(join(root, 'main', 'host', 'program.ts'), 'utf8').split('\n')
      expect(source[Number(line) - 1]).toContain('environment.stdout.write')
    } finally {
      closeSync(disk)
    }
  })

  const library = join(temporaryFolder('mama'), 'library')
  let examined: Run | undefined
  const doctor = (): Run => (examined ??= mama(['doctor', '--library', library, '--json']))

  it('examines and measures devices without a line that is not its own', () => {
    for (const { code, stdout, stderr } of [doctor(), mama(['devices', '--library', library, '--json'])]) {
      expect([code, stderr]).toEqual([0, ''])
      expect(JSON.parse(stdout)).toBeTypeOf('object')
    }
  })

  it('refuses a device that is not there without a word of its driver', () => {
    type Finding = { kind: string; provider?: string; isThere?: boolean }
    const { checks } = JSON.parse(doctor().stdout) as { checks: { finding: Finding }[] }
    const missing = checks.find(({ finding }) => finding.isThere === false)?.finding.provider
    if (missing === undefined) return console.log('skipped: every provider works on this machine')
    const { code, stdout, stderr } = mama(['import', clip, '--device', missing, '--library', library, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'runtime.unavailable' } })
    // A line of progress is ours.
    expect(stderr.split('\n').filter((line) => !/^(looking at files.*)?$/.test(line))).toEqual([])
  })
})

describe('a project whose command line cannot be bundled', { timeout }, () => {
  /** Has the launcher and the packages of this one, and a command line of one line. */
  function project(source: string): string {
    const folder = temporaryFolder('launcher')
    mkdirSync(join(folder, 'main', 'host'), { recursive: true })
    cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true })
    cpSync(join(root, 'main', 'typescript-loader.mjs'), join(folder, 'main', 'typescript-loader.mjs'))
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'main', 'host', 'cli.ts'), source)
    return folder
  }

  it('runs from the sources where nothing can be written', () => {
    const folder = project("const word: string = process.argv.slice(2).join(' ')\nconsole.log(word)\n")
    writeFileSync(join(folder, 'out'), 'a file where the folder should be')
    expect(run(['scripts/mama.mjs', 'from', 'source'], { cwd: folder })).toEqual({
      ...{ code: 0, stdout: 'from source\n', stderr: '' },
    })
    expect(run(['scripts/mama.mjs'], { cwd: folder, env: { MAMA_DEBUG: '1' } }).stderr).toMatch(
      /^The sources run instead of a bundle: /,
    )
  })

  it('says where the mistake is in a source that does not compile', () => {
    const folder = project('const = 1\n')
    const { code, stderr } = run(['scripts/mama.mjs'], { cwd: folder })
    expect(code).toBe(1)
    expect(stderr).toMatch(/main\/host\/cli\.ts:1/)
  })
})

/**
 * Sets a fresh clone up: packages, native modules, ffmpeg, the command line, and Chromium when asked for (`--browser`).
 * Plain Node without dependencies, because it runs before anything is installed. A second run finds all done.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleFolder } from './cli-bundle.mjs'
import { mustInstall, nodeProblem, planPrograms } from './setup-plan.mjs'
import { createSteps } from './steps.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = join(root, 'node_modules', '.set-up')
const steps = createSteps(join(root, 'out', 'set-up.log'))

/** Opening a database and loading the runtime is the only proof that the binaries fit this Node. */
const nativeChecks = {
  'better-sqlite3': "new (require('better-sqlite3'))(':memory:').close()",
  'onnxruntime-node': "require('onnxruntime-node')",
}

/** Does what is missing and returns; when something cannot be done, says so in one sentence and ends with code 1. */
export function setUp({ browser = false } = {}) {
  stopOn(nodeProblem(process.versions.node))
  installPackages()
  for (const name of /** @type {(keyof typeof nativeChecks)[]} */ (Object.keys(nativeChecks))) ensureNative(name)
  ensurePrograms(browser)
  ensureCommandLine()
}

function installPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const wanted = `${createHash('sha256').update(lock).digest('hex')} abi ${process.versions.modules}\n`
  const stamp = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined
  if (!mustInstall(stamp, wanted)) return
  stopOn(steps.run('packages', [npm('ci')]) ? undefined : 'The packages could not be installed with npm ci.')
  writeFileSync(stampFile, wanted)
}

/** @param {keyof typeof nativeChecks} name */
function ensureNative(name) {
  const loads = () =>
    spawnSync(process.execPath, ['-e', nativeChecks[name]], { cwd: root, stdio: 'ignore' }).status === 0
  if (loads()) return
  steps.run(`${name}, which does not load in this Node`, [npm('rebuild', name)])
  stopOn(
    loads()
      ? undefined
      : `${name} could not be built for Node ${process.versions.node} on ${process.platform}-${process.arch}. It needs Python 3, make and a C++ compiler.`,
  )
}

/** @param {boolean} browser */
function ensurePrograms(browser) {
  const wanted = /** @type {('ffmpeg' | 'ffprobe' | 'chromium')[]} */ (['ffmpeg', 'ffprobe'])
  if (browser) wanted.push('chromium')
  const missing = wanted.filter((name) => !onPath(name))
  if (missing.length === 0) return
  const plan = planPrograms(missing, {
    root: process.getuid?.() === 0,
    apt: existsSync('/etc/debian_version') && onPath('apt-get'),
  })
  if ('problem' in plan) return stopOn(plan.problem)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const aptGet = (/** @type {string[]} */ ...args) => ({ command: 'apt-get', args: ['-q', ...args], env })
  const commands = [aptGet('update'), aptGet('install', '-y', '--no-install-recommends', ...plan.install)]
  const names = plan.install.join(' and ')
  stopOn(steps.run(names, commands) ? undefined : `${names} could not be installed with apt-get.`)
  stopOn(missing.every(onPath) ? undefined : `${missing.join(' and ')} could still not be found after installing.`)
}

/** @param {string} name */
function onPath(name) {
  const names = process.platform === 'win32' ? [`${name}.exe`, name] : [name]
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => names.some((file) => canRun(join(folder, file))))
}

/** @param {string} file */
function canRun(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // not there, or not ours to run: the same to us
  }
}

/** Without a bundle the command line runs from its sources, slower: a failure is said, and no reason to stop. */
function ensureCommandLine() {
  if (existsSync(bundleFolder(root))) return
  try {
    steps.run('command line', [{ command: process.execPath, args: [join(root, 'scripts', 'build-cli.mjs')] }])
  } catch {
    // a folder that cannot be written, where there is no log either
  }
}

/** @param {...string} args */
function npm(...args) {
  // The runtime's own install script fetches CUDA libraries; the CPU and WebGPU providers are inside the package.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
  const script = process.env['npm_execpath']
  if (script) return { command: process.execPath, args: [script, ...args], cwd: root, env }
  return { command: 'npm', args, cwd: root, env, shell: process.platform === 'win32' }
}

/** @param {string} sentence */
function say(sentence) {
  process.stderr.write(`${sentence}\n`)
}

/** @param {string | undefined} problem */
function stopOn(problem) {
  if (problem === undefined) return
  say(problem)
  process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp({ browser: process.argv.includes('--browser') })

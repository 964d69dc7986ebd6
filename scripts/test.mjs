/**
 * `npm test`: sets up, runs the static checks and every test, and ends with the line `N passed, M failed`.
 * With arguments (`npm test -- tests/main/graph`), runs only the tests that match them.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'
import { closingLine, tallyChecks, tallyReport } from './test-tally.mjs'

const bin = (/** @type {string} */ path) => join(root, 'node_modules', path)
/** Only what changed since the last check of the types is looked at again. */
const tsc = (/** @type {string} */ config) => [
  ...[bin('typescript/bin/tsc'), '-p', config],
  ...['--incremental', '--tsBuildInfoFile', join('out', 'types', `${config}.tsbuildinfo`)],
]
const typesOfTheWindow = {
  name: 'types of the window',
  args: [bin('svelte-check/bin/svelte-check'), '--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings'],
}
const checks = [
  { name: 'types', args: tsc('tsconfig.json') },
  { name: 'types of the platform-free layers', args: tsc('tsconfig.pure.json') },
  typesOfTheWindow,
  { name: 'lint and layers', args: [bin('eslint/bin/eslint.js'), '.', '--max-warnings=0'] },
  { name: 'format', args: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'] },
]

/**
 * Runs Node with `args`; resolves with the exit code and, unless it goes to the terminal, the output.
 *
 * @param {string[]} args
 * @param {{ show: boolean }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
function node(args, { show }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', ...(show ? both('inherit') : both('pipe'))],
    })
    let output = ''
    child.stdout?.on('data', (chunk) => (output += chunk))
    child.stderr?.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => resolve({ code: 1, output: String(error) }))
    child.on('close', (code) => resolve({ code: code ?? 1, output })) // null: ended by a signal
  })
}

/** @param {'inherit' | 'pipe'} kind */
function both(kind) {
  return /** @type {const} */ ([kind, kind])
}

/** @param {typeof checks[number]} check */
async function runCheck({ name, args }) {
  const begin = performance.now()
  const { code, output } = await node(args, { show: false })
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)${code === 0 ? '' : `\n${output}`}`)
  return code === 0
}

/** @param {string[]} filters */
async function runTests(filters) {
  const folder = mkdtempSync(join(tmpdir(), 'mama-test-'))
  const reportFile = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  try {
    const { code } = await node([bin('vitest/vitest.mjs'), 'run', ...reporters, ...filters], { show: true })
    return tallyReport(existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : undefined, code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

setUp()
const filters = process.argv.slice(2)
// Before the tests, not beside them: some tests measure how late a timer is.
const passed = filters.length > 0 ? [] : await Promise.all(checks.map(runCheck))
// A test asks the same of the same files; it need not be found out twice (tests/renderer/components.test.ts).
if (passed.length > 0)
  process.env['MAMA_TYPES_OF_THE_WINDOW'] = passed[checks.indexOf(typesOfTheWindow)] ? 'ok' : 'failed'
const tallies = [tallyChecks(passed), await runTests(filters)]
console.log(closingLine(tallies))
process.exitCode = tallies.some((tally) => tally.failed > 0) ? 1 : 0

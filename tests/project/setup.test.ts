/** What set-up decides from the facts it finds, and how a test run is counted. */
import { describe, expect, it } from 'vitest'
import { mustInstall, nodeProblem, planPrograms } from '../../scripts/setup-plan.mjs'
import { closingLine, tallyChecks, tallyReport } from '../../scripts/test-tally.mjs'

describe('set-up', () => {
  it('refuses a Node that is too old, in a sentence that names both versions', () => {
    expect(nodeProblem('20.18.3')).toMatch(/needs Node 20\.19 or newer; this is Node 20\.18\.3/)
    expect(nodeProblem('18.20.0')).toBeDefined()
  })

  it.each(['20.19.0', '20.20.2', '22.0.0', '24.11.1'])('takes Node %s', (version) => {
    expect(nodeProblem(version)).toBeUndefined()
  })

  it('installs when nothing was installed or the lock file changed, and not again', () => {
    expect(mustInstall(undefined, 'a')).toBe(true)
    expect(mustInstall('a', 'b')).toBe(true)
    expect(mustInstall('b', 'b')).toBe(false)
  })

  it('installs Debian packages when it may, each once', () => {
    expect(planPrograms(['ffmpeg', 'ffprobe', 'chromium'], { root: true, apt: true })).toEqual({
      install: ['ffmpeg', 'chromium'],
    })
  })

  it('says what to do when it may not install', () => {
    expect(planPrograms(['ffprobe'], { root: false, apt: true })).toEqual({
      problem: 'ffprobe could not be found. Run `sudo apt-get install ffmpeg`, then try again.',
    })
    expect(planPrograms(['ffmpeg', 'chromium'], { root: false, apt: false })).toEqual({
      problem:
        'ffmpeg and chromium could not be found. Install ffmpeg and chromium and put them on the PATH, then try again.',
    })
  })
})

describe('the count of a test run', () => {
  const report = (...files: { status: string; tests: string[] }[]) =>
    JSON.stringify({
      testResults: files.map(({ status, tests }) => ({
        status,
        assertionResults: tests.map((test) => ({ status: test })),
      })),
    })

  it('counts tests and static checks, and leaves skipped tests out', () => {
    const tests = tallyReport(report({ status: 'passed', tests: ['passed', 'skipped', 'passed'] }), 0)
    expect(closingLine([tallyChecks([true, true]), tests])).toBe('4 passed, 0 failed')
  })

  it('counts failed tests and failed checks', () => {
    const tests = tallyReport(report({ status: 'failed', tests: ['passed', 'failed', 'failed'] }), 1)
    expect(closingLine([tallyChecks([true, false]), tests])).toBe('2 passed, 3 failed')
  })

  it('counts a file that broke before its tests as one failure', () => {
    expect(tallyReport(report({ status: 'failed', tests: [] }, { status: 'passed', tests: ['passed'] }), 1)).toEqual({
      passed: 1,
      failed: 1,
    })
  })

  it('counts a crash, an unhandled rejection and a run without tests as one failure', () => {
    expect(tallyReport(undefined, 139)).toEqual({ passed: 0, failed: 1 })
    expect(tallyReport('{"testRes', 1)).toEqual({ passed: 0, failed: 1 })
    expect(tallyReport(report({ status: 'passed', tests: ['passed'] }), 1)).toEqual({ passed: 1, failed: 1 })
    expect(tallyReport(report(), 0)).toEqual({ passed: 0, failed: 1 })
  })
})

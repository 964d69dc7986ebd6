/** Counts what passed and what failed, from vitest's JSON report and the static checks. Pure. */

/** @typedef {{ passed: number, failed: number }} Tally */

/**
 * @param {readonly boolean[]} checks one entry a static check: did it pass
 * @returns {Tally}
 */
export function tallyChecks(checks) {
  const passed = checks.filter(Boolean).length
  return { passed, failed: checks.length - passed }
}

/**
 * Tests that ran, plus one failure for each file that broke before its tests could run. When vitest itself failed
 * without any of these (a crash, an unhandled rejection, no report at all), that counts as one failure: a run that
 * went wrong never ends in "0 failed".
 *
 * @param {string | undefined} report the text of vitest's JSON report
 * @param {number} exitCode vitest's own
 * @returns {Tally}
 */
export function tallyReport(report, exitCode) {
  const tally = { passed: 0, failed: 0 }
  for (const file of filesOf(report) ?? []) {
    const statuses = (file.assertionResults ?? []).map((test) => test.status)
    const failed = statuses.filter((status) => status === 'failed').length
    tally.passed += statuses.filter((status) => status === 'passed').length
    tally.failed += failed || (file.status === 'failed' ? 1 : 0)
  }
  if (tally.failed === 0 && (exitCode !== 0 || tally.passed === 0)) tally.failed = 1
  return tally
}

/**
 * @param {string | undefined} report
 * @returns {{ status?: string, assertionResults?: { status: string }[] }[] | undefined}
 */
function filesOf(report) {
  try {
    return JSON.parse(report ?? '').testResults
  } catch {
    return undefined // vitest was killed while writing
  }
}

/**
 * The closing line of a test run.
 *
 * @param {readonly Tally[]} tallies
 */
export function closingLine(tallies) {
  const sum = (/** @type {'passed' | 'failed'} */ key) => tallies.reduce((total, tally) => total + tally[key], 0)
  return `${sum('passed')} passed, ${sum('failed')} failed`
}

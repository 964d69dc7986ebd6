/** What a set-up run has to do, decided from plain facts. Pure: nothing here touches the machine. */

/** The oldest Node version that the project runs on. */
export const oldestNode = [20, 19]

/** Debian's name for the package that holds each program. */
const debianPackages = { ffmpeg: 'ffmpeg', ffprobe: 'ffmpeg', chromium: 'chromium' }

/**
 * A sentence when this Node version is too old, else undefined.
 *
 * @param {string} version such as `20.19.4`, without the leading v
 * @returns {string | undefined}
 */
export function nodeProblem(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined
  return `MAMA Studio needs Node ${oldestNode.join('.')} or newer; this is Node ${version}. Install a newer one from https://nodejs.org and try again.`
}

/**
 * True when the packages must be installed: nothing was installed yet, the last install did not finish (it leaves no
 * stamp), or the lock file or the Node ABI changed since.
 *
 * @param {string | undefined} stamp what the last finished install wrote
 * @param {string} wanted what an install of today would write
 */
export function mustInstall(stamp, wanted) {
  return stamp !== wanted
}

/**
 * How to get the missing programs: Debian packages when that is possible, else a sentence for the user.
 *
 * @param {readonly ('ffmpeg' | 'ffprobe' | 'chromium')[]} missing
 * @param {{ root: boolean, apt: boolean }} machine
 * @returns {{ install: string[] } | { problem: string }}
 */
export function planPrograms(missing, machine) {
  const packages = [...new Set(missing.map((name) => debianPackages[name]))]
  if (machine.apt && machine.root) return { install: packages }
  const hint = machine.apt
    ? `Run \`sudo apt-get install ${packages.join(' ')}\``
    : `Install ${packages.join(' and ')} and put ${packages.length > 1 ? 'them' : 'it'} on the PATH`
  return { problem: `${missing.join(' and ')} could not be found. ${hint}, then try again.` }
}

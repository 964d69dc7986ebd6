/** Where the parts of the app lie, in the sources' folder and in an installed app. Pure. */
import { join } from 'node:path'

export type AppPaths = {
  /** The built window. */
  readonly windowDir: string
  readonly preload: string
  readonly icon: string
  /** Entries of the utility processes. Outside the archive: worker threads and SQLite read plain files. */
  readonly engineEntry: string
  readonly mediaEntry: string
  /** Models and the sample catalogue. */
  readonly resourcesDir: string
  /** Written when the app is packed; undefined in the sources' folder. */
  readonly licences: string | undefined
  /** SQLite compiled for Electron; undefined where it was not built. */
  readonly nativeBinding: string | undefined
  readonly ffmpegPath: string | undefined
  readonly ffprobePath: string | undefined
}

export type PathFacts = {
  /** Folder of `package.json`, or the archive. */
  readonly appPath: string
  /** The folder of an installed app that holds the archive. */
  readonly resourcesPath: string
  readonly isPackaged: boolean
  readonly platform: NodeJS.Platform
  readonly arch: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly exists: (path: string) => boolean
}

/** As electron-builder names platforms, so that its patterns find the files. */
const osNames: Partial<Record<NodeJS.Platform, string>> = { darwin: 'mac', win32: 'win', linux: 'linux' }

/** Programs started from the Dock do not see the PATH of a shell. */
const macToolDirs = ['/opt/homebrew/bin', '/usr/local/bin', '/opt/local/bin']

export function appPaths(facts: PathFacts): AppPaths {
  const { appPath, isPackaged, platform, arch, exists } = facts
  const engineDir = join(isPackaged ? `${appPath}.unpacked` : appPath, 'out', 'engine')
  const resourcesDir = isPackaged ? facts.resourcesPath : join(appPath, 'resources')
  const nativesDir = isPackaged
    ? join(facts.resourcesPath, 'natives')
    : join(appPath, 'out', 'natives', `${osNames[platform] ?? platform}-${arch}`)
  const binding = join(nativesDir, 'better_sqlite3.node')
  const licences = join(facts.resourcesPath, 'licences', 'THIRD-PARTY.txt')
  return {
    windowDir: join(appPath, 'out', 'renderer'),
    preload: join(appPath, 'out', 'desktop', 'preload.cjs'),
    icon: join(appPath, 'out', 'desktop', 'icon.png'),
    engineEntry: join(engineDir, 'engine.js'),
    mediaEntry: join(engineDir, 'utility-media-host.js'),
    resourcesDir,
    licences: exists(licences) ? licences : undefined,
    nativeBinding: exists(binding) ? binding : undefined,
    ffmpegPath: toolPath('ffmpeg', facts, resourcesDir),
    ffprobePath: toolPath('ffprobe', facts, resourcesDir),
  }
}

/** The named program, then the one that was packed with the app; undefined: whatever the search path has. */
function toolPath(name: 'ffmpeg' | 'ffprobe', facts: PathFacts, resourcesDir: string): string | undefined {
  const { env, platform, exists } = facts
  const named = env[`MAMA_${name.toUpperCase()}`]
  if (named !== undefined && named !== '') return named
  const file = platform === 'win32' ? `${name}.exe` : name
  const places = [join(resourcesDir, 'ffmpeg'), ...(platform === 'darwin' ? macToolDirs : [])]
  return places.map((place) => join(place, file)).find(exists)
}

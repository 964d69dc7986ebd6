/** The dependency page, the manifest and the rules about versions agree. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

type Manifest = {
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  peerDependencies: Record<string, string>
  peerDependenciesMeta: Record<string, { optional: boolean }>
  allowScripts: Record<string, boolean>
}
type LockFile = { packages: Record<string, { hasInstallScript?: boolean }> }

const root = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const manifest = JSON.parse(read('package.json')) as Manifest
const lock = JSON.parse(read('package-lock.json')) as LockFile
const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies }

describe('dependencies', () => {
  it('are pinned to one version each', () => {
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-\S+)?$/.test(version))).toEqual([])
  })

  it('each have their reason on the dependency page', () => {
    const page = read('docs/DEPENDENCIES.md')
    expect(Object.keys(all).filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })

  it('leave the CUDA engine optional, and npm does not install it', () => {
    const name = '@tensorflow/tfjs-node-gpu'
    expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true })
    expect(lock.packages[`node_modules/${name}`]).toBeUndefined()
  })

  it('have a decision for each install script', () => {
    const withScript = Object.entries(lock.packages)
      .filter(([path, { hasInstallScript }]) => path !== '' && hasInstallScript)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
    expect([...new Set(withScript)].filter((name) => !(name in manifest.allowScripts))).toEqual([])
  })
})

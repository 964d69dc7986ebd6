/** Which bundle of the command line is today's, and what starts at the same time, killed builds and old bundles leave behind. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { bundleFolder, ensureBundle, stampOf } from '../../scripts/cli-bundle.mjs'
import { temporaryFolder } from '../temporary-folder.ts'

let root = ''
const write = (folder: string): void => writeFileSync(join(folder, 'cli.js'), 'done')
const bundles = (): string[] => readdirSync(join(root, 'out')).sort()
/** Days before now. */
const age = (path: string, days: number): void => {
  const then = new Date(statSync(path).mtimeMs - days * 86_400_000)
  utimesSync(path, then, then)
}

beforeEach(() => {
  root = temporaryFolder('cli-bundle')
  mkdirSync(join(root, 'main', 'host'), { recursive: true })
  writeFileSync(join(root, 'main', 'host', 'cli.ts'), '1')
  writeFileSync(join(root, 'package-lock.json'), '{}')
})

describe('the stamp of the sources', () => {
  it('stays the same while they do', () => {
    expect(stampOf(root)).toBe(stampOf(root))
  })

  it.each<[string, () => void]>([
    ['written', () => writeFileSync(join(root, 'main', 'host', 'cli.ts'), '12')],
    ['given an older time, as a copy has', () => age(join(root, 'main', 'host', 'cli.ts'), 3)],
    ['added', () => writeFileSync(join(root, 'main', 'host', 'new.ts'), '')],
    ['removed', () => rmSync(join(root, 'main', 'host', 'cli.ts'))],
  ])('changes when a source is %s', (_, change) => {
    const before = stampOf(root)
    change()
    expect(stampOf(root)).not.toBe(before)
  })

  it('changes with the packages', () => {
    const before = stampOf(root)
    writeFileSync(join(root, 'package-lock.json'), '{ "a": 1 }')
    expect(stampOf(root)).not.toBe(before)
  })
})

describe('the bundle', () => {
  it('is made once', async () => {
    let made = 0
    const count = (folder: string): void => {
      made += 1
      write(folder)
    }
    expect(await ensureBundle(root, count)).toBe(bundleFolder(root))
    await ensureBundle(root, count)
    expect(made).toBe(1)
    expect(bundles()).toEqual([basename(bundleFolder(root))])
  })

  it('is whole for every one of several starts at the same time', async () => {
    const slowly = async (folder: string): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      write(folder)
    }
    const folders = await Promise.all([1, 2, 3].map(() => ensureBundle(root, slowly)))
    expect(new Set(folders)).toEqual(new Set([bundleFolder(root)]))
    expect(readFileSync(join(folders[0]!, 'cli.js'), 'utf8')).toBe('done')
    expect(bundles()).toEqual([basename(bundleFolder(root))])
  })

  it('is not there when the making fails, and nothing is left of it', async () => {
    const fail = (folder: string): void => {
      write(folder)
      throw new Error('does not compile')
    }
    await expect(ensureBundle(root, fail)).rejects.toThrow('does not compile')
    expect(bundles()).toEqual([])
  })

  it('that was killed half way is never taken for one, and goes after a day', async () => {
    const half = join(root, 'out', 'unfinished-cli-0123456789ab')
    mkdirSync(half, { recursive: true })
    await ensureBundle(root, write)
    expect(existsSync(half)).toBe(true)
    age(half, 2)
    writeFileSync(join(root, 'main', 'host', 'cli.ts'), 'changed')
    await ensureBundle(root, write)
    expect(existsSync(half)).toBe(false)
    expect(existsSync(join(bundleFolder(root), 'cli.js'))).toBe(true)
  })

  it('of earlier sources stays for commands that run from it, the oldest go', async () => {
    for (let version = 0; version < 8; version += 1) {
      writeFileSync(join(root, 'main', 'host', 'cli.ts'), 'x'.repeat(version + 2))
      age(await ensureBundle(root, write), 20 - version)
    }
    writeFileSync(join(root, 'main', 'host', 'cli.ts'), 'y')
    const newest = await ensureBundle(root, write)
    expect(bundles()).toHaveLength(4)
    expect(bundles()).toContain(basename(newest))
  })

  it('is refused where nothing can be written', async () => {
    writeFileSync(join(root, 'out'), 'a file')
    await expect(ensureBundle(root, write)).rejects.toThrow()
  })
})

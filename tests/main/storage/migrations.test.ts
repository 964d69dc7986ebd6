import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../main/contract/index.ts'
import { openConnection } from '../../../main/storage/connection.ts'
import { migrate, planMigrations, shippedMigrations, type Migration } from '../../../main/storage/migrations.ts'
import { openLibrary } from '../../../main/storage/index.ts'
import { addVideo, plainOptions, tempFolder, tempLibrary } from './temp-library.ts'

const named = (...names: string[]): Migration[] => names.map((name) => ({ name, sql: '' }))

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
  return 'none'
}

describe('migrations', () => {
  it('run those that are missing, in order', () => {
    expect(planMigrations(['0001-a'], named('0001-a', '0002-b', '0003-c')).map(({ name }) => name)).toEqual([
      '0002-b',
      '0003-c',
    ])
  })

  it('are refused when the shipped numbers have a gap', () => {
    expect(() => planMigrations([], named('0001-a', '0003-c'))).toThrow('0003-c should have the number 0002')
  })

  it('refuse a library of a newer version, and one with an unknown history', () => {
    expect(codeOf(() => planMigrations(['0001-a', '0002-b'], named('0001-a')))).toBe('library.newer')
    expect(codeOf(() => planMigrations(['0001-x'], named('0001-a', '0002-b')))).toBe('library.damaged')
    expect(codeOf(() => planMigrations(['0002-b'], named('0001-a', '0002-b')))).toBe('library.damaged')
  })

  it('copy an existing library aside before they change it', () => {
    const dir = tempFolder()
    const before = tempLibrary(dir)
    addVideo(before, '/a.mp4')
    before.close()
    const migrations = [
      ...shippedMigrations(),
      { name: '0005-more', sql: 'CREATE TABLE more (x); DELETE FROM videos;' },
    ]
    const after = tempLibrary(dir, { migrations })
    expect(after.counts().eligible).toBe(0)
    after.close()
    const copy = join(dir, 'catalogue.before-0005.db')
    expect(existsSync(copy)).toBe(true)
    const connection = openConnection(copy)
    expect(connection.get('SELECT path FROM videos')).toEqual({ path: '/a.mp4' })
    connection.close()
    expect(codeOf(() => tempLibrary(dir))).toBe('library.newer')
  })

  it('leave a library as it was when one of them fails', () => {
    const dir = tempFolder()
    tempLibrary(dir).close()
    const broken = [...shippedMigrations(), { name: '0005-broken', sql: 'CREATE TABLE half (x); SELECT nonsense;' }]
    expect(() => openLibrary(dir, { ...plainOptions, migrations: broken })).toThrow('nonsense')
    const library = tempLibrary(dir)
    expect(library.integrityCheck()).toEqual([])
    library.close()
    const connection = openConnection(join(dir, 'catalogue.db'))
    expect(connection.get("SELECT 1 FROM sqlite_master WHERE name = 'half'")).toBeUndefined()
    connection.close()
  })

  it('are not copied aside for a new file and do nothing the second time', () => {
    const connection = openConnection(join(tempFolder(), 'catalogue.db'))
    expect(migrate(connection, { now: () => 1 })).toBeNull()
    expect(migrate(connection, { now: () => 1 })).toBeNull()
    connection.close()
  })

  it('are asked for when an older library is opened read-only', () => {
    const dir = tempFolder()
    tempLibrary(dir).close()
    const migrations = [...shippedMigrations(), { name: '0005-more', sql: 'CREATE TABLE more (x)' }]
    expect(codeOf(() => tempLibrary(dir, { readOnly: true, migrations }))).toBe('library.older')
  })
})

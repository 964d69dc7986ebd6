import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLibrary, restoreLibrary } from '../../../main/storage/index.ts'
import { addVideo, indexVideo, plainOptions, tempFolder, tempLibrary } from './temp-library.ts'

describe('a library', () => {
  it('refuses a second writer, allows readers, and is free after closing', () => {
    const dir = tempFolder()
    const first = tempLibrary(dir)
    expect(() => tempLibrary(dir)).toThrow(expect.objectContaining({ code: 'library.locked' }))
    addVideo(first, '/a.mp4')
    const reader = tempLibrary(dir, { readOnly: true })
    expect(reader.counts().eligible).toBe(1)
    expect(() => addVideo(reader, '/b.mp4')).toThrow('readonly')
    first.close()
    expect(tempLibrary(dir).counts().eligible).toBe(1)
  })

  it('is not made where only an existing one is wanted', () => {
    const dir = join(tempFolder(), 'none')
    for (const options of [{ readOnly: true }, { create: false }]) {
      expect(() => openLibrary(dir, { ...plainOptions, ...options })).toThrow(
        expect.objectContaining({ code: 'library.missing' }),
      )
    }
    expect(existsSync(dir)).toBe(false)
  })

  it('says that a file which is no database is damaged, and gives the lock back', () => {
    const dir = tempFolder()
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, 'catalogue.db'), 'not a database, but long enough to be read as a header of one'.repeat(20))
    for (let time = 0; time < 2; time++) {
      expect(() => tempLibrary(dir)).toThrow(expect.objectContaining({ code: 'library.damaged' }))
    }
  })

  it('undoes all edits of a transaction that fails, nested ones too', () => {
    const library = tempLibrary()
    expect(() =>
      library.transaction(() => {
        addVideo(library, '/a.mp4')
        library.transaction(() => addVideo(library, '/b.mp4'))
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(library.counts().eligible).toBe(0)
    expect(() => library.transaction(async () => Promise.resolve())).toThrow('must not be async')
  })

  it('counts eligible = indexed + failed + pending, copies apart', () => {
    const library = tempLibrary()
    indexVideo(library, addVideo(library, '/a.mp4', 'A'))
    addVideo(library, '/copy of a.mp4', 'A')
    library.videos.markFailed(addVideo(library, '/b.mp4').id, { code: 'noVideo', sentence: 'It has no video track.' })
    addVideo(library, '/c.mp4')
    expect(library.counts()).toMatchObject({ eligible: 3, indexed: 1, failed: 1, pending: 1, copies: 1, segments: 2 })
  })

  it('can be backed up while in use and restored, keeping what it replaces', async () => {
    const [dir, folder] = [tempFolder(), tempFolder()]
    const library = tempLibrary(dir)
    indexVideo(library, addVideo(library, '/a.mp4'))
    const file = join(folder, 'backup.db')
    await library.backup(file)
    addVideo(library, '/later.mp4')
    expect(() => restoreLibrary(file, dir, plainOptions)).toThrow(expect.objectContaining({ code: 'library.locked' }))
    library.close()

    const { keptAside } = restoreLibrary(file, dir, plainOptions)
    const restored = tempLibrary(dir)
    expect(restored.videos.list().map(({ path }) => path)).toEqual(['/a.mp4'])
    expect(restored.segments.count()).toBe(2)
    expect(restored.integrityCheck()).toEqual([])
    restored.close()

    restoreLibrary(keptAside ?? '', dir, plainOptions)
    expect(tempLibrary(dir).counts().eligible).toBe(2)
  })

  it('refuses to restore a damaged file and stays as it was', () => {
    const dir = tempFolder()
    const library = tempLibrary(dir)
    addVideo(library, '/a.mp4')
    library.close()
    const file = join(tempFolder(), 'broken.db')
    writeFileSync(file, 'x'.repeat(5000))
    expect(() => restoreLibrary(file, dir, plainOptions)).toThrow(expect.objectContaining({ code: 'library.damaged' }))
    expect(tempLibrary(dir).counts().eligible).toBe(1)
  })
})

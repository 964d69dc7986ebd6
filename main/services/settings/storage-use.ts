/** Disk space that a library uses, by part, and what of it can be freed. */
import { readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcedureInput, ProcedureOutput, StoragePart } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import { previewsDir } from '../library/index.ts'
import { clipsDir } from '../search/index.ts'
import { activationsDirOf, encodersDirOf, uploadsDirOf } from '../shared/library-folders.ts'

type Size = { bytes: number; files: number }

export async function storageUse(library: Library): Promise<ProcedureOutput<'storage'>> {
  const { dir } = library
  const isDatabase = (name: string): boolean => /^catalogue\.db(-wal|-shm)?$/.test(name)
  const parts: Record<StoragePart, Size> = {
    database: await sizeOf(dir, isDatabase, false),
    encoders: await sizeOf(encodersDirOf(dir)),
    posters: await sizeOf(library.thumbnailsDir),
    // Of unfinished runs, both.
    checkpoints: sum(await sizeOf(join(dir, 'checkpoints')), await sizeOf(activationsDirOf(dir))),
    previews: await sizeOf(previewsDir(library)),
    clips: await sizeOf(clipsDir(library)),
    // Videos that a browser handed over: they are the only copy that the library knows.
    uploads: await sizeOf(uploadsDirOf(dir)),
    // Put aside before an update of the form or a restore.
    backups: await sizeOf(dir, (name) => name.startsWith('catalogue.') && !isDatabase(name), false),
  }
  const { bavail, bsize } = await statfs(dir)
  return {
    folder: dir,
    freeBytes: bavail * bsize,
    totalBytes: Object.values(parts).reduce((total, { bytes }) => total + bytes, 0),
    parts: (Object.keys(parts) as StoragePart[]).map((part) => ({ part, ...parts[part] })),
  }
}

export async function clearStorage(
  library: Library,
  { part }: ProcedureInput<'clearStorage'>,
): Promise<ProcedureOutput<'clearStorage'>> {
  const folder = part === 'previews' ? previewsDir(library) : clipsDir(library)
  const { bytes } = await sizeOf(folder)
  await rm(folder, { recursive: true, force: true })
  return { freedBytes: bytes }
}

function sum(a: Size, b: Size): Size {
  return { bytes: a.bytes + b.bytes, files: a.files + b.files }
}

async function sizeOf(folder: string, wanted: (name: string) => boolean = () => true, deep = true): Promise<Size> {
  const total: Size = { bytes: 0, files: 0 }
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []) // not made yet
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!deep) continue
      const inside = await sizeOf(path, wanted)
      total.bytes += inside.bytes
      total.files += inside.files
    } else if (entry.isFile() && wanted(entry.name)) {
      total.bytes += (await stat(path).catch(() => ({ size: 0 }))).size // deleted meanwhile
      total.files += 1
    }
  }
  return total
}

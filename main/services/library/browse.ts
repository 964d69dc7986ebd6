/** Lists folders of this computer, for a window that has no file dialog of its own. Reads names only. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AppError, type ProcedureOutput } from '../../contract/index.ts'

type Entry = ProcedureOutput<'browse'>['entries'][number]

const maxEntries = 2000

/** @param roots the places to begin with @throws AppError `input.missing` for a folder that cannot be read */
export async function browse(roots: readonly string[], folder: string | undefined): Promise<ProcedureOutput<'browse'>> {
  if (folder === undefined) {
    const entries = roots.map((path): Entry => ({ name: basename(path) || path, path, kind: 'folder' }))
    return { folder: null, parent: null, entries, isCut: false }
  }
  const path = resolve(folder)
  const listed = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    throw new AppError('input.missing', `${path} cannot be opened. Choose another folder.`, { path }, { cause })
  })
  const visible = listed.filter(({ name }) => !name.startsWith('.'))
  const entries: Entry[] = []
  for (const entry of visible.slice(0, maxEntries)) {
    const full = join(path, entry.name)
    const kind = entry.isSymbolicLink() ? await kindOfLink(full) : kindOf(entry)
    if (kind !== null) entries.push({ name: entry.name, path: full, kind })
  }
  entries.sort((a, b) =>
    a.kind === b.kind ? a.name.localeCompare(b.name, undefined, { numeric: true }) : a.kind === 'folder' ? -1 : 1,
  )
  const parent = dirname(path) === path ? null : dirname(path)
  return { folder: path, parent, entries, isCut: visible.length > maxEntries }
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): Entry['kind'] | null {
  return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : null
}

async function kindOfLink(path: string): Promise<Entry['kind'] | null> {
  return stat(path).then(kindOf, () => null) // a dangling link leads nowhere
}

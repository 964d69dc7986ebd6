/**
 * Finds videos by a name that somebody else wrote: with accents composed in another way, in another case, without its
 * extension, with the folders of another computer in front. Pure. A name that says a folder never means a file of another,
 * unless folders are ignored.
 */

export type NamedPath = {
  readonly path: string
  readonly videoId: string
  /** Its folder says nothing: a file that came without one, such as an upload. */
  readonly folderless?: boolean
}

export type NameMatch =
  | { readonly kind: 'found'; readonly videoId: string }
  | { readonly kind: 'several'; readonly paths: readonly string[] }
  /** The name is there, but in other folders than the one that is asked for. */
  | { readonly kind: 'elsewhere'; readonly paths: readonly string[] }
  | { readonly kind: 'none' }

type Entry = NamedPath & { readonly parts: readonly string[] }

const partsOf = (path: string): string[] =>
  path
    .replaceAll('\\', '/')
    .normalize('NFC')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
const fold = (text: string): string => text.normalize('NFC').toLowerCase()
const withoutExtension = (name: string): string => name.replace(/\.[^.]{1,5}$/, '')

/** Looks through paths once; what it returns answers for each name. */
export function createNameFinder(
  paths: readonly NamedPath[],
  { ignoreFolders = false }: { ignoreFolders?: boolean } = {},
): (name: string) => NameMatch {
  const byName = new Map<string, Entry[]>()
  const byFolded = new Map<string, Entry[]>()
  const byStem = new Map<string, Entry[]>()
  const add = (map: Map<string, Entry[]>, key: string, entry: Entry): void => {
    const list = map.get(key)
    if (list === undefined) map.set(key, [entry])
    else list.push(entry)
  }
  for (const named of paths) {
    const parts = partsOf(named.path)
    const entry = { ...named, parts: named.folderless === true ? parts.slice(-1) : parts }
    const name = entry.parts.at(-1) ?? ''
    add(byName, name, entry)
    add(byFolded, fold(name), entry)
    add(byStem, fold(withoutExtension(name)), entry)
  }
  return (name) => {
    const wanted = partsOf(name)
    const last = wanted.at(-1)
    if (last === undefined) return { kind: 'none' }
    let elsewhere: readonly Entry[] = []
    for (const found of [byName.get(last), byFolded.get(fold(last)), byStem.get(fold(last))]) {
      const entries = found ?? []
      const near = nearest(entries, wanted, ignoreFolders)
      const ids = new Set(near.map(({ videoId }) => videoId))
      if (ids.size === 1) return { kind: 'found', videoId: near[0]!.videoId }
      if (ids.size > 1) return { kind: 'several', paths: near.map(({ path }) => path) }
      if (elsewhere.length === 0) elsewhere = entries
    }
    return elsewhere.length === 0 ? { kind: 'none' } : { kind: 'elsewhere', paths: elsewhere.map(({ path }) => path) }
  }
}

/** Those that share most folders with a name, counted from the file: at least the one that it lies in, if both say one. */
function nearest(entries: readonly Entry[], wanted: readonly string[], ignoreFolders: boolean): readonly Entry[] {
  const isDrive = /^[a-z]:$/i.test(wanted.at(-2) ?? '')
  const saysFolder = wanted.length > 1 && !isDrive && !ignoreFolders
  const shared = entries.map(({ parts }) => {
    let count = 0
    while (count + 1 < Math.min(parts.length, wanted.length)) {
      if (fold(parts.at(-2 - count)!) !== fold(wanted.at(-2 - count)!)) break
      count += 1
    }
    return count
  })
  const most = Math.max(0, ...shared)
  const near = entries.filter((_, i) => shared[i] === most)
  return most === 0 && saysFolder ? near.filter(({ parts }) => parts.length === 1) : near
}

/** Files out of a drop: folders are walked, so that a dropped folder means all videos in it. */

const mediaTypes = /\.(mp4|m4v|mov|mkv|webm|avi|mpg|mpeg|ts|mts|m2ts|wmv|flv|ogv|3gp|gif|mxf|txt|vtt|srt)$/i
const tableTypes = /\.(csv|tsv)$/i
const archiveTypes = /\.zip$/i
const imageTypes = /\.(jpe?g|png|webp)$/i

export type FileKind = 'table' | 'image' | 'media' | 'archive' | 'other'

export function kindOf(name: string): FileKind {
  if (tableTypes.test(name)) return 'table'
  if (archiveTypes.test(name)) return 'archive'
  if (imageTypes.test(name)) return 'image'
  return mediaTypes.test(name) ? 'media' : 'other'
}

/** Must be called while the drop event is handled: afterwards the browser forgets the entries. */
export async function filesOfDrop(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  if (entries.length === 0) return [...transfer.files]
  return (await Promise.all(entries.map(filesOf))).flat()
}

/** As `filesOfDrop`, where a folder need not be walked: it is imported by its path. */
export function itemsOfDrop(transfer: DataTransfer): { readonly file: File; readonly isFolder: boolean }[] {
  return [...transfer.items].flatMap((item) => {
    const file = item.getAsFile()
    return file === null ? [] : [{ file, isFolder: item.webkitGetAsEntry()?.isDirectory ?? false }]
  })
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile)
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))]
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: File[] = []
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return found
    for (const inner of batch) found.push(...(await filesOf(inner)))
  }
}

/** The system's own dialog for videos, tables, folders and archives. Runs in Electron's main process. */
import { dialog, type BrowserWindow } from 'electron'
import type { ChooseKind } from '../main/contract/index.ts'
import type { Words } from './words.ts'

/** What the system offers; the engine looks at the content. */
const videoExtensions = [
  ...['mp4', 'm4v', 'mov', 'mkv', 'webm', 'avi', 'mpg', 'mpeg', 'ts', 'mts', 'm2ts', 'wmv', 'flv', 'ogv', '3gp', 'mxf'],
] as const

/** @returns absolute paths; none when the dialog was closed */
export async function chooseFiles(
  window: BrowserWindow | null,
  what: ChooseKind,
  { dialog: labels }: Words,
): Promise<readonly string[]> {
  const filters = {
    videos: [{ name: labels.videos, extensions: [...videoExtensions] }],
    table: [{ name: labels.tables, extensions: ['csv', 'tsv'] }],
    folder: [],
    archive: [{ name: labels.archives, extensions: ['zip'] }],
  }
  const options = {
    buttonLabel: labels.import,
    filters: filters[what],
    properties: [
      what === 'folder' ? ('openDirectory' as const) : ('openFile' as const),
      ...(what === 'table' || what === 'archive' ? [] : (['multiSelections'] as const)),
    ],
  }
  const { filePaths } = await (window === null
    ? dialog.showOpenDialog(options)
    : dialog.showOpenDialog(window, options))
  return filePaths
}

/** Opens the library when the first procedure needs it, with the rights that the procedure needs, and closes it once. */
import { AppError } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'

/** `create` makes a missing library; `read` is content with a library that another process is writing to. */
export type Access = 'create' | 'write' | 'read'

export type LibraryAccess = {
  /** @throws AppError `library.missing`, `library.locked`, … */
  open(access: Access): Library
  /** For windows, which begin without a library: made when there is none, read-only when another process writes to it. */
  view(): Library
  /** The same to write to. @throws AppError `library.locked` */
  change(): Library
  /** Null where none can be opened: whoever needs the library says what is wrong with it. */
  ifThere(): Library | null
  close(): void
}

export type OpenLibrary = (options: { readOnly: boolean; create: boolean }) => Library

export function createLibraryAccess(dir: string, openLibrary: OpenLibrary): LibraryAccess {
  let library: Library | undefined
  const close = (): void => {
    library?.close()
    library = undefined
  }
  const open = (access: Access): Library => {
    if (library !== undefined && (access === 'read' || !library.readOnly)) return library
    close()
    try {
      library = openLibrary({ readOnly: false, create: access === 'create' })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'library.missing') throw missing(dir, error)
      if (error.code !== 'library.locked' || access !== 'read') throw error
      library = openLibrary({ readOnly: true, create: false })
    }
    return library
  }
  const view = (): Library => {
    try {
      return open('read')
    } catch (error) {
      if (error instanceof AppError && error.code === 'library.missing') return open('create')
      throw error
    }
  }
  return {
    ...{ close, open, view },
    change: () => view() && open('write'),
    ifThere() {
      try {
        return open('read')
      } catch {
        return null
      }
    },
  }
}

function missing(dir: string, cause: AppError): AppError {
  const message = `There is no library in ${dir}. Make one with: mama import <folder with videos> --library ${dir}`
  return new AppError('library.missing', message, { dir }, { cause })
}

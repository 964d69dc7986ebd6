/** Opens the library when the first procedure needs it, with the rights that the procedure needs, and closes it once. */
import { AppError } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'

/** `create` makes a missing library; `read` is content with a library that another process is writing to. */
export type Access = 'create' | 'write' | 'read'

export type LibraryAccess = {
  /** @throws AppError `library.missing`, `library.locked`, … */
  open(access: Access): Library
  close(): void
}

export type OpenLibrary = (options: { readOnly: boolean; create: boolean }) => Library

export function createLibraryAccess(dir: string, openLibrary: OpenLibrary): LibraryAccess {
  let library: Library | undefined
  const close = (): void => {
    library?.close()
    library = undefined
  }
  return {
    close,
    open(access) {
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
    },
  }
}

function missing(dir: string, cause: AppError): AppError {
  const message = `There is no library in ${dir}. Make one with: mama import <folder with videos> --library ${dir}`
  return new AppError('library.missing', message, { dir }, { cause })
}

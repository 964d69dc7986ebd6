/** Putting a backup in the place of a library's database. Runs in the engine. */

/**
 * Replaces the library in `dir` by a backup file. The backup is checked first; the present database is kept beside it
 * under the returned name.
 * @throws AppError library.locked, library.damaged, input.missing
 */
export function restoreLibrary(
  _file: string,
  _dir: string,
  _options: { readonly now: () => number; readonly nativeBinding?: string },
): { keptAside: string | null } {
  throw new Error('internal: not built yet')
}

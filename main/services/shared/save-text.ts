/** Tables and lists on their way out: to the window, or into a file. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { AppError } from '../../contract/index.ts'

/** Hands a text to the window and, when a path is given, writes it there. @throws AppError `input.invalid` */
export async function saveText(
  fileName: string,
  text: string,
  path: string | undefined,
): Promise<{ fileName: string; text: string; path: string | null }> {
  if (path === undefined) return { fileName, text, path: null }
  const target = resolve(path)
  await writeFile(target, text).catch((cause: unknown) => {
    const message = `${target} cannot be written. Choose another place.`
    throw new AppError('input.invalid', message, { path: target }, { cause })
  })
  return { fileName, text, path: target }
}

/**
 * Paths that the user has handed over: dropped, chosen in a dialog, or opened from the system. The window speaks of them
 * by token; what it asks the engine for passes here, so that no path of its own making gets through. Runs in Electron's
 * main process.
 */
import { AppError, type ProcedureName } from '../main/contract/index.ts'

/** Fields of inputs that hold paths, by procedure; `null`: not for the window, which has no files to name. */
export const pathFields: Partial<Record<ProcedureName, readonly string[] | null>> = {
  import: null,
  describe: null,
  label: null,
  evaluate: null,
  browse: null,
  startImport: ['paths'],
  addEncoder: ['source'],
  locateVideo: ['path'],
  previewTable: ['source.path'],
  importTable: ['source.path'],
  importQuestions: ['source.path'],
  evaluateQuestions: null,
  exportMoments: ['path'],
  auditExport: ['path'],
  cutClips: ['folder'],
  backup: ['file'],
  restore: ['file'],
  exportModel: null,
}

/** A dropped folder of many files is the largest thing that is granted at once. */
const mostGrants = 200_000

export type PathGrants = {
  grant(path: string): string
  /** Of the preload script, which makes its tokens itself. */
  put(token: string, path: string): void
  /** The input with paths in place of tokens. @throws AppError `usage` */
  redeem(name: ProcedureName, input: unknown): unknown
}

export function createPathGrants(newId: () => string): PathGrants {
  const paths = new Map<string, string>()
  const put = (token: string, path: string): void => {
    if (paths.has(token)) return
    paths.set(token, path)
    const [oldest] = paths.keys()
    if (paths.size > mostGrants && oldest !== undefined) paths.delete(oldest)
  }
  const pathOf = (value: unknown): unknown => {
    if (value === undefined) return undefined
    const path = typeof value === 'string' ? paths.get(value) : undefined
    if (path !== undefined) return path
    throw new AppError('usage', 'This file was not handed over to the app. Drop or choose it again.')
  }
  return {
    put,
    grant(path) {
      const token = `file:${newId()}`
      put(token, path)
      return token
    },
    redeem(name, input) {
      const fields = pathFields[name]
      if (fields === null) throw new AppError('usage', `${name} is not for the window.`)
      return (fields ?? []).reduce((value, field) => replace(value, field.split('.'), pathOf), input)
    },
  }
}

/** A copy with the field replaced; what has another form is left for the schema to refuse. */
function replace(value: unknown, [key, ...rest]: readonly string[], pathOf: (value: unknown) => unknown): unknown {
  if (key === undefined) return Array.isArray(value) ? value.map(pathOf) : pathOf(value)
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return value
  const record = value as Record<string, unknown>
  return { ...record, [key]: replace(record[key], rest, pathOf) }
}

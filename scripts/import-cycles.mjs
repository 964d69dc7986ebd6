/**
 * Import cycles of the sources, types and components included: files that import each other, directly or around some
 * corners, can only be read and moved together. ESLint reports each import that is part of one (eslint.config.js).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import typescript from 'typescript'

const folders = ['main', 'electron', 'renderer', 'scripts', 'tests', 'types']
const source = /\.(ts|mjs|js|svelte)$/

/**
 * Which file imports which, by path relative to `root` with forward slashes.
 *
 * @param {string} root
 * @returns {Map<string, string[]>}
 */
export function readImports(root) {
  const files = folders.flatMap((folder) => sourcesIn(root, folder))
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(join(root, file), 'utf8'))]))
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function sourcesIn(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'fixtures' ? [] : sourcesIn(root, path)
    return source.test(entry.name) ? [path] : []
  })
}

/**
 * The files of ours that a text imports, whatever the form: values, types, re-exports, `import()`.
 *
 * @param {string} file
 * @param {string} text
 */
export function importsOf(file, text) {
  const code = file.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script).join('\n')
    : text
  const { importedFiles } = typescript.preProcessFile(code, true, true)
  const specifiers = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'))
  return [...new Set(specifiers.map((name) => new URL(name, `file:///${file}`).pathname.slice(1)))]
}

/**
 * A shortest way from a file back to itself through `next`, or undefined where there is none.
 *
 * @param {ReadonlyMap<string, readonly string[]>} imports
 * @param {string} file
 * @param {string} next a file that it imports
 * @returns {string[] | undefined} `file`, `next`, ..., `file`
 */
export function cycleThrough(imports, file, next) {
  /** @type {Map<string, string>} */
  const cameFrom = new Map([[next, file]])
  for (const current of cameFrom.keys()) {
    if (current === file) {
      const way = [file]
      for (let at = cameFrom.get(file); at !== undefined && at !== file; at = cameFrom.get(at)) way.unshift(at)
      return [file, ...way]
    }
    for (const target of imports.get(current) ?? []) if (!cameFrom.has(target)) cameFrom.set(target, current)
  }
  return undefined
}

/** @type {Map<string, Map<string, string[]>>} */
const known = new Map()

/** The rule for ESLint. The files are read once a run, so an editor sees a new cycle when it starts ESLint again. */
export const cycleRule = {
  meta: { type: /** @type {const} */ ('problem'), schema: [] },
  /** @param {any} context */
  create(context) {
    const file = context.filename.slice(context.cwd.length + 1).replaceAll('\\', '/')
    const imports = known.get(context.cwd) ?? readImports(context.cwd)
    known.set(context.cwd, imports)
    const check = (/** @type {any} */ node) => {
      const specifier = node.source?.value
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return
      const target = new URL(specifier, `file:///${file}`).pathname.slice(1)
      const cycle = cycleThrough(imports, file, target)
      if (cycle !== undefined) {
        context.report({ node: node.source, message: `This import closes a cycle: ${cycle.join(' -> ')}.` })
      }
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: check,
    }
  },
}

/** Hooks of typescript-loader.mjs: the file that a thread or process begins with is taken from a bundle. */

let entry = ''

/** @param {string} url of the bundled file */
export function initialize(url) {
  entry = url
}

/** @type {import('node:module').ResolveHook} */
export function resolve(specifier, context, next) {
  return context.parentURL === undefined && specifier.endsWith('.ts')
    ? { url: entry, format: 'module', shortCircuit: true }
    : next(specifier, context)
}

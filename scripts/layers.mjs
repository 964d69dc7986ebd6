/**
 * Which folder may import what: the table that keeps imports pointing one way, as data, and the function that reads it.
 * ESLint applies it to every file (eslint.config.js). Tests may import anything.
 */

/** Folders that build on the runtime and on each other's numbers, never on each other. */
const numeric = ['base', 'contract', 'graph', 'runtime']

/**
 * A layer is a path prefix. `imports` lists the other layers whose index.ts it may import, by name; `node` says whether
 * Node's own modules may be imported.
 *
 * @type {Readonly<Record<string, { path: string, imports: readonly string[], node: boolean }>>}
 */
export const layers = {
  base: { path: 'main/base/', imports: [], node: false },
  contract: { path: 'main/contract/', imports: [], node: false },
  graph: { path: 'main/graph/', imports: ['base'], node: false },
  runtime: { path: 'main/runtime/', imports: ['base', 'contract', 'graph'], node: true },
  // Preloaded by threads and processes that run from source; imports nothing of ours.
  loader: { path: 'main/typescript-loader', imports: [], node: true },
  storage: { path: 'main/storage/', imports: ['base', 'contract'], node: true },
  media: { path: 'main/media/', imports: ['base', 'contract'], node: true },
  // How files are answered: ranges, media by id, the built window. Both hosts of the window use it.
  files: { path: 'main/files/', imports: ['base', 'contract'], node: true },
  jobs: { path: 'main/jobs/', imports: ['base', 'contract'], node: true },
  encoders: { path: 'main/encoders/', imports: numeric, node: true },
  training: { path: 'main/training/', imports: numeric, node: true },
  search: { path: 'main/search/', imports: numeric, node: true },
  labelling: { path: 'main/labelling/', imports: numeric, node: true },
  services: {
    path: 'main/services',
    imports: [...numeric, 'storage', 'media', 'jobs', 'encoders', 'training', 'search', 'labelling'],
    node: true,
  },
  // The study has no library and no queue: it is a composition root of its own.
  study: {
    path: 'main/host/study',
    imports: [...numeric, 'media', 'encoders', 'training', 'services', 'host'],
    node: true,
  },
  host: { path: 'main/host/', imports: ['base', 'contract', 'files', 'services'], node: true },
  // `media` for the entry of the media process, which must stay small: it may not load the services.
  electron: { path: 'electron/', imports: ['contract', 'files', 'media', 'services'], node: true },
  renderer: { path: 'renderer/', imports: ['contract'], node: false },
  scripts: {
    path: 'scripts/',
    // The loader: the launcher of the command line may have to run the sources.
    imports: [...numeric, 'loader', 'storage', 'media', 'encoders', 'training', 'search', 'services'],
    node: true,
  },
}

/**
 * The features inside main/services, and which others each may import, through their index.ts. What several need is in
 * main/services/shared, which any of them may import and which imports none. A feature that needs something of one above
 * it is handed a function by the composition root (main/services.ts).
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const features = {
  // Jobs know what work is by name only; the work itself comes as functions.
  jobs: [],
  // Reading videos is part of it, for whichever encoder asks.
  library: ['jobs'],
  models: ['jobs', 'library'],
  // Videos are read for the version in use, too, when the encoder changes.
  encoders: ['jobs', 'library', 'models'],
  search: ['jobs', 'library', 'models'],
  // A version is compared and judged by what searching with it finds.
  training: ['jobs', 'library', 'models', 'search'],
  // What to label next follows from the pairs that training would use.
  labelling: ['jobs', 'library', 'search', 'training'],
  audit: ['training'],
  // Pictures of videos go out and texts come in; what may be trained on them is the business of training.
  endpoint: ['jobs', 'library'],
  // A question about the results of a search, or about the catalogue, is asked of a search first.
  answers: ['endpoint', 'jobs', 'library', 'models', 'search'],
  // Only to measure the space that previews and clips take, and for the doctor.
  settings: ['jobs', 'library', 'models', 'search'],
  // No feature of the app: its host is main/host/study.ts.
  study: ['answers'],
}

/**
 * Packages and Node modules that only some layers may import. A package that is not named here is free for any layer
 * that may use Node's modules.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const owners = {
  'onnxruntime-node': ['runtime'],
  '@tensorflow/tfjs-core': ['runtime'],
  '@tensorflow/tfjs-node-gpu': ['runtime'],
  // Services have one of their own, which reads an encoder without being in the engine's way.
  'node:worker_threads': ['runtime', 'services'],
  'better-sqlite3': ['storage'],
  // The runtime tries devices in a process of their own, because drivers print and crash.
  'node:child_process': ['media', 'runtime', 'electron', 'scripts'],
  // Beside graph/, the two layers that write a small fixed model of their own (the provider probe, the search graph).
  'onnx-buf': ['graph', 'runtime', 'search', 'scripts'],
  '@bufbuild/protobuf': ['graph', 'runtime', 'search', 'scripts'],
  '@huggingface/tokenizers': ['encoders', 'scripts'],
  yauzl: ['encoders'],
  undici: ['encoders'],
  'csv-parse': ['services', 'scripts'],
  commander: ['host', 'study', 'scripts'],
  zod: Object.keys(layers).filter((name) => name !== 'base' && name !== 'graph'),
  electron: ['electron'],
  svelte: ['renderer'],
}

/** The doors of a layer: other layers import from these files only. */
const doors = /(\/index\.ts|^main\/services\.ts|^main\/services\/study\/[a-z-]+\.ts)$/

/**
 * The layer that a file belongs to, or undefined for files that no rule speaks about (tests, configuration).
 *
 * @param {string} file relative to the project, with forward slashes
 */
export function layerOf(file) {
  return Object.keys(layers).find((name) => file.startsWith(layers[name]?.path ?? '/'))
}

/**
 * A sentence when `file` may not import `specifier`, else undefined.
 *
 * @param {string} file the importing file, relative to the project, with forward slashes
 * @param {string} specifier as written in the import
 * @returns {string | undefined}
 */
export function layerProblem(file, specifier) {
  const name = layerOf(file)
  const layer = name === undefined ? undefined : layers[name]
  if (name === undefined || layer === undefined) {
    return /^(main|electron|renderer)\//.test(file)
      ? `${file} is in no layer; add its folder to scripts/layers.mjs.`
      : undefined
  }
  return specifier.startsWith('.')
    ? fileProblem(file, name, layer.imports, resolve(file, specifier))
    : packageProblem(name, layer.node, specifier)
}

/**
 * The feature whose folder of main/services a file is in; `shared` for what several need, undefined beside the folders.
 *
 * @param {string} file
 */
function featureOf(file) {
  return /^main\/services\/([a-z-]+)\//.exec(file)?.[1]
}

/**
 * @param {string} file
 * @param {string} target
 */
function featureProblem(file, target) {
  const [feature, other] = [featureOf(file), featureOf(target)]
  if (other === feature || (other === 'shared' && feature !== undefined)) return undefined
  if (other !== undefined && other !== 'shared' && features[other] === undefined) {
    return `${target} is in no feature; add its folder to scripts/layers.mjs.`
  }
  // The composition root knows the doors of all, and its parts the files that fit the real modules to the features.
  if (feature === undefined) {
    return other === undefined || other === 'shared' || target.endsWith('/index.ts') || file === adapters
      ? undefined
      : `Import ${other} through its index.ts, not ${target}.`
  }
  if (other === undefined) return `${feature} may not import ${target}: the features are put together there.`
  const allowed = features[feature] ?? []
  if (!allowed.includes(other)) {
    return `${feature} may not import from ${other}; it may import from: ${[...allowed, 'shared'].join(', ')}.`
  }
  return target === `main/services/${other}/index.ts`
    ? undefined
    : `Import ${other} through its index.ts, not ${target}.`
}

/** Where the features get the real collaborators. */
const adapters = 'main/services/engine-parts.ts'

/**
 * @param {string} file
 * @param {string} name
 * @param {readonly string[]} allowed
 * @param {string} target
 */
function fileProblem(file, name, allowed, target) {
  const targetLayer = layerOf(target)
  if (targetLayer === name) return name === 'services' ? featureProblem(file, target) : undefined
  if (targetLayer === undefined) return `${name} may not import ${target}, which is in no layer.`
  if (!allowed.includes(targetLayer)) {
    return `${name} may not import from ${targetLayer}; it may import from: ${allowed.join(', ') || 'nothing'}.`
  }
  return doors.test(target) || name === 'scripts' || targetLayer === 'host'
    ? undefined
    : `Import ${targetLayer} through its index.ts, not ${target}.`
}

/**
 * @param {string} name
 * @param {boolean} node
 * @param {string} specifier
 */
function packageProblem(name, node, specifier) {
  if (specifier.startsWith('node:') && !node) return `${name} runs anywhere, so it may not import ${specifier}.`
  const packageName = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  const allowed = owners[packageName]
  if (allowed !== undefined) {
    return allowed.includes(name) ? undefined : `Only ${allowed.join(', ')} may import ${packageName}, not ${name}.`
  }
  if (name === 'base' || name === 'contract') return `${name} may not import packages; ${packageName} is one.`
  return undefined
}

/**
 * @param {string} file
 * @param {string} specifier
 */
function resolve(file, specifier) {
  return new URL(specifier, `file:///${file}`).pathname.slice(1)
}

/** The rule for ESLint: reports every import, re-export and dynamic import that the table forbids. */
export const layerRule = {
  meta: { type: /** @type {const} */ ('problem'), schema: [] },
  /** @param {any} context */
  create(context) {
    const file = context.filename.slice(context.cwd.length + 1).replaceAll('\\', '/')
    const check = (/** @type {any} */ node) => {
      const specifier = node.source?.value
      const problem = typeof specifier === 'string' ? layerProblem(file, specifier) : undefined
      if (problem !== undefined) context.report({ node: node.source, message: problem })
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    }
  },
}

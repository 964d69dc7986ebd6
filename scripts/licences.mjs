/**
 * The licence notices of everything that is shipped, out of the installed packages: `out/licences/THIRD-PARTY.txt`.
 * Electron and Chromium bring their own. A package without a licence is an error.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './setup.mjs'

/** @typedef {{ name: string, version: string, licence: string, text: string }} Notice */

/** Packages that the app needs at run time, as folders below the project. Pure. @param {string} lockFile */
export function shippedPackages(lockFile) {
  /** @type {Record<string, { dev?: boolean, devOptional?: boolean, optional?: boolean, peer?: boolean }>} */
  const packages = JSON.parse(lockFile).packages
  return Object.entries(packages)
    .filter(([path, { dev, devOptional, optional, peer }]) => path !== '' && !dev && !devOptional && !optional && !peer)
    .map(([path]) => path)
    .sort()
}

/** Who owns what brings no notice of its own and names only its packager, or nobody. */
const holders = new Map([
  ['@bufbuild/protobuf', '2021-2026 Buf Technologies, Inc.; 2008 Google Inc.'],
  ['onnxruntime-common', 'Microsoft Corporation'],
  ['onnxruntime-node', 'Microsoft Corporation'],
])

const packaging = join(root, 'resources', 'packaging')
const standardTexts = join(packaging, 'licences')

/**
 * What is inside ONNX Runtime's libraries. Its npm package has no notices; these are of the same version's package for
 * Python, where they are `onnxruntime/ThirdPartyNotices.txt`.
 *
 * @param {string} version of onnxruntime-node
 */
export function runtimeNotices(version) {
  const file = join(packaging, 'notices', `onnxruntime-node-${version}.txt`)
  if (!existsSync(file)) {
    throw new Error(
      `The notices of ONNX Runtime ${version} are missing. Get them with \`pip download --no-deps onnxruntime==${version}\`, ` +
        `unpack onnxruntime/ThirdPartyNotices.txt from it, and put it into ${file}.`,
    )
  }
  return [
    'Inside ONNX Runtime, as its makers list it:',
    readFileSync(file, 'utf8').trim(),
    'On Windows it comes with DirectML.dll and dxil.dll, Copyright (c) Microsoft Corporation, under terms of their own,\n' +
      'which are not repeated here: they are in the packages Microsoft.AI.DirectML and Microsoft.Direct3D.DXC of\n' +
      'https://www.nuget.org. dxcompiler.dll is the DirectX Shader Compiler, which is built on LLVM:',
    readFileSync(join(packaging, 'notices', 'dxcompiler.txt'), 'utf8').trim(),
  ].join('\n\n')
}

/**
 * A package that brings no text of its licence gets the standard text of each licence that it declares.
 *
 * @param {string} folder
 * @returns {Notice}
 */
export function noticeOf(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const licence = typeof license === 'object' && license !== null ? license.type : license
  if (typeof licence !== 'string' || licence === '')
    throw new Error(`${name} names no licence; it must not be shipped.`)
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
  if (texts.length > 0) return { name, version, licence, text: texts.join('\n\n') }
  const by = holders.get(name) ?? (typeof author === 'object' && author !== null ? author.name : author)
  if (typeof by !== 'string') throw new Error(`${name} brings no text of its licence and names no author.`)
  const inside = name === 'onnxruntime-node' ? [runtimeNotices(version)] : []
  const text = [`Copyright (c) ${by}`, ...standardTextsOf(licence, name), ...inside].join('\n\n')
  return { name, version, licence, text }
}

/**
 * @param {string} licence an expression of SPDX, such as `(Apache-2.0 AND BSD-3-Clause)`
 * @param {string} name of the package
 */
function standardTextsOf(licence, name) {
  const ids = licence.split(/[\s()]+|\bAND\b|\bOR\b/).filter((id) => id !== '')
  return ids.map((id) => {
    const file = join(standardTexts, `${id}.txt`)
    if (!existsSync(file)) throw new Error(`${name} brings no text of its licence (${id}); add ${file}.`)
    return readFileSync(file, 'utf8').trim()
  })
}

/** Pure. @param {readonly Notice[]} notices */
export function noticesText(notices) {
  const line = '-'.repeat(100)
  const head =
    'MAMA Studio contains the work of others, under these licences. SQLite, inside better-sqlite3, is in the public domain.\n'
  return [
    head,
    ...notices.map(({ name, version, licence, text }) => `${line}\n${name} ${version} (${licence})\n\n${text}\n`),
  ].join('\n')
}

export function writeLicences() {
  const folders = shippedPackages(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const folder = join(root, 'out', 'licences')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'THIRD-PARTY.txt'), noticesText(folders.map((path) => noticeOf(join(root, path)))))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeLicences()

/** The layer table is enforced: a forbidden import is reported, by the function and by ESLint as configured. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ESLint, type Linter } from 'eslint'
import { configs } from 'typescript-eslint'
import { describe, expect, it } from 'vitest'
import { importsOf } from '../../scripts/import-cycles.mjs'
import { features, layerOf, layerProblem, layers, owners } from '../../scripts/layers.mjs'

const root = join(import.meta.dirname, '..', '..')

describe('the layer table', () => {
  it.each([
    ['main/graph/grad.ts', '../base/index.ts'],
    ['main/training/step.ts', '../graph/index.ts'],
    ['main/graph/grad.ts', './shape.ts'],
    ['main/services/training/train.ts', '../../training/index.ts'],
    ['main/services/training/train.ts', '../search/index.ts'],
    ['main/services/training/train.ts', './blocks/block-data.ts'],
    ['main/services/training/train.ts', '../shared/ports.ts'],
    ['main/services.ts', './services/training/index.ts'],
    ['main/services/engine-parts.ts', './library/media-tools.ts'],
    ['main/host/cli.ts', '../services.ts'],
    ['main/storage/connection.ts', 'better-sqlite3'],
    ['main/media/tool-process.ts', 'node:child_process'],
    ['electron/engine.ts', '../main/services.ts'],
    ['electron/utility-media-host.ts', '../main/media/index.ts'],
    ['tests/main/graph/grad.test.ts', '../../../main/graph/shape.ts'],
  ])('lets %s import %s', (file, specifier) => {
    expect(layerProblem(file, specifier)).toBeUndefined()
  })

  it.each([
    ['main/base/tensor.ts', '../contract/index.ts', 'base may not import from contract'],
    ['main/base/tensor.ts', 'node:fs', 'base runs anywhere'],
    ['main/graph/grad.ts', '../runtime/index.ts', 'graph may not import from runtime'],
    ['main/training/step.ts', '../storage/index.ts', 'training may not import from storage'],
    ['main/search/rank.ts', '../training/index.ts', 'search may not import from training'],
    ['main/training/step.ts', '../graph/shape.ts', 'Import graph through its index.ts'],
    ['main/training/step.ts', 'onnxruntime-node', 'Only runtime may import onnxruntime-node'],
    ['main/host/cli.ts', 'node:child_process', 'may import node:child_process, not host'],
    ['main/jobs/queue.ts', 'better-sqlite3', 'Only storage may import better-sqlite3'],
    ['main/services/search/search.ts', '../training/index.ts', 'search may not import from training'],
    ['main/services/training/train.ts', '../search/embed.ts', 'Import search through its index.ts'],
    ['main/services/training/train.ts', '../../services.ts', 'the features are put together there'],
    ['main/services/shared/ports.ts', '../library/index.ts', 'shared may not import from library'],
    ['main/services/jobs/news.ts', '../novelty/index.ts', 'is in no feature'],
    ['main/services.ts', './services/search/embed.ts', 'Import search through its index.ts'],
    ['main/services.ts', 'electron', 'Only electron may import electron'],
    ['electron/main.ts', '../main/storage/index.ts', 'electron may not import from storage'],
    ['electron/main.ts', '../main/services/library/import.ts', 'Import services through its index.ts'],
    ['main/host/serve.ts', '../../electron/engine.ts', 'host may not import from electron'],
    ['renderer/app.ts', '../main/storage/index.ts', 'renderer may not import from storage'],
    ['main/contract/errors.ts', 'commander', 'may import commander, not contract'],
    ['main/novelty/thing.ts', '../base/index.ts', 'is in no layer'],
  ])('keeps %s from importing %s', (file, specifier, problem) => {
    expect(layerProblem(file, specifier)).toContain(problem)
  })

  it('has a layer for every folder of main/', () => {
    const folders = readdirSync(join(root, 'main'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).filter((name) => layerOf(`main/${name}/x.ts`) === undefined)).toEqual([])
  })

  it('names only layers that exist', () => {
    const named = [...Object.values(layers).flatMap((layer) => layer.imports), ...Object.values(owners).flat()]
    expect(named.filter((name) => layers[name] === undefined)).toEqual([])
  })

  it('has no cycle', () => {
    const open = new Set(Object.keys(layers).filter((name) => name !== 'study' && name !== 'host'))
    for (;;) {
      const free = [...open].filter((name) => !layers[name]?.imports.some((other) => open.has(other)))
      if (free.length === 0) break
      free.forEach((name) => open.delete(name))
    }
    expect([...open]).toEqual([])
  })
})

describe('the table of features', () => {
  it('has a line for every folder of main/services', () => {
    const folders = readdirSync(join(root, 'main', 'services'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
      .map(({ name }) => name)
    expect(folders.sort()).toEqual(Object.keys(features).sort())
  })

  it('lets a feature import only what stands above it, so that there is no cycle', () => {
    const seen: string[] = []
    for (const [name, imports] of Object.entries(features)) {
      expect(
        imports.filter((other) => !seen.includes(other)),
        name,
      ).toEqual([])
      seen.push(name)
    }
  })

  it('has the same names as the contract, the window and its words', () => {
    const named = Object.keys(features).filter((name) => name !== 'study')
    const missing = named.flatMap((name) =>
      [
        `main/contract/${name}.ts`,
        `main/services/${name}/index.ts`,
        // Jobs have no screen of their own: every screen shows those that concern it.
        ...(name === 'jobs' ? [] : [`main/host/commands/${name}.ts`, `renderer/src/screens/${name}`]),
        ...(name === 'jobs' ? [] : [`renderer/src/i18n/en-${name}.ts`, `renderer/src/i18n/ja-${name}.ts`]),
      ].filter((path) => !existsSync(join(root, path))),
    )
    expect(missing).toEqual([])
  })

  it('keeps folders and files of main/services small', () => {
    const files = readdirSync(join(root, 'main', 'services'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `main/services/${name.replaceAll('\\', '/')}`)
    const folders = [...new Set(files.map((file) => dirname(file)))]
    expect(folders.filter((folder) => files.filter((file) => dirname(file) === folder).length > 20)).toEqual([])
    const manyImports = ['main/services.ts', ...files].filter((file) => {
      const targets = importsOf(file, readFileSync(join(root, file), 'utf8'))
      return targets.filter((target) => target.startsWith('main/services/')).length > 12
    })
    expect(manyImports).toEqual([])
  })
})

describe('ESLint', () => {
  // As configured, but without the types of the whole project, which none of these rules asks for and which take long to find.
  const lint = new ESLint({ cwd: root, overrideConfig: configs.disableTypeChecked as Linter.Config })

  it('reports a forbidden import, a default export and a real clock in main/', async () => {
    const text = "import '../storage/index.ts'\nexport const now = Date.now()\nexport default now\n"
    const [result] = await lint.lintText(text, { filePath: join(root, 'main', 'graph', 'index.ts') })
    expect(result?.messages.map((message) => message.ruleId)).toEqual(
      expect.arrayContaining(['layers/imports', 'no-restricted-properties', 'no-restricted-syntax']),
    )
  }, 60_000)

  it('reports a forbidden import inside a component', async () => {
    const text = `<script lang="ts">\n  import { openLibrary } from '../../../main/storage/index.ts'\n  openLibrary\n</script>\n`
    const [result] = await lint.lintText(text, { filePath: join(root, 'renderer', 'src', 'app', 'Window.svelte') })
    expect(result?.messages.map((message) => message.ruleId)).toContain('layers/imports')
  }, 60_000)
})

/** No file imports itself around corners, and the check that says so sees every form of import. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cycleThrough, importsOf, readImports } from '../../scripts/import-cycles.mjs'

it('sees values, types, re-exports, calls of import() and the scripts of components', () => {
  const text = [
    "import { a } from './a.ts'",
    "import type { B } from '../b.ts'",
    "export { c } from './c/index.ts'",
    "export type { D } from './d.ts'",
    "type E = import('./e.ts').E",
    "const f = await import('./f.ts')",
    "import { z } from 'zod'",
    "// import { g } from './g.ts'",
  ].join('\n')
  const found = ['main/x/a.ts', 'main/b.ts', 'main/x/c/index.ts', 'main/x/d.ts', 'main/x/e.ts', 'main/x/f.ts']
  expect(importsOf('main/x/x.ts', text).sort()).toEqual(found.sort())
  const component = `<script lang="ts">\n  import { a } from './a.ts'\n</script>\n<p>import x from './y.ts'</p>\n`
  expect(importsOf('renderer/X.svelte', component)).toEqual(['renderer/a.ts'])
})

it('finds the shortest way back', () => {
  const imports = new Map([
    ['a', ['b', 'd']],
    ['b', ['c']],
    ['c', ['a']],
    ['d', []],
    ['e', ['e']],
  ])
  expect(cycleThrough(imports, 'a', 'b')).toEqual(['a', 'b', 'c', 'a'])
  expect(cycleThrough(imports, 'a', 'd')).toBeUndefined()
  expect(cycleThrough(imports, 'e', 'e')).toEqual(['e', 'e'])
})

it('finds no cycle in the sources', () => {
  const imports = readImports(join(import.meta.dirname, '..', '..'))
  expect(imports.size).toBeGreaterThan(500)
  const cycles = [...imports].flatMap(([file, targets]) =>
    targets.flatMap((target) => cycleThrough(imports, file, target)?.join(' -> ') ?? []),
  )
  expect(cycles).toEqual([])
})

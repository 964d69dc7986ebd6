/** The components type-check, and both languages have every message: what plain tsc cannot see of `.svelte` files. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

it('the components have no type errors and no warnings', () => {
  // `npm test` has just asked the same of the same files (scripts/test.mjs); its answer is this one.
  const known = process.env['MAMA_TYPES_OF_THE_WINDOW']
  if (known !== undefined) return expect(known, 'the static check above says why').toBe('ok')
  const check = join(root, 'node_modules', 'svelte-check', 'bin', 'svelte-check')
  const args = [check, '--tsconfig', 'renderer/tsconfig.json', '--output', 'human', '--fail-on-warnings']
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  expect(status, stdout).toBe(0)
}, 180_000)

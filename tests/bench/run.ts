/**
 * Runs benches by name, one after the other in processes of their own: `npm run bench -- step import`. Without a name it
 * runs all. What follows a name and starts with a dash goes to that bench: `npm run bench -- step --rounds 1`.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const known = readdirSync(here)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.replace(/\.ts$/, ''))
  .sort()

type Wanted = { readonly name: string; readonly args: string[] }
const wanted: Wanted[] = []
for (const argument of process.argv.slice(2)) {
  // A value after an option belongs to it, unless it names a bench.
  if (known.includes(argument)) wanted.push({ name: argument, args: [] })
  else if (wanted.length > 0) wanted.at(-1)!.args.push(argument)
  else {
    console.error(`There is no bench "${argument}"; there are: ${known.join(', ')}.`)
    process.exit(2)
  }
}

for (const { name, args } of wanted.length > 0 ? wanted : known.map((bench) => ({ name: bench, args: [] }))) {
  const run = spawnSync(process.execPath, ['--import', 'tsx', `${here}${name}.ts`, ...args], { stdio: 'inherit' })
  if (run.status !== 0) process.exitCode = 1
}

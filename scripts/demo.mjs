/** `npm run demo`: sets up, then runs the demo (`main/host/demo.ts`); its exit code is ours. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

setUp()
const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs')
const demo = spawnSync(process.execPath, [tsx, join(root, 'main', 'host', 'demo.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = demo.status ?? 1

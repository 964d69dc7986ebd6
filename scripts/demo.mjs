/** `npm run demo`: sets up, then runs the demo (`main/host/demo.ts`) in this process. */
import { startEntry } from './mama.mjs'
import { setUp } from './setup.mjs'

setUp()
await startEntry('demo')

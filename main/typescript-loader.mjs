/**
 * Preloaded in a worker thread or a child process that runs from source: lets it import TypeScript. `--import tsx` alone does so
 * in a main thread only. Plain JavaScript, because it runs before TypeScript can be read; not part of a bundle.
 */
import { register } from 'tsx/esm/api'

register()

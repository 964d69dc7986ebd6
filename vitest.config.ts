import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    // Outside Electron its module is only the path of the binary; the shell's tests run on a double.
    alias: [
      {
        find: /^electron$/,
        replacement: fileURLToPath(new URL('./tests/electron/double/electron.ts', import.meta.url)),
      },
    ],
  },
  test: {
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/remove-temporary-folders.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})

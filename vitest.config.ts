/**
 * Two groups of tests. What changes nothing outside its own objects shares a process and its loaded modules from file to file.
 * Tests of the desktop shell and of whole processes, which put doubles into the world around them, have a process for each file,
 * and so have those that name a graphics driver for their process (otherEngines).
 */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const alone = [
  'tests/electron/**/*.test.ts',
  'tests/e2e/**/*.test.ts',
  'tests/main/runtime/engines.test.ts',
  'tests/main/training/step-engines.test.ts',
]

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
    setupFiles: ['tests/remove-temporary-folders.ts'],
    globalSetup: ['tests/build-command-line.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      { extends: true, test: { name: 'together', include: ['tests/**/*.test.ts'], exclude: alone, isolate: false } },
    ],
  },
})

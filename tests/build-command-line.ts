/**
 * Runs once before the tests: bundles the command line, which several of them start at the same time, and lets the threads and
 * processes that tests start begin from that bundle of the same sources, a second sooner each (main/typescript-loader.mjs).
 */
import type { TestProject } from 'vitest/node'
import { buildCli } from '../scripts/build-cli.mjs'

export async function setup({ config }: TestProject): Promise<void> {
  try {
    const folder = await buildCli()
    // While somebody edits the sources they would go on with what the sources were.
    if (!config.watch) process.env['MAMA_ENTRIES'] = folder
  } catch {
    // A source does not compile, or nothing can be written here: all runs from source, and the tests say what is wrong.
  }
}

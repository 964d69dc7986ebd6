/** Runs once before the tests: the command line's bundle, which several of them start at the same time. */
import { buildCli } from '../scripts/build-cli.mjs'

export async function setup(): Promise<void> {
  try {
    await buildCli()
  } catch {
    // A source does not compile, or nothing can be written here: the launcher runs the sources, and the tests say what is wrong.
  }
}

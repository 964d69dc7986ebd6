/** All that a run changes, wherever it lies: resident tensors of the step, and the table of the lexicon beside them. */
import type { TensorMap } from '../base/index.ts'
import { lexiconStateNames, type LexiconTable } from './lexicon-table.ts'
import type { StepFeeds, StepResult, StepRunner } from './step-runner.ts'

export type NumberedStep = StepFeeds & {
  /** From 1, over the whole run. */
  readonly number: number
  /** Learning rate of the lexicon's vectors. */
  readonly lexiconRate: number
  /** Entries of the lexicon that the batch and the meta batch have, ascending. */
  readonly activeEntries: readonly number[]
}

export type RunState = {
  /** What a checkpoint must hold. */
  readonly names: readonly string[]
  /** @param step that the state is of: the steps done before it */
  write(state: TensorMap, step: number): Promise<void>
  /** @param step the steps that are done */
  read(step: number): Promise<TensorMap>
  /** @throws AppError `runtime.failed` */
  run(step: NumberedStep): Promise<StepResult>
}

/** @param table undefined: the tower has no lexicon */
export function createRunState(runner: StepRunner, table: LexiconTable | undefined): RunState {
  if (table === undefined) {
    return {
      names: runner.stateNames,
      write: (state) => runner.writeState(pick(state, runner.stateNames)),
      read: () => runner.readState(),
      run: (step) => runner.run(step),
    }
  }
  const resident = runner.stateNames.filter((name) => !lexiconStateNames.includes(name))
  return {
    names: runner.stateNames,
    async write(state, step) {
      await runner.writeState(pick(state, resident))
      table.restore(state, step)
    },
    async read(step) {
      table.settle(step)
      return { ...(await runner.readState(resident)), ...table.state() }
    },
    async run({ number, lexiconRate, activeEntries, ...feeds }) {
      await runner.writeState(table.load(activeEntries, number))
      table.setRate(number, lexiconRate)
      const result = await runner.run(feeds)
      table.store(activeEntries, number, await runner.readState(lexiconStateNames))
      return result
    },
  }
}

function pick(from: TensorMap, names: readonly string[]): TensorMap {
  return Object.fromEntries(names.map((name) => [name, from[name]!]))
}

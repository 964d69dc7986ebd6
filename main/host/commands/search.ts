/** `mama search|evaluate`: the commands around searching, as options and calls. */
import { AppError } from '../../contract/index.ts'
import type { CommandParts, GlobalOptions } from './command.ts'
import { wholeNumber } from './number-options.ts'

export function addSearchCommands({ command, perform }: CommandParts): void {
  command('search <text...>', 'find moments by describing them')
    .option('--k <count>', 'how many moments', wholeNumber(1, 1000), 10)
    .option('--model <id>', 'model version, zero-shot or active', 'active')
    .action((words: string[], options: GlobalOptions & { k: number; model: string }) =>
      perform('search', options, (client, { signal }) =>
        client.search({ text: textOf(words), k: options.k, model: options.model }, { signal }),
      ),
    )
  command('evaluate', 'measure retrieval on queries with known answers')
    .requiredOption('--queries <file>', 'JSON lines: {"query", "relevant": [{"file","start","end"}]}')
    .option('--model <id>', 'model version, zero-shot or active', 'active')
    .action((options: GlobalOptions & { queries: string; model: string }) =>
      perform('evaluate', options, (client, listen) =>
        client.evaluate({ queries: options.queries, model: options.model }, listen),
      ),
    )
}

/** @throws AppError `usage` */
function textOf(words: readonly string[]): string {
  const text = words.join(' ').trim()
  if (text !== '') return text
  throw new AppError('usage', 'Say what to look for, for example: mama search "red boots on snow"')
}

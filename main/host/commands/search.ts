/** `mama search|evaluate`: the commands around searching, as options and calls. */
import { AppError } from '../../contract/index.ts'
import { answerModelOf } from './answers.ts'
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
  command('evaluate', 'measure retrieval or answers on a file with known results')
    .option('--queries <file>', 'JSON lines: {"query", "relevant": [{"file","start","end"}]}')
    .option('--questions <file>', 'JSON lines: {"file", "type", "question", "answer", "choices", "moments"}')
    .option('--model <id>', 'model version, zero-shot or active; of questions: answers or dual')
    .action((options: GlobalOptions & { queries?: string; questions?: string; model?: string }) => {
      const { queries, questions, model } = options
      if ((queries === undefined) === (questions === undefined)) {
        throw new AppError('usage', 'Say what to measure on: mama evaluate --queries FILE or --questions FILE')
      }
      if (questions !== undefined) {
        const chosen = model === undefined ? {} : { model: answerModelOf(model) }
        return perform('evaluateQuestions', options, (client, listen) =>
          client.evaluateQuestions({ questions, ...chosen }, listen),
        )
      }
      return perform('evaluate', options, (client, listen) =>
        client.evaluate({ queries: queries!, ...(model === undefined ? {} : { model }) }, listen),
      )
    })
}

/** @throws AppError `usage` */
function textOf(words: readonly string[]): string {
  const text = words.join(' ').trim()
  if (text !== '') return text
  throw new AppError('usage', 'Say what to look for, for example: mama search "red boots on snow"')
}

/** `mama ask|questions`: the commands around questions, as options and calls. */
import { Option, type Command } from 'commander'
import { AppError, answerModels, type AnswerModel } from '../../contract/index.ts'
import {
  allowNetwork,
  tableOptions,
  tableRules,
  type CommandParts,
  type GlobalOptions,
  type TableOptions,
} from './command.ts'

type AskOptions = GlobalOptions & {
  video?: string
  query?: string
  choices?: string
  model?: AnswerModel
  allowNetwork: boolean
}

export function addAnswersCommands(program: Command, { command, commandOf, perform }: CommandParts): void {
  command('ask <question...>', 'answer a question about a video, a search or the whole catalogue')
    .option('--video <file>', 'the video that the question is about')
    .option('--query <text>', 'ask about the moments that this search finds')
    .option('--choices <a;b;c>', 'what the answer may be')
    .addOption(
      new Option(
        '--model <name>',
        'what answers: the trained head, the dual encoder, or your vision model (default: the head, where one was trained)',
      ).choices(answerModels),
    )
    .option(...allowNetwork)
    .action((words: string[], { video, query, choices, model, allowNetwork: isAllowed, ...options }: AskOptions) =>
      perform('ask', options, (client, { signal }) =>
        client.ask(
          {
            question: questionOf(words),
            ...(video === undefined ? {} : { video }),
            ...(query === undefined ? {} : { query }),
            ...(choices === undefined ? {} : { choices: choicesOf(choices) }),
            ...(model === undefined ? {} : { model }),
            allowNetwork: isAllowed,
          },
          { signal },
        ),
      ),
    )
  const questions = program.command('questions').description('questions with known answers')
  commandOf(questions, 'import <csv>', 'import questions: file,start,end,question,answer[,choices][,trusted]')
    .option(...tableOptions.encoding)
    .option(...tableOptions.ignoreFolders)
    .action((file: string, options: TableOptions) =>
      perform('importQuestions', options, (client, { signal }) => {
        const { encoding, ignoreFolders } = tableRules(options)
        return client.importQuestions({ source: { path: file, encoding }, ignoreFolders }, { signal })
      }),
    )
}

/** @throws AppError `usage` */
export function answerModelOf(name: string): AnswerModel {
  const model = answerModels.find((known) => known === name)
  if (model !== undefined) return model
  throw new AppError('usage', `No model "${name}" answers questions. Choose one of ${answerModels.join(', ')}.`)
}

function choicesOf(text: string): string[] {
  return text
    .split(';')
    .map((choice) => choice.trim())
    .filter(Boolean)
}

/** @throws AppError `usage` */
function questionOf(words: readonly string[]): string {
  const text = words.join(' ').trim()
  if (text !== '') return text
  throw new AppError('usage', 'Ask something, for example: mama ask "What colour is the shirt?" --video shirt.mp4')
}

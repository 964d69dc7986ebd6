/**
 * The command line: options, output and exit codes. It talks to the engine through the contract only, so that every
 * command does exactly what the window does.
 */
import { Command, CommanderError, Option } from 'commander'
import {
  AppError,
  devices,
  objectives,
  type Client,
  type CommandName,
  type Device,
  type Objective,
  type ProcedureEvent,
  type ProcedureOutput,
} from '../contract/index.ts'
import type { MediaFiles } from '../services.ts'
import { auditTable } from './audit-table.ts'
import { addEncoderCommands } from './encoder-commands.ts'
import { describeFailure, type ExitCode } from './failure.ts'
import { numberAbove, numberBetween, wholeNumber } from './number-options.ts'
import { createProgressView, type TextSink } from './progress-view.ts'
import { reports } from './reports.ts'

export type Engine = {
  readonly client: Client
  /** What a host serves beside the contract; a fake engine has none. */
  readonly mediaFiles?: MediaFiles
  close(): Promise<void>
}

export type CliEnvironment = {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: TextSink
  readonly stderr: TextSink
  /** Milliseconds. */
  readonly now: () => number
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  readonly openEngine: (libraryDir: string, options: { device?: Device }) => Engine
  /** Serves the engine until the signal aborts. */
  readonly serve: (
    engine: Engine,
    options: { port: number; signal: AbortSignal; say: (line: string) => void },
  ) => Promise<void>
}

const defaultLibrary = './mama-library'

type GlobalOptions = { library: string; json: boolean }
type Run<N extends CommandName> = (client: Client, listen: Listening) => Promise<ProcedureOutput<N>>
type Listening = { signal: AbortSignal; onEvent: (event: ProcedureEvent) => void }

/** Runs one command line. Never throws, never calls `process.exit`. */
export async function runCli(environment: CliEnvironment): Promise<ExitCode> {
  const { stdout, stderr, signal } = environment
  // Asked before commander parses, so that even a usage error comes as JSON.
  const json = environment.args.includes('--json')
  let exitCode: ExitCode = 0

  const perform = async <N extends CommandName>(
    name: N,
    options: GlobalOptions & { device?: Device },
    run: Run<N>,
    report: (output: ProcedureOutput<N>) => string = reports[name],
  ): Promise<void> => {
    const view = createProgressView(stderr, environment.now)
    const engine = environment.openEngine(
      options.library,
      options.device === undefined ? {} : { device: options.device },
    )
    try {
      const output = await run(engine.client, { signal, onEvent: (event) => view.show(event) })
      view.finish()
      stdout.write(options.json ? `${JSON.stringify(output, null, 2)}\n` : report(output))
      exitCode = workFailed(name, output) ? 1 : 0
    } finally {
      view.finish()
      await engine.close()
    }
  }

  const program = buildProgram(environment, perform, (text) => (json ? undefined : stderr.write(text)))
  try {
    await program.parseAsync([...environment.args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      if (json) writeError(stdout, 'usage', error.message.replace(/^error: /, ''))
      return 2
    }
    const failure = describeFailure(error, signal.aborted)
    if (json) writeError(stdout, failure.code, failure.message, failure.params)
    else stderr.write(`${failure.message}\n`)
    if (failure.code === 'internal' && environment.env['MAMA_DEBUG'] !== undefined) {
      stderr.write(`${error instanceof Error ? (error.stack ?? '') : ''}\n`)
    }
    return failure.exitCode
  }
}

function buildProgram(
  environment: CliEnvironment,
  perform: <N extends CommandName>(
    name: N,
    options: GlobalOptions & { device?: Device },
    run: Run<N>,
    report?: (output: ProcedureOutput<N>) => string,
  ) => Promise<void>,
  writeUsageError: (text: string) => void,
): Command {
  const program = new Command('mama')
    .description('Find footage in a product-video catalogue by describing it.')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({ writeOut: (text) => environment.stdout.write(text), writeErr: writeUsageError })
    .showHelpAfterError('Run mama --help to see all commands.')
  const libraryDefault = environment.env['MAMA_LIBRARY'] || defaultLibrary
  const commandOf = (parent: Command, usage: string, description: string): Command =>
    parent
      .command(usage)
      .description(description)
      .option('--library <dir>', 'folder of the library (or set MAMA_LIBRARY)', libraryDefault)
      .option('--json', 'print one JSON document on stdout', false)
  const command = (usage: string, description: string): Command => commandOf(program, usage, description)
  const device = (): Option =>
    new Option('--device <name>', 'where to compute').choices(devices).default('auto' satisfies Device)

  command('import <path...>', 'add videos (files or folders), probe, cut into shots, index')
    .option('--no-sidecars', 'do not read descriptions from .txt files beside the videos')
    .addOption(device())
    .action((paths: string[], options: GlobalOptions & { sidecars: boolean; device: Device }) =>
      perform('import', options, (client, listen) => client.import({ paths, sidecars: options.sidecars }, listen)),
    )
  const encoding = ['--encoding <name>', 'of the table, such as windows-1252 (default: found out)'] as const
  command('describe <csv>', 'import descriptions: file,sku,title,description,category')
    .option(...encoding)
    .action((file: string, options: GlobalOptions & { encoding?: string }) =>
      perform('describe', options, (client, listen) => client.describe({ file, encoding: options.encoding }, listen)),
    )
  command('label <csv>', 'import exemplars: file,start,end,description,grade')
    .option(...encoding)
    .action((file: string, options: GlobalOptions & { encoding?: string }) =>
      perform('label', options, (client, listen) => client.label({ file, encoding: options.encoding }, listen)),
    )
  command('train', 'train a model version on the described videos')
    .addOption(
      new Option('--objective <name>', 'what to minimise').choices(objectives).default('mama' satisfies Objective),
    )
    .option('--margin <radians>', 'angular margin (default: chosen on the meta-set)', numberBetween(0, 1))
    .option(
      '--share <fraction>',
      'how much of what is learned to keep, up to 1 (default: chosen on the meta-set)',
      numberAbove(0, 1),
    )
    .option('--epochs <count>', 'passes over the pairs', wholeNumber(1, 1000))
    .option('--seed <number>', 'seed of the run', wholeNumber(0), 0)
    .option('--blocks <count>', 'train so many of the last blocks of the encoder of pictures too', wholeNumber(1, 100))
    .option(
      '--text-blocks <count>',
      'train so many of the last blocks of the encoder of texts too, with or without --blocks',
      wholeNumber(1, 100),
    )
    .option(
      '--lora <rank>',
      'of all these blocks: low-rank updates of this rank, not all weights',
      wholeNumber(1, 1024),
    )
    .option(
      '--block-rate <factor>',
      'what the learning rate is multiplied by for all these blocks (default: 0.1, with --lora 1)',
      numberAbove(0, 1),
    )
    .addOption(device())
    .action(
      (
        options: GlobalOptions & {
          objective: Objective
          margin?: number
          share?: number
          epochs?: number
          seed: number
          blocks?: number
          textBlocks?: number
          lora?: number
          blockRate?: number
          device: Device
        },
      ) =>
        perform('train', options, (client, listen) => {
          const { objective, margin, share, epochs, seed } = options
          const blocks = blocksOf(options)
          const chosen = {
            ...(margin === undefined ? {} : { marginRadians: margin }),
            ...(share === undefined ? {} : { learnedShare: share }),
            ...(epochs === undefined ? {} : { epochs }),
            ...(blocks === undefined ? {} : { blocks }),
          }
          return client.train({ objective, seed, device: options.device, ...chosen }, listen)
        }),
    )
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
  command('audit', 'per-pair loss, weight, percentile and verdict of a run')
    .option('--run <id>', 'the run (default: the newest finished one)')
    .option('--csv', 'print all pairs as CSV', false)
    .action((options: GlobalOptions & { run?: string; csv: boolean }) =>
      perform(
        'audit',
        options,
        (client, { signal }) => client.audit(options.run === undefined ? {} : { run: options.run }, { signal }),
        options.csv ? auditTable : reports.audit,
      ),
    )
  // Positional: options after `export` are its own, although both have the same ones.
  const models = command('models', 'list the model versions')
    .enablePositionalOptions()
    .action((options: GlobalOptions) =>
      perform('models', options, (client, { signal }) => client.models({}, { signal })),
    )
  commandOf(
    models,
    'export <id> <folder>',
    'write a version with blocks of its own as an ONNX encoder, with its towers',
  ).action((model: string, folder: string, options: GlobalOptions) =>
    perform('exportModel', options, (client, { signal }) => client.exportModel({ model, folder }, { signal })),
  )
  command('promote <id>', 'make a model version (or zero-shot) the active one')
    .option('--leave-out', 'although blocks that it trained cannot see some videos now', false)
    .action((model: string, options: GlobalOptions & { leaveOut: boolean }) =>
      perform('promote', options, (client, listen) =>
        client.promote({ model, read: true, leaveOut: options.leaveOut }, listen),
      ),
    )
  command('rollback', 'go back to the model version that was active before').action((options: GlobalOptions) =>
    perform('rollback', options, (client, { signal }) => client.rollback({}, { signal })),
  )
  addEncoderCommands(program, { command: commandOf, device, perform })
  command('serve', 'offer the library on this computer over HTTP, protected by a token')
    .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', wholeNumber(0, 65_535), 0)
    .addOption(device())
    .action(async (options: GlobalOptions & { port: number; device: Device }) => {
      const engine = environment.openEngine(options.library, { device: options.device })
      const say = (line: string): void => {
        ;(options.json ? environment.stderr : environment.stdout).write(`${line}\n`)
      }
      try {
        await environment.serve(engine, { port: options.port, signal: environment.signal, say })
        if (options.json) environment.stdout.write('{}\n')
      } finally {
        await engine.close()
      }
    })
  command('doctor', 'check ffmpeg, GPU providers, disk and the integrity of the library').action(
    (options: GlobalOptions) => perform('doctor', options, (client, { signal }) => client.doctor({}, { signal })),
  )
  command('devices', 'which devices can train here, how fast, and which one auto takes')
    .option('--measure', 'measure again although a measurement is remembered', false)
    .action((options: GlobalOptions & { measure: boolean }) =>
      perform('devices', options, (client, listen) => client.devices({ measure: options.measure }, listen)),
    )
  command('backup <file>', 'write the whole library into one file').action((file: string, options: GlobalOptions) =>
    perform('backup', options, (client, { signal }) => client.backup({ file }, { signal })),
  )
  command('restore <file>', 'replace the library by a backup (the old one is kept beside it)').action(
    (file: string, options: GlobalOptions) =>
      perform('restore', options, (client, { signal }) => client.restore({ file }, { signal })),
  )
  return program
}

/** @throws AppError `usage` */
function blocksOf(options: { blocks?: number; textBlocks?: number; lora?: number; blockRate?: number }) {
  const { blocks: count, textBlocks: texts, lora: rank, blockRate: rateFactor } = options
  if (count !== undefined || texts !== undefined) {
    return {
      ...(count === undefined ? {} : { count }),
      ...(texts === undefined ? {} : { texts }),
      ...(rank === undefined ? {} : { rank }),
      ...(rateFactor === undefined ? {} : { rateFactor }),
    }
  }
  if (rank === undefined && rateFactor === undefined) return undefined
  throw new AppError(
    'usage',
    '--lora and --block-rate say how blocks are trained: add --blocks or --text-blocks with how many of them.',
  )
}

/** @throws AppError `usage` */
function textOf(words: readonly string[]): string {
  const text = words.join(' ').trim()
  if (text !== '') return text
  throw new AppError('usage', 'Say what to look for, for example: mama search "red boots on snow"')
}

/** Some answers are failures although the call came back: nothing could be used, or the library is not sound. */
function workFailed<N extends CommandName>(name: N, output: ProcedureOutput<N>): boolean {
  if (name === 'doctor') return !(output as ProcedureOutput<'doctor'>).ok
  if (name === 'import') {
    const { imported, alreadyThere, failed } = output as ProcedureOutput<'import'>
    return failed.length > 0 && imported + alreadyThere === 0
  }
  if (name === 'useEncoder') return !(output as ProcedureOutput<'useEncoder'>).switched
  if (name === 'describe') return (output as ProcedureOutput<'describe'>).described === 0
  return name === 'label' && (output as ProcedureOutput<'label'>).exemplars === 0
}

function writeError(
  stdout: TextSink,
  code: string,
  message: string,
  params: Readonly<Record<string, string | number>> = {},
): void {
  stdout.write(`${JSON.stringify({ error: { code, message, params } }, null, 2)}\n`)
}

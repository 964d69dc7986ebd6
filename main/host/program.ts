/**
 * The command line: options, output and exit codes. It talks to the engine through the contract only, so that every
 * command does exactly what the window does.
 */
import { Command, CommanderError, Option } from 'commander'
import { devices, type Client, type Device, type ProcedureOutput } from '../contract/index.ts'
import type { MediaFiles } from '../services.ts'
import { addAnswersCommands } from './commands/answers.ts'
import { addAuditCommands } from './commands/audit.ts'
import type { CommandParts, GlobalOptions, Listening, Perform } from './commands/command.ts'
import { addEncodersCommands } from './commands/encoders.ts'
import { addEndpointCommands } from './commands/endpoint.ts'
import { addLabellingCommands } from './commands/labelling.ts'
import { addBackupCommands, addLibraryCommands } from './commands/library.ts'
import { addModelsCommands } from './commands/models.ts'
import { wholeNumber } from './commands/number-options.ts'
import { addSearchCommands } from './commands/search.ts'
import { addSettingsCommands } from './commands/settings.ts'
import { addDevicesCommand, addTrainingCommands } from './commands/training.ts'
import { describeFailure, type ExitCode } from './failure.ts'
import { createProgressView, type TextSink } from './progress-view.ts'
import { reports, type CommandName } from './reports/index.ts'

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
  readonly openEngine: (libraryDir: string, options: { device?: Device }) => Engine | Promise<Engine>
  /** Serves the engine until the signal aborts. */
  readonly serve: (
    engine: Engine,
    options: { port: number; signal: AbortSignal; say: (line: string) => void },
  ) => Promise<void>
}

const defaultLibrary = './mama-library'

/** Runs one command line. Never throws, never calls `process.exit`. */
export async function runCli(environment: CliEnvironment): Promise<ExitCode> {
  const { stdout, stderr, signal } = environment
  // Asked before commander parses, so that even a usage error comes as JSON.
  const json = environment.args.includes('--json')
  let exitCode: ExitCode = 0

  const perform: Perform = async <N extends CommandName>(
    name: N,
    options: GlobalOptions & { device?: Device },
    run: (client: Client, listen: Listening) => Promise<ProcedureOutput<N>>,
    report: (output: ProcedureOutput<N>) => string = reports[name],
  ): Promise<void> => {
    const view = createProgressView(stderr, environment.now)
    const engine = await environment.openEngine(
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

function buildProgram(environment: CliEnvironment, perform: Perform, writeUsageError: (text: string) => void): Command {
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

  const parts: CommandParts = { command, commandOf, device, perform }
  // As mama --help lists them.
  addLibraryCommands(parts)
  addLabellingCommands(parts)
  addTrainingCommands(parts)
  addSearchCommands(parts)
  addAnswersCommands(program, parts)
  addAuditCommands(parts)
  addModelsCommands(parts)
  addEncodersCommands(program, parts)
  addEndpointCommands(program, parts)
  command('serve', 'offer the library on this computer over HTTP, protected by a token')
    .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', wholeNumber(0, 65_535), 0)
    .addOption(device())
    .action(async (options: GlobalOptions & { port: number; device: Device }) => {
      const engine = await environment.openEngine(options.library, { device: options.device })
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
  addSettingsCommands(parts)
  addDevicesCommand(parts)
  addBackupCommands(parts)
  return program
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
  if (name === 'importQuestions') return (output as ProcedureOutput<'importQuestions'>).imported === 0
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

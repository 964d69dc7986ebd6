/** What the commands of every feature are made with: options that all have, and the way to perform a procedure. */
import type { Command, Option } from 'commander'
import type { Client, Device, ProcedureEvent, ProcedureOutput } from '../../contract/index.ts'
import type { CommandName } from '../reports/index.ts'

export type GlobalOptions = { library: string; json: boolean }
export type Listening = { signal: AbortSignal; onEvent: (event: ProcedureEvent) => void }

/** Runs a procedure and prints what it gives, by its own report or another one. */
export type Perform = <N extends CommandName>(
  name: N,
  options: GlobalOptions & { device?: Device },
  run: (client: Client, listen: Listening) => Promise<ProcedureOutput<N>>,
  report?: (output: ProcedureOutput<N>) => string,
) => Promise<void>

export type CommandParts = {
  /** Adds a command with the options that every command has. */
  readonly command: (usage: string, description: string) => Command
  /** The same below another command. */
  readonly commandOf: (parent: Command, usage: string, description: string) => Command
  readonly device: () => Option
  readonly perform: Perform
}

/** Of commands that reach an address. */
export const allowNetwork = [
  '--allow-network',
  'let this command go out although the settings do not allow networking',
  false,
] as const

/** Of commands that read a customer's table. */
export const tableOptions = {
  encoding: ['--encoding <name>', 'of the table, such as windows-1252 (default: found out)'],
  ignoreFolders: ['--ignore-folders', 'a row may name another folder than the video lies in'],
} as const

/** What `tableOptions` were given as, in the words of the contract. */
export type TableOptions = GlobalOptions & { readonly encoding?: string; readonly ignoreFolders?: boolean }

export function tableRules({ encoding, ignoreFolders }: TableOptions): { encoding?: string; ignoreFolders?: boolean } {
  return { encoding, ignoreFolders }
}

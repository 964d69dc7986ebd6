/** `mama doctor`: what may be wrong around the library, as a call. */
import type { CommandParts, GlobalOptions } from './command.ts'

export function addSettingsCommands({ command, perform }: CommandParts): void {
  command('doctor', 'check ffmpeg, GPU providers, disk and the integrity of the library').action(
    (options: GlobalOptions) => perform('doctor', options, (client, { signal }) => client.doctor({}, { signal })),
  )
}

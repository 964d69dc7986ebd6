/** `mama import|describe|backup|restore`: the commands around the library, as options and calls. */
import type { Device } from '../../contract/index.ts'
import { tableOptions, tableRules, type CommandParts, type GlobalOptions, type TableOptions } from './command.ts'

export function addLibraryCommands({ command, device, perform }: CommandParts): void {
  command('import <path...>', 'add videos (files or folders), probe, cut into shots, index')
    .option('--no-sidecars', 'do not read descriptions from .txt files beside the videos')
    .addOption(device())
    .action((paths: string[], options: GlobalOptions & { sidecars: boolean; device: Device }) =>
      perform('import', options, (client, listen) => client.import({ paths, sidecars: options.sidecars }, listen)),
    )
  command('describe <csv>', 'import descriptions: file,sku,title,description,category')
    .option(...tableOptions.encoding)
    .option(...tableOptions.ignoreFolders)
    .action((file: string, options: TableOptions) =>
      perform('describe', options, (client, listen) => client.describe({ file, ...tableRules(options) }, listen)),
    )
}

export function addBackupCommands({ command, perform }: CommandParts): void {
  command('backup <file>', 'write the whole library into one file').action((file: string, options: GlobalOptions) =>
    perform('backup', options, (client, { signal }) => client.backup({ file }, { signal })),
  )
  command('restore <file>', 'replace the library by a backup (the old one is kept beside it)').action(
    (file: string, options: GlobalOptions) =>
      perform('restore', options, (client, { signal }) => client.restore({ file }, { signal })),
  )
}

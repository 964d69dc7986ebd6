/** `mama endpoint show|set|test|off` and `mama descriptions generate|remove`: the customer's vision model, as options and calls. */
import { Option, type Command } from 'commander'
import {
  descriptionScopes,
  endpointDialects,
  type DescriptionScope,
  type EndpointDialect,
} from '../../contract/index.ts'
import { allowNetwork, type CommandParts, type GlobalOptions } from './command.ts'
import { numberBetween, wholeNumber } from './number-options.ts'

type SetOptions = GlobalOptions & {
  model?: string
  dialect?: EndpointDialect
  context?: number
  concurrency?: number
  perMinute?: number
  price?: number
}

type GenerateOptions = GlobalOptions & {
  scope: DescriptionScope
  limit?: number
  dryRun: boolean
  allowNetwork: boolean
}

export function addEndpointCommands(program: Command, { commandOf, perform }: CommandParts): void {
  const group = program
    .command('endpoint')
    .description('a vision model of yours behind an OpenAI-compatible address; its key is in MAMA_ENDPOINT_KEY')
  commandOf(group, 'show', 'where the vision model is, and whether it is on').action((options: GlobalOptions) =>
    perform('endpoint', options, (client, { signal }) => client.endpoint({}, { signal })),
  )
  commandOf(group, 'set [address]', 'turn the vision model on, such as: mama endpoint set http://localhost:11434')
    .option('--model <name>', 'which of its models (default: the first that it lists)')
    .addOption(new Option('--dialect <name>', 'how it is spoken to (default: found out)').choices(endpointDialects))
    .option('--context <tokens>', 'context that Ollama is asked for', wholeNumber(1024, 1_048_576))
    .option('--concurrency <number>', 'requests at a time', wholeNumber(1, 16))
    .option('--per-minute <number>', 'most requests a minute; 0: no limit', wholeNumber(0, 6000))
    .option('--price <number>', 'what a million tokens cost, for estimates; 0: nothing', numberBetween(0, 10_000))
    .action((address: string | undefined, options: SetOptions) =>
      perform('changeEndpoint', options, (client, { signal }) => {
        const { model, dialect, context, concurrency, perMinute, price } = options
        const changes = {
          ...{ isOn: true, address, model, dialect, contextTokens: context, concurrency },
          requestsPerMinute: perMinute === 0 ? null : perMinute,
          pricePerMillionTokens: price === 0 ? null : price,
        }
        return client.changeEndpoint(changes, { signal })
      }),
    )
  commandOf(group, 'test', 'ask it about a tiny picture: whether it is there and can see')
    .option(...allowNetwork)
    .action((options: GlobalOptions & { allowNetwork: boolean }) =>
      perform('testEndpoint', options, (client, { signal }) =>
        client.testEndpoint({ allowNetwork: options.allowNetwork }, { signal }),
      ),
    )
  commandOf(group, 'off', 'send nothing to it any more').action((options: GlobalOptions) =>
    perform('changeEndpoint', options, (client, { signal }) => client.changeEndpoint({ isOn: false }, { signal })),
  )

  const texts = program.command('descriptions').description('descriptions that your vision model writes')
  commandOf(texts, 'generate', 'describe shots without a trusted text; stopped, it goes on when it is called again')
    .addOption(
      new Option('--scope <name>', 'untrusted: no exemplar and no text of yours; undescribed: no description at all')
        .choices(descriptionScopes)
        .default('untrusted' satisfies DescriptionScope),
    )
    .option('--limit <number>', 'at most so many shots', wholeNumber(1, 1_000_000))
    .option('--dry-run', 'only say how many shots there are, how long it takes and what it costs', false)
    .option(...allowNetwork)
    .action((options: GenerateOptions) => {
      const { scope, limit, dryRun, allowNetwork: isAllowed } = options
      const chosen = { scope, ...(limit === undefined ? {} : { limit }) }
      return dryRun
        ? perform('estimateDescriptions', options, (client, { signal }) =>
            client.estimateDescriptions(chosen, { signal }),
          )
        : perform('generateDescriptions', options, (client, listen) =>
            client.generateDescriptions({ ...chosen, allowNetwork: isAllowed }, listen),
          )
    })
  commandOf(texts, 'remove', 'remove all descriptions that a model has written').action((options: GlobalOptions) =>
    perform('removeDescriptions', options, (client, { signal }) => client.removeDescriptions({}, { signal })),
  )
}

/** The command line as a user meets it: exit codes, what goes to which stream, and that --json is JSON and nothing else. */
import { expect, test } from 'vitest'
import { createClient, createLocalTransport, type Handlers } from '../../../main/contract/index.ts'
import { runCli } from '../../../main/host/program.ts'
import { fakeHandlers } from '../../contract/fake-handlers.ts'

type Outcome = { code: number; out: string; err: string; libraries: string[]; closed: number }

async function mama(
  args: string[],
  options: { handlers?: Partial<Handlers>; env?: Record<string, string>; isTTY?: boolean; signal?: AbortSignal } = {},
): Promise<Outcome> {
  const outcome: Outcome = { code: -1, out: '', err: '', libraries: [], closed: 0 }
  let clock = 0
  outcome.code = await runCli({
    args,
    env: options.env ?? {},
    stdout: { write: (text) => (outcome.out += text) },
    stderr: { write: (text) => (outcome.err += text), isTTY: options.isTTY, columns: 80 },
    now: () => (clock += 1000),
    signal: options.signal ?? new AbortController().signal,
    openEngine(libraryDir) {
      outcome.libraries.push(libraryDir)
      return {
        client: createClient(createLocalTransport(fakeHandlers(options.handlers))),
        close: async () => void (outcome.closed += 1),
      }
    },
    serve: async (_, { say, port }) => say(`port ${port}`),
  })
  return outcome
}

const everyCommand = [
  ['import', 'a', 'b'],
  ['describe', 'c.csv'],
  ['train', '--blocks', '2', '--lora', '8', '--block-rate', '0.5'],
  ['train', '--text-blocks', '1', '--lora', '8'],
  ['train', '--blocks', '2', '--text-blocks', '1', '--block-rate', '0.5'],
  ['train', '--objective', 'angular', '--margin', '0.01', '--epochs', '3', '--seed', '4', '--device', 'cpu'],
  ['search', 'red', 'shoe', '--k', '1'],
  ['evaluate', '--queries', 'q.jsonl', '--model', 'zero-shot'],
  ['audit', '--run', 'run-1'],
  ['models'],
  ['models', 'export', 'mama-1', 'out'],
  ['promote', 'mama-1'],
  ['doctor'],
  ['devices', '--measure'],
  ['encoders', 'list'],
  ['encoders', 'add', '/models/clip', '--name', 'My CLIP', '--precision', 'int8'],
  ['encoders', 'use', 'clip', '--leave-out'],
  ['encoders', 'measure'],
  ['encoders', 'measure', 'clip'],
  ['encoders', 'download'],
  ['encoders', 'download', 'owner/model', '--dry-run', '--allow-network'],
  ['backup', 'f'],
  ['restore', 'f'],
]

test.each(everyCommand.map((args) => [args.join(' '), args] as const))(
  '%s --json prints one JSON document and nothing else',
  async (_, args) => {
    const { code, out, closed } = await mama([...args, '--json', '--library', '/l'], { isTTY: true })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toBeTypeOf('object')
    expect(closed).toBe(1)
  },
)

test('a measurement is said with what was known before, and whether the computer was busy', async () => {
  expect((await mama(['encoders', 'measure'])).out).toBe(
    'clip encodes 21.3 pictures a second here (before: 12.0): 16 at a time on 2 threads, the best of 9 settings.\n',
  )
  const { out } = await mama(['encoders', 'measure', 'busy'])
  expect(out).toContain('busy encodes 21.3 pictures a second here: 16 at a time')
  expect(out).toContain('The computer was busy with other work meanwhile')
  expect(out).toContain('mama encoders measure busy\n')
})

test('failures are one JSON document too', async () => {
  const failed = await mama(['rollback', '--json'])
  expect(failed).toMatchObject({ code: 1, err: '', closed: 1 })
  expect(JSON.parse(failed.out)).toEqual({
    error: { code: 'model.missing', message: 'No other model version was active before.', params: {} },
  })
  const wrong = await mama(['evaluate', '--json'])
  expect(wrong).toMatchObject({ code: 2, err: '' })
  expect(JSON.parse(wrong.out)).toMatchObject({ error: { code: 'usage' } })
})

test.each([
  [['fly']],
  [['import']],
  [['evaluate']],
  [['search', 'x', '--k', '0']],
  [['search', 'x', '--k', 'many']],
  [['search', ' ']],
  [['train', '--margin', '7']],
  [['train', '--objective', 'magic']],
  [['train', '--device', 'abacus']],
  [['train', '--lora', '4']],
  [['models', 'export', 'mama-1']],
  [['counts', '--frobnicate']],
  [['models', 'surplus']],
])('%j is bad usage: exit code 2 and a sentence on stderr', async (args) => {
  const { code, out, err } = await mama(args)
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).not.toBe('')
})

test.each([
  [['train', '--margin', '-0.1'], '--margin <radians>', 'from 0 to 1'],
  [['train', '--margin', '1.1'], '--margin <radians>', 'from 0 to 1'],
  [['train', '--blocks', '0'], '--blocks <count>', 'from 1 to 100'],
  [['train', '--text-blocks', '0'], '--text-blocks <count>', 'from 1 to 100'],
  [['train', '--blocks', '1', '--block-rate', '0'], '--block-rate <factor>', 'above 0 and at most 1'],
  [['train', '--epochs', '0'], '--epochs <count>', 'from 1 to 1000'],
  [['train', '--epochs', '1001'], '--epochs <count>', 'from 1 to 1000'],
  [['train', '--epochs', '2.5'], '--epochs <count>', 'from 1 to 1000'],
  [['train', '--seed', '-1'], '--seed <number>', 'of at least 0'],
  [['train', '--seed', '1e30'], '--seed <number>', 'of at least 0'],
  [['search', 'x', '--k', '0'], '--k <count>', 'from 1 to 1000'],
  [['search', 'x', '--k', '1001'], '--k <count>', 'from 1 to 1000'],
  [['serve', '--port', '65536'], '--port <number>', 'from 0 to 65535'],
])('%j is refused by the name of the option and its range, before a library is opened', async (args, option, range) => {
  const { code, err, libraries } = await mama(args)
  expect(code).toBe(2)
  expect(err).toContain(`option '${option}'`)
  expect(err).toContain(range)
  expect(libraries).toEqual([])
})

test.each([
  ['train', '--margin', '0', '--epochs', '1', '--seed', '0'],
  ['train', '--margin', '1', '--epochs', '1000', '--seed', String(Number.MAX_SAFE_INTEGER)],
  ['search', 'x', '--k', '1'],
  ['search', 'x', '--k', '1000'],
])('%s: what the options allow, the engine takes', async (...args) => {
  expect((await mama(args)).code).toBe(0)
})

test('a search for nothing says what to do instead', async () => {
  expect((await mama(['search', ' '])).err).toBe('Say what to look for, for example: mama search "red boots on snow"\n')
})

test('help is no failure', async () => {
  const { code, out } = await mama(['--help'])
  expect(code).toBe(0)
  for (const name of 'import describe label train search evaluate audit models promote rollback serve doctor backup restore'.split(
    ' ',
  )) {
    expect(out).toContain(`  ${name} `)
  }
})

test('an expected failure is one plain sentence', async () => {
  const { code, out, err } = await mama(['rollback'])
  expect({ code, out, err }).toEqual({ code: 1, out: '', err: 'No other model version was active before.\n' })
})

test('a bug is told apart from a failure and shows no stack', async () => {
  const handlers = { models: () => Promise.reject(new Error('internal: row 7 is missing')) }
  const { code, err } = await mama(['models'], { handlers })
  expect(code).toBe(1)
  expect(err).toBe(
    'Something went wrong that should not: row 7 is missing. Please report it with the output of mama doctor.\n',
  )
})

test('Ctrl-C is told in a sentence and closes the library', async () => {
  const stop = new AbortController()
  const handlers: Partial<Handlers> = {
    import: (_, { signal }) => {
      stop.abort()
      return Promise.reject(signal.reason as Error)
    },
  }
  const { code, err, closed } = await mama(['import', 'a'], { handlers, signal: stop.signal })
  expect(code).toBe(1)
  expect(err).toBe('Stopped. What was finished is kept; run the same command again to go on.\n')
  expect(closed).toBe(1)
})

test('the library is --library, else MAMA_LIBRARY, else ./mama-library', async () => {
  expect((await mama(['models', '--library', '/a'], { env: { MAMA_LIBRARY: '/b' } })).libraries).toEqual(['/a'])
  expect((await mama(['models'], { env: { MAMA_LIBRARY: '/b' } })).libraries).toEqual(['/b'])
  expect((await mama(['models'])).libraries).toEqual(['./mama-library'])
})

test('an import that could use no file at all fails; one with some failures does not', async () => {
  expect((await mama(['import', 'a'])).code).toBe(0)
  const plain = fakeHandlers()
  const handlers: Partial<Handlers> = {
    import: async (input, context) => ({ ...(await plain.import(input, context)), imported: 0 }),
  }
  const failed = await mama(['import', 'a'], { handlers })
  expect(failed.code).toBe(1)
  expect(failed.out).toContain('1 file could not be used:\n  b.mp4 is empty.')
  expect((await mama(['label', 'e.csv'])).code).toBe(1)
})

test('progress goes to stderr: a bar on a terminal, lines in a log', async () => {
  const log = await mama(['import', 'a'])
  expect(log.err).toBe('indexing: 1/2 videos, 2.0 videos/s, 1.0 s left\nb.mp4 is empty.\n')
  const live = await mama(['import', 'a'], { isTTY: true })
  expect(live.err).toContain('indexing [')
  expect(live.err).toContain('1/2 videos  2.0 videos/s  1.0 s left')
  expect(live.err).toContain('\r\x1b[K')
  expect(live.out).not.toContain('\x1b')
})

test('search prints aligned tables, weak matches apart, also with wide characters and line breaks in names', async () => {
  const { out } = await mama(['search', 'red', 'shoe'])
  expect(out).toBe(
    [
      '#  match    start      end  found by         file',
      '-  -----  -------  -------  ---------------  ---------',
      '1   90 %  0:01.00  1:05.50  picture + words  /v/靴.mp4',
      '',
      'Weak matches, often wrong:',
      '#  match    start      end  found by  file',
      '-  -----  -------  -------  --------  -------------',
      "2   30 %  0:00.00  0:02.00  picture   /v/it's a.mp4",
      '',
      '5 shots searched with zero-shot.',
      '',
    ].join('\n'),
  )
})

test('search says plainly that nothing matches, and which words nobody knows', async () => {
  const { out, code } = await mama(['search', 'plonk'])
  expect(code).toBe(0)
  expect(out).toBe(
    [
      'Nothing in the library matches "plonk".',
      '"plonk" is unknown to the model and in no text of the library. Try another word.',
      '3 moments that chance explains are left out.',
      '5 shots searched with zero-shot.',
      '',
    ].join('\n'),
  )
})

test('the audit as CSV quotes texts and defuses formulas', async () => {
  const { out } = await mama(['audit', '--csv'])
  expect(out).toBe(
    'file,start,end,text,loss,weight,rawWeight,lossPercentile,weightPercentile,doubt,verdict\n' +
      '/v/a.mp4,0,2,"\'=SUM(A1), ""quoted""",4.5,0.125,0.0625,100,0,,suspect\n',
  )
})

test('a change of the encoder that leaves videos out is a failure until it is asked for', async () => {
  const refused = await mama(['encoders', 'use', 'clip'])
  expect(refused.code).toBe(1)
  expect(refused.out).toContain('b.mp4 is not there.')
  expect(refused.out).toContain('built-in is still in use')
  const done = await mama(['encoders', 'use', 'clip', '--leave-out'])
  expect(done.code).toBe(0)
  expect(done.out).toContain('Back to the old one at any time: mama encoders use built-in')
})

test('the list of encoders marks the one in use, and an added one is shown with what was found', async () => {
  expect((await mama(['encoders', 'list'])).out).toMatch(/\* +built-in .* 96 px .* 5 of 5/)
  const added = await mama(['encoders', 'add', '/models/clip'])
  expect(added.out).toMatch(/licence +note +The export does not state a licence\./)
  expect(added.out).toContain('Next: mama encoders use clip')
})

test('a download without a name lists encoders to begin with, and a dry run says what it would fetch', async () => {
  expect((await mama(['encoders', 'download'])).out).toMatch(/owner\/model +600 MB +English +MIT +tests/)
  const dry = await mama(['encoders', 'download', 'owner/model', '--dry-run'])
  expect(dry.out).toContain('7.0 MB in all, from owner/model at abc1234def56; licence: not stated.')
})

test('train says first what a version finds, and warns when it leaned on few pairs; models shows its own words', async () => {
  const { out } = await mama(['train'])
  const lines = out.split('\n')
  expect(lines[1]).toMatch(/^It is the active model now: /)
  expect(lines[2]).toBe('Score on the 3 held-out exemplars: 0.400 before, 0.500 now (1 is best).')
  expect(lines[3]).toBe('This run leaned on few pairs: as much as 12 of 64 in a batch. More labels make this reliable.')
  const version = {
    ...{ id: 'mama-1', objective: 'mama' as const, active: true, state: 'active' as const, parent: 'zero-shot' },
    ...{ run: 'run-1', createdAt: null, seed: 0, heldOutScore: 0.5, lexicon: { words: 412, rare: 37 } },
  }
  const models = await mama(['models'], { handlers: { models: async () => ({ models: [version] }) } })
  expect(models.out).toContain('412, 37 in two texts only')
})

/** Runs in a process of its own: two training-like steps on the provider in argv[2]; prints the result as JSON. */
import { floatTensor } from '../../../main/base/index.ts'
import { createRuntime } from '../../../main/runtime/index.ts'
import { stepModel } from './models.ts'

const [provider = 'cpu', ending = 'dispose'] = process.argv.slice(2)
const runtime = await createRuntime({ provider: provider === 'webgpu' ? 'webgpu' : 'cpu' })
const session = await runtime.createSession(stepModel(2), { label: 'step', state: { p: 'p.next', m: 'm.next' } })
await session.writeState({ p: floatTensor([2], [10, 20]), m: floatTensor([2], [0, 0]) })
const x = floatTensor([2], [1, 2])
const sums = [await session.run({ x }), await session.run({ x })].map(({ sum }) => sum!.data[0])
const { p } = await session.readState()
console.log(JSON.stringify({ sums, p: [...p!.data].map(Number) }))
if (ending === 'dispose') await runtime.dispose()

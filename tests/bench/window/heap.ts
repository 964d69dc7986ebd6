/**
 * What the page's heap consists of, out of a heap snapshot: what the window keeps (objects, texts, functions, arrays), apart
 * from the code that V8 compiles by itself the more often something is used.
 */
import type { CDPSession } from 'playwright'

export type HeapParts = {
  /** Bytes of the whole heap of V8, as it counts them itself. */
  readonly heap: number
  /** Bytes of objects, texts, functions and arrays: what the window's own work can make grow. */
  readonly data: number
  /** Bytes of bytecode, machine code, and what V8 has learnt about them. */
  readonly code: number
}

type Snapshot = {
  readonly snapshot: {
    readonly meta: { readonly node_fields: string[]; readonly node_types: [string[], ...unknown[]] }
  }
  readonly nodes: number[]
}

/** What V8 makes of the scripts by itself. `native` is not on its heap: elements, and what the browser and its tools keep. */
const codeTypes = new Set(['code', 'object shape', 'hidden'])
const elsewhere = new Set(['native', 'synthetic'])

/** Pure. @param json of a snapshot of V8 */
export function heapPartsOf(json: string): Omit<HeapParts, 'heap'> {
  const { snapshot, nodes } = JSON.parse(json) as Snapshot
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [typeAt, sizeAt] = [fields.indexOf('type'), fields.indexOf('self_size')]
  let data = 0
  let code = 0
  for (let node = 0; node < nodes.length; node += fields.length) {
    const type = types[0][nodes[node + typeAt]!]!
    const size = nodes[node + sizeAt]!
    if (codeTypes.has(type)) code += size
    else if (!elsewhere.has(type)) data += size
  }
  return { data, code }
}

/** After a forced collection. */
export async function heapOf(session: CDPSession): Promise<HeapParts> {
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize: heap } = await session.send('Runtime.getHeapUsage')
  const chunks: string[] = []
  const take = ({ chunk }: { chunk: string }): void => void chunks.push(chunk)
  session.on('HeapProfiler.addHeapSnapshotChunk', take)
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  session.off('HeapProfiler.addHeapSnapshotChunk', take)
  return { heap, ...heapPartsOf(chunks.join('')) }
}

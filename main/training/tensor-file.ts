/** Named tensors and a small JSON header as bytes: weights of towers and checkpoints. Versioned and checksummed. */
import { createHash } from 'node:crypto'
import { allocate, assert, sizeOf, tensor, type DType, type TensorMap } from '../base/index.ts'

const magic = 'MAMATENS'
const version = 1
const prefixBytes = magic.length + 8 + 32 // magic, version, header length, sha256 of all that follows

type Entry = { name: string; dtype: DType; shape: number[]; byteLength: number }
type Header = { entries: Entry[]; extra: unknown }

/** Packs tensors; `extra` is any JSON value that should travel with them. */
export function packTensors(tensors: TensorMap, extra: unknown = null): Uint8Array {
  const entries = Object.entries(tensors).map(([name, { dtype, shape, data }]): Entry => ({
    name,
    dtype,
    shape: [...shape],
    byteLength: data.byteLength,
  }))
  const header = Buffer.from(JSON.stringify({ entries, extra } satisfies Header))
  const parts = Object.values(tensors).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  const body = Buffer.concat([header, ...parts])
  const prefix = Buffer.alloc(prefixBytes)
  prefix.write(magic, 0, 'ascii')
  prefix.writeUInt32LE(version, magic.length)
  prefix.writeUInt32LE(header.length, magic.length + 4)
  createHash('sha256')
    .update(body)
    .digest()
    .copy(prefix, magic.length + 8)
  return new Uint8Array(Buffer.concat([prefix, body]))
}

/** @throws when the bytes are no tensor file, of a newer version, cut short or changed */
export function unpackTensors(bytes: Uint8Array): { tensors: TensorMap; extra: unknown } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  assert(buffer.length > prefixBytes && buffer.toString('ascii', 0, magic.length) === magic, 'not a tensor file')
  assert(buffer.readUInt32LE(magic.length) === version, `tensor file of version ${buffer.readUInt32LE(magic.length)}`)
  const body = buffer.subarray(prefixBytes)
  const checksum = createHash('sha256').update(body).digest()
  assert(checksum.equals(buffer.subarray(magic.length + 8, prefixBytes)), 'the tensor file is damaged (checksum)')
  const headerLength = buffer.readUInt32LE(magic.length + 4)
  const header = JSON.parse(body.toString('utf8', 0, headerLength)) as Header
  const tensors: TensorMap = {}
  let offset = headerLength
  for (const { name, dtype, shape, byteLength } of header.entries) {
    const data = allocate(dtype, sizeOf(shape))
    new Uint8Array(data.buffer).set(body.subarray(offset, offset + byteLength))
    tensors[name] = tensor(dtype, shape, data)
    offset += byteLength
  }
  return { tensors, extra: header.extra }
}

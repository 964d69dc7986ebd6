/** Writes ZIP archives for the tests, honest ones and such as no honest program writes. */
import { crc32, deflateRawSync } from 'node:zlib'

export type ZipEntry = {
  readonly name: string
  readonly bytes: Uint8Array
  /** Said instead of the true size. */
  readonly claimedSize?: number
  /** The type of a Unix file, such as 0o120000 for a link. */
  readonly unixMode?: number
  /** Stored in place of the true checksum. */
  readonly checksum?: number
}

const u16 = (value: number): Buffer => Buffer.from([value & 255, value >>> 8])
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

/** @param repeat lists every entry this many times, all with the same bytes */
export function zipOf(entries: readonly ZipEntry[], repeat = 1): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, bytes, claimedSize, unixMode = 0o100644, checksum } of entries) {
    const packed = deflateRawSync(bytes)
    const sum = checksum ?? crc32(bytes)
    const nameBytes = Buffer.from(name)
    const common = [u16(0x0800), u16(8), u32(0), u32(sum), u32(packed.length), u32(claimedSize ?? bytes.length)]
    const head = Buffer.concat([u32(0x04034b50), u16(20), ...common, u16(nameBytes.length), u16(0), nameBytes])
    for (let copy = 0; copy < repeat; copy++) {
      const listed = copy === 0 ? nameBytes : Buffer.from(`${copy}-${name}`)
      directory.push(
        Buffer.concat([
          ...[u32(0x02014b50), u16(0x0314), u16(20), ...common, u16(listed.length), u16(0), u16(0), u16(0), u16(0)],
          ...[u32(unixMode << 16), u32(offset), listed],
        ]),
      )
    }
    bodies.push(head, packed)
    offset += head.length + packed.length
  }
  const list = Buffer.concat(directory)
  const end = [u32(0x06054b50), u16(0), u16(0), u16(directory.length), u16(directory.length), u32(list.length)]
  return Buffer.concat([...bodies, list, ...end, u32(offset), u16(0)])
}

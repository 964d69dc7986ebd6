/** Recognises files whose picture track is encrypted, which decoders turn into grey noise instead of refusing it. */
import { open, type FileHandle } from 'node:fs/promises'

const mostHeaderBytes = 16 * 1024 * 1024
const mostBoxes = 64

/** Whether the header of an MP4 or QuickTime file describes an encrypted picture track. */
export async function isEncryptedMp4(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    for (let at = 0, count = 0; at < size && count < mostBoxes; count++) {
      const start = await read(file, at, 16)
      if (start.length < 8) return false
      const type = start.toString('latin1', 4, 8)
      const small = start.readUInt32BE(0)
      const bytes = small === 1 && start.length === 16 ? Number(start.readBigUInt64BE(8)) : small
      if (bytes < 8) return false // the last box, or none at all
      // `encv` takes the place of the codec's name in the description of a track.
      if (type === 'moov') return (await read(file, at, Math.min(bytes, mostHeaderBytes))).includes('encv')
      at += bytes
    }
    return false
  } finally {
    await file.close()
  }
}

/** Whether most packets of a transport stream that carry something are scrambled. */
export async function isScrambledStream(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const bytes = await read(file, 0, 2 * 1024 * 1024)
    const start = transportStart(bytes)
    if (start === null) return false
    let [packets, scrambled] = [0, 0]
    for (let at = start.offset; at + 4 <= bytes.length && bytes[at] === 0x47; at += start.packetBytes) {
      const pid = bytes.readUInt16BE(at + 1) & 0x1fff
      if (pid < 0x20 || pid === 0x1fff || (bytes[at + 3]! & 0x10) === 0) continue
      packets += 1
      if ((bytes[at + 3]! & 0x80) !== 0) scrambled += 1
    }
    return scrambled > packets / 2
  } finally {
    await file.close()
  }
}

/**
 * Where the first packet of an MPEG transport stream begins: its sync byte comes every 188 bytes, or every 192 with a time
 * before each packet, or 204 with check bytes behind it. Null for anything else. Pure.
 */
export function transportStart(bytes: Uint8Array): { offset: number; packetBytes: number } | null {
  for (const packetBytes of [188, 192, 204]) {
    for (let offset = 0; offset < packetBytes; offset++) {
      const packets = Math.min(8, Math.floor((bytes.length - offset + packetBytes - 188) / packetBytes))
      if (packets < 3) break
      if (Array.from({ length: packets }, (_, i) => bytes[offset + i * packetBytes]).every((byte) => byte === 0x47))
        return { offset, packetBytes }
    }
  }
  return null
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, at)
  return buffer.subarray(0, bytesRead)
}

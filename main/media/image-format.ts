/** Recognises whole JPEG and PNG files by their bytes, never by their name. Pure. */

export type ImageFormat = 'jpeg' | 'png'

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const pngEnd = [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]

/**
 * The format of a file that can safely be joined to others in one stream: it has the right first and last bytes, so that
 * its damage cannot swallow its neighbour. Undefined for anything else (such files are decoded alone).
 */
export function joinableFormat(bytes: Uint8Array): ImageFormat | undefined {
  const end = bytes.length
  if (end > 16 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9)
    return 'jpeg'
  if (end > 16 && startsWith(bytes, 0, pngSignature) && startsWith(bytes, end - pngEnd.length, pngEnd)) return 'png'
  return undefined
}

function startsWith(bytes: Uint8Array, offset: number, expected: readonly number[]): boolean {
  return expected.every((value, i) => bytes[offset + i] === value)
}

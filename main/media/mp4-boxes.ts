/** Walks the boxes of an MP4 file in memory. Pure; whatever the bytes say, nothing outside them is read or allocated. */

export type Box = {
  /** Four characters, such as `moov`. */
  readonly type: string
  /** The box without its size and type. */
  readonly content: Buffer
}

/** Thrown by `expectPlain`: the file is not of the plain kind, whatever else it is. */
export class NotPlain extends Error {}

export function expectPlain(condition: boolean): asserts condition {
  if (!condition) throw new NotPlain()
}

/** The boxes that lie one after another in `bytes` and fill them. @throws NotPlain when they do not */
export function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at < bytes.length;) {
    expectPlain(at + 8 <= bytes.length)
    const sizeBytes = bytes.readUInt32BE(at)
    expectPlain(sizeBytes >= 8 && at + sizeBytes <= bytes.length)
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + 8, at + sizeBytes) })
    at += sizeBytes
  }
  return boxes
}

/** The boxes of a box that may hold these kinds only. @throws NotPlain when there is another one */
export function boxesOf(parent: Buffer, allowed: readonly string[]): Box[] {
  const boxes = boxesIn(parent)
  expectPlain(boxes.every(({ type }) => allowed.includes(type)))
  return boxes
}

/** The content of the one box of a kind. @throws NotPlain when there is none or more than one */
export function only(boxes: readonly Box[], type: string): Buffer {
  const content = atMostOne(boxes, type)
  expectPlain(content !== undefined)
  return content
}

/** The content of the box of a kind, if there is one. @throws NotPlain when there are more */
export function atMostOne(boxes: readonly Box[], type: string): Buffer | undefined {
  const found = boxes.filter((box) => box.type === type)
  expectPlain(found.length <= 1)
  return found[0]?.content
}

/** The rows of a table of whole numbers after version, flags and count: `width` numbers of 32 bits a row. */
export function tableRows(table: Buffer, width: number): number[][] {
  const count = table.readUInt32BE(4)
  expectPlain(table.length === 8 + count * width * 4) // so that a forged count allocates nothing
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: width }, (_, column) => table.readUInt32BE(8 + (row * width + column) * 4)),
  )
}

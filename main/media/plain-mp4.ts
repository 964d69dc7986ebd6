/**
 * Knows a plain MP4 clip without ffprobe.
 *
 * [Note: Plain clips] To start ffprobe costs more than to decode a short clip. What it would say of most such clips
 * stands in a few tables, so these are read here, but only where there is one way to read them: one H.264 or HEVC track
 * and sound, no fragments, no edits that cut, no second description. Anything else, anything damaged and anything this
 * file does not know is "not plain" and goes to ffprobe, which alone refuses files. What is said here is checked against
 * the decoded frames (size, progressive) before it counts; see read-together.ts.
 */
import { open, stat, type FileHandle } from 'node:fs/promises'
import { atMostOne, boxesIn, boxesOf, expectPlain, NotPlain, only, tableRows, type Box } from './mp4-boxes.ts'
import { hdLines } from './picture-kind.ts'
import type { Probe } from './probe.ts'

const maxHeaderBytes = 1024 * 1024
const maxTopLevelBoxes = 8
const codecs: Readonly<Record<string, { name: string; settings: string }>> = {
  avc1: { name: 'h264', settings: 'avcC' },
  hvc1: { name: 'hevc', settings: 'hvcC' },
  hev1: { name: 'hevc', settings: 'hvcC' },
}
const brands = new Set(['isom', 'iso2', 'iso4', 'iso5', 'iso6', 'mp41', 'mp42', 'avc1', 'M4V ', 'MSNV', '3gp4', 'qt  '])

export type PlainClip = {
  /** As ffprobe would give it. */
  readonly probe: Probe
  readonly frameCount: number
}

/** What a plain clip holds; null for any other file, and for one that cannot be read. Reads its header only. */
export async function readPlainMp4(path: string): Promise<PlainClip | null> {
  try {
    const info = await stat(path)
    if (!info.isFile()) return null // to open a pipe would wait for ever
    const file = await open(path)
    try {
      const header = await findHeader(file, info.size)
      return header === null ? null : parsePlainMp4(header, info.size)
    } finally {
      await file.close()
    }
  } catch {
    return null // ffprobe or the file system says what is wrong with it when it is read in the usual way
  }
}

/** The content of `moov`, when the file is `ftyp`, one `moov` and data, and is all there. */
async function findHeader(file: FileHandle, sizeBytes: number): Promise<Buffer | null> {
  let header: Buffer | null = null
  for (let at = 0, count = 0; at < sizeBytes; count++) {
    const start = Buffer.alloc(16)
    const { bytesRead } = await file.read(start, 0, 16, at)
    if (bytesRead < 8 || count === maxTopLevelBoxes) return null
    const type = start.toString('latin1', 4, 8)
    const long = start.readUInt32BE(0) === 1 && bytesRead === 16
    const boxBytes = long ? Number(start.readBigUInt64BE(8)) : start.readUInt32BE(0)
    if (boxBytes < (long ? 16 : 8) || at + boxBytes > sizeBytes) return null
    if (count === 0 && (type !== 'ftyp' || !brands.has(start.toString('latin1', 8, 12)))) return null
    if (count > 0 && !['moov', 'mdat', 'free', 'skip', 'wide'].includes(type)) return null
    if (type === 'moov') {
      if (header !== null || long || boxBytes > maxHeaderBytes) return null
      header = Buffer.alloc(boxBytes - 8)
      if ((await file.read(header, 0, header.length, at + 8)).bytesRead < header.length) return null
    }
    at += boxBytes
  }
  return header
}

/** Reads the content of `moov`. Pure; null when it is not plain, whatever the bytes. */
export function parsePlainMp4(header: Buffer, sizeBytes: number): PlainClip | null {
  try {
    const boxes = boxesOf(header, ['mvhd', 'trak', 'iods', 'udta', 'meta', 'free'])
    // Pictures in the metadata become tracks: behind the real ones they change no index.
    const lastTrack = boxes.findLastIndex(({ type }) => type === 'trak')
    expectPlain(!boxes.slice(0, lastTrack).some(({ type }) => type === 'udta' || type === 'meta'))
    const movie = only(boxes, 'mvhd')
    const movieScale = movie.readUInt32BE(movie[0] === 1 ? 20 : 12)
    expectPlain(turnOf(movie.subarray(movie[0] === 1 ? 48 : 36)) === 0)

    const tracks = boxes.filter(({ type }) => type === 'trak').map(({ content }) => openTrack(content))
    expectPlain(tracks.every(({ kind }) => kind === 'vide' || kind === 'soun'))
    const streamIndex = tracks.findIndex(({ kind }) => kind === 'vide')
    const video = tracks[streamIndex]
    expectPlain(video !== undefined && tracks.filter(({ kind }) => kind === 'vide').length === 1)

    const { timescale, mediaDuration, tables } = video
    const picture = readDescription(only(tables, 'stsd'))
    const steps = tableRows(only(tables, 'stts'), 2)
    expectPlain(steps.every(([count, delta]) => count! > 0 && delta! > 0 && delta! < 2 ** 31))
    const frameCount = steps.reduce((sum, [count]) => sum + count!, 0)
    const ticks = steps.reduce((sum, [count, delta]) => sum + count! * delta!, 0)
    expectPlain(frameCount > 0 && frameCount === only(tables, 'stsz').readUInt32BE(8))
    expectPlain(timescale > 0 && mediaDuration > 0 && Number.isSafeInteger(ticks))
    checkEdits(video, ticks, movieScale)

    const rotationDegrees = turnOf(video.matrix)
    const turned = rotationDegrees === 90 || rotationDegrees === 270
    const { codec, width, height } = picture
    const probe: Probe = {
      // As ffprobe prints it, with six decimals.
      durationSeconds: Number((Math.min(ticks, mediaDuration) * (1 / timescale)).toFixed(6)),
      ...(turned ? { width: height, height: width } : { width, height }),
      ...{ codec, framesPerSecond: (timescale * frameCount) / ticks, rotationDegrees },
      hasAudio: tracks.some(({ kind }) => kind === 'soun'),
      ...{ interlaced: false, streamIndex, sizeBytes },
    }
    return { probe, frameCount }
  } catch (error) {
    if (error instanceof NotPlain || error instanceof RangeError) return null
    throw error
  }
}

type Track = {
  /** `vide`, `soun` or another handler. */
  kind: string
  timescale: number
  /** In ticks of `timescale`, as the track claims. */
  mediaDuration: number
  /** Content of the display matrix, 36 bytes. */
  matrix: Buffer
  edits: Buffer | undefined
  tables: Box[]
}

function openTrack(track: Buffer): Track {
  const boxes = boxesOf(track, ['tkhd', 'edts', 'mdia', 'udta', 'free'])
  const header = only(boxes, 'tkhd')
  const media = boxesOf(only(boxes, 'mdia'), ['mdhd', 'hdlr', 'minf'])
  const clock = only(media, 'mdhd')
  const long = clock[0] === 1
  const information = boxesOf(only(media, 'minf'), ['vmhd', 'smhd', 'hdlr', 'dinf', 'stbl'])
  const edits = atMostOne(boxes, 'edts')
  return {
    kind: only(media, 'hdlr').toString('latin1', 8, 12),
    timescale: clock.readUInt32BE(long ? 20 : 12),
    mediaDuration: long ? Number(clock.readBigUInt64BE(24)) : clock.readUInt32BE(16),
    matrix: header.subarray(header[0] === 1 ? 52 : 40),
    edits: edits && only(boxesOf(edits, ['elst']), 'elst'),
    tables: boxesIn(only(information, 'stbl')),
  }
}

function readDescription(description: Buffer): { codec: string; width: number; height: number } {
  expectPlain(description.readUInt32BE(4) === 1)
  const entry = only(boxesIn(description.subarray(8)), description.toString('latin1', 12, 16))
  const codec = codecs[description.toString('latin1', 12, 16)]
  expectPlain(codec !== undefined)
  // What else can stand here says that the picture is cropped, encrypted or for two eyes.
  const more = boxesOf(entry.subarray(78), [codec.settings, 'pasp', 'colr', 'btrt', 'fiel'])
  only(more, codec.settings)
  expectPlain((atMostOne(more, 'fiel')?.[0] ?? 1) === 1) // fields a frame: progressive
  const [width, height] = [entry.readUInt16BE(24), entry.readUInt16BE(26)]
  expectPlain(width > 0 && height > 0)
  checkColours(atMostOne(more, 'colr'), height)
  return { codec: codec.name, width, height }
}

/** Accepts colours that ffmpeg converts by itself; see [Note: Colours]. */
function checkColours(colours: Buffer | undefined, height: number): void {
  // What the pictures themselves say is not read here: large ones may say nothing, and then players take BT.709.
  if (colours === undefined) return expectPlain(height < hdLines)
  const kind = colours.toString('latin1', 0, 4)
  expectPlain(kind === 'nclx' || kind === 'nclc')
  const [primaries, transfer, matrix] = [colours.readUInt16BE(4), colours.readUInt16BE(6), colours.readUInt16BE(8)]
  expectPlain([1, 5, 6].includes(primaries) && [1, 4, 6].includes(transfer) && [1, 5, 6].includes(matrix))
}

/** Accepts no edits, or the one that only moves the first frame to the start: then all frames are shown. */
function checkEdits({ edits, tables, timescale }: Track, ticks: number, movieScale: number): void {
  const offsets = atMostOne(tables, 'ctts')
  const shifts = offsets ? tableRows(offsets, 2).map(([, shift]) => shift!) : [0]
  expectPlain(shifts.every((shift) => shift < 2 ** 31)) // negative ones are read in several ways
  if (edits === undefined) return
  expectPlain(edits[0] === 0)
  const [edit, ...more] = tableRows(edits, 3)
  expectPlain(edit !== undefined && more.length === 0 && movieScale > 0)
  const [length, start, rate] = edit as [number, number, number]
  expectPlain(rate === 0x10000 && start === shifts[0])
  // The length is rounded to the movie's clock.
  expectPlain(Math.abs(length / movieScale - ticks / timescale) <= 1 / movieScale)
}

/** The quarter turn of a display matrix, degrees clockwise. @throws NotPlain when it does anything else */
function turnOf(matrix: Buffer): 0 | 90 | 180 | 270 {
  const one = 0x10000
  const [a, b, u, c, d, v] = Array.from({ length: 6 }, (_, i) => matrix.readInt32BE(i * 4))
  expectPlain(u === 0 && v === 0 && matrix.readInt32BE(32) === 0x40000000)
  const found = ([0, 90, 180, 270] as const).find((_, quarter) => {
    const [cosine, sine] = [
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ][quarter] as [number, number]
    return a === cosine * one && b === sine * one && c === -sine * one && d === cosine * one
  })
  expectPlain(found !== undefined)
  return found
}

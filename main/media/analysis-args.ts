/** The one ffmpeg command that reads stretches of video for the index, and the reading of its log. Pure. */
import type { FrameFit } from '../base/index.ts'
import { frameFilter } from './frame-filter.ts'
import { jpegColours, screenColours, wholePictureColours } from './picture-kind.ts'
import { fileUrl, type Probe } from './probe.ts'
import { tinySide } from './shot-borders.ts'

export type Stretch = { startSeconds: number; /** undefined: to the end */ lengthSeconds?: number | undefined }

/**
 * Frames are chosen anew from each multiple of this on, so that reading can begin there and gives the same; undefined: never.
 */
type Restart = number | undefined

export type AnalysisRequest = {
  path: string
  probe: Probe
  /** Side of the square model input, pixels. */
  size: number
  /** Default: as the built-in encoder was trained. */
  fit?: FrameFit | null | undefined
  samplesPerSecond: number
  stretch: Stretch
  threads: number
  /** See `Restart`. The stretch must begin at one. */
  restartSeconds?: Restart
  /** Shots may not be looked at again for a poster, so that there are as many as samples. Default false. */
  hasMorePosters?: boolean | undefined
}

/** Three outputs of one decode. Names are those of the `showinfo` filters. */
export const analysisOutputs = ['tiny', 'sample', 'poster'] as const
export type AnalysisOutput = (typeof analysisOutputs)[number]

/** The file descriptor that ffmpeg writes an output of the clip at `index` to: 1 (stdout) for the very first, then 3, 4, ... */
export function descriptorOf(output: AnalysisOutput, index: number): number {
  const place = index * analysisOutputs.length + analysisOutputs.indexOf(output)
  return place === 0 ? 1 : place + 2
}

export const posterWidth = 320
const maxTinyPerSecond = 30
const postersPerSecond = 1

/** Keeps at most `perSecond` frames, by their timestamps, the first always, and the first after each `restartSeconds`. */
export function thinOut(perSecond: number, restartSeconds?: Restart): string {
  const anew =
    restartSeconds === undefined
      ? ''
      : `+gt(floor(t/${restartSeconds}+1e-6),floor(prev_selected_t/${restartSeconds}+1e-6))`
  // A hair less than the interval: timestamps are rounded to the container's clock.
  return `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${(1 / perSecond - 0.002).toFixed(4)})${anew}'`
}

/**
 * One process for all `requests`; each has a graph and outputs of its own. With `inBulk`, pictures are written many at a
 * time: less work, but silence then says nothing about the progress.
 */
export function analysisArgs(requests: readonly AnalysisRequest[], { inBulk = false } = {}): string[] {
  return [
    ...['-hide_banner', '-nostats', '-nostdin', '-v', 'level+info'],
    ...requests.flatMap(inputArgs),
    ...['-filter_complex_threads', '1'],
    ...requests.flatMap((request, index) => ['-filter_complex', graphOf(request, index)]),
    ...requests.flatMap((_, index) => outputArgs(index, inBulk ? ['-flush_packets', '0'] : [])),
  ]
}

function inputArgs({ path, stretch, threads }: AnalysisRequest): string[] {
  // Before -i: ffmpeg jumps to the keyframe before and drops what it decodes up to the start. Not to the very start: where
  // a file cannot be sought, reading would go on behind what was looked at to know its format.
  const seek = stretch.startSeconds === 0 ? [] : ['-ss', stretch.startSeconds.toFixed(6)]
  const length = stretch.lengthSeconds === undefined ? [] : ['-t', stretch.lengthSeconds.toFixed(6)]
  return ['-protocol_whitelist', 'file,pipe', '-threads', String(threads), ...seek, ...length, '-i', fileUrl(path)]
}

function graphOf(request: AnalysisRequest, index: number): string {
  const { probe, size, fit, samplesPerSecond, restartSeconds: restart, hasMorePosters = false } = request
  const deinterlace = probe.interlaced ? 'yadif=deint=interlaced,' : ''
  const prepare = `${deinterlace}${wholePictureColours(probe.picture, String(index))}`
  const posterSize = `scale='max(2,trunc(min(${posterWidth},iw*if(sar,sar,1))/2)*2)':'max(2,trunc(ow/iw/if(sar,sar,1)*ih/2)*2)':flags=bilinear`
  const poster = jpegColours(probe.picture, posterSize)
  // What travels beside a frame (an encoder's settings, captions) would be logged byte by byte, at some cost.
  const info = (name: AnalysisOutput): string => `sidedata=delete,showinfo@${name}${index}=checksum=0`
  const pad = (name: string): string => `[${name}${index}]`
  const posterRate = hasMorePosters ? samplesPerSecond : postersPerSecond
  return [
    `[${index}:${probe.streamIndex}]${prepare}split=3${pad('a')}${pad('b')}${pad('c')}`,
    // Before scaling, so that the log also tells what was decoded.
    `${pad('a')}${thinOut(maxTinyPerSecond, restart)},${info('tiny')},${screenColours(probe.picture, reduced(4 * tinySide))}scale=${tinySide}:${tinySide}:flags=area,format=rgb24${pad('tiny')}`,
    `${pad('b')}${thinOut(samplesPerSecond, restart)},${screenColours(probe.picture, reduced(2 * size))}${frameFilter(size, fit ?? null)},${info('sample')}${pad('sample')}`,
    `${pad('c')}${thinOut(posterRate, restart)},${poster},${info('poster')}${pad('poster')}`,
  ].join(';')
}

/** Makes pictures smaller in their own shape, with `side` pixels on the shorter side at least. */
function reduced(side: number): string {
  return `scale='if(gt(iw,ih),-2,min(iw,${side}))':'if(gt(iw,ih),min(ih,${side}),-2)':flags=area`
}

function outputArgs(index: number, writing: readonly string[]): string[] {
  const output = (name: AnalysisOutput, ...codec: string[]): string[] => [
    ...['-map', `[${name}${index}]`, '-fps_mode', 'passthrough', ...codec],
    ...[...writing, `pipe:${descriptorOf(name, index)}`],
  ]
  return [
    ...output('tiny', '-f', 'rawvideo'),
    ...output('sample', '-f', 'rawvideo'),
    ...output('poster', '-c:v', 'mjpeg', '-threads', '1', '-q:v', '6', '-f', 'image2pipe'),
  ]
}

export type LoggedFrame = {
  output: AnalysisOutput
  /** Place of the clip among the requests. */
  index: number
  /** NaN for a frame without a timestamp. */
  timeSeconds: number
  /** Size and scan of the frame where the log was taken: for `tiny` as decoded and turned upright. */
  picture: { width: number; height: number; interlaced: boolean }
}

/** Seconds a tick of the clocks of the outputs, by their names, as `parseClock` found them in the log. */
export type Clocks = ReadonlyMap<string, number>

/** The line in which an output says how long its ticks are; also after a change of the picture's size. */
export function parseClock(line: string): { name: string; secondsPerTick: number } | undefined {
  const clock = /showinfo@(\w+) @ .*\bconfig in time_base: (\d+)\/(\d+)/.exec(line)
  return clock ? { name: clock[1]!, secondsPerTick: Number(clock[2]) / Number(clock[3]) } : undefined
}

/** Whether a line says that a frame could not be decoded, or only with damage. */
export function saysDamage(line: string): boolean {
  return /\[warning\] .*: corrupt decoded frame in stream|\[error\] Error while decoding stream/.test(line)
}

/** Whether a line says that what a frame shows goes beyond what screens show by themselves. */
export function saysHdr(line: string): boolean {
  return /showinfo@tiny\d+ @ .*\b(color_primaries:bt2020|color_trc:(smpte2084|arib-std-b67))/.test(line)
}

/** Whether a line says that the file ends before it should. */
export function saysCutOff(line: string): boolean {
  return /partial file|ended prematurely|truncat/i.test(line)
}

/** One line of the log: a frame that an output got, an error, or undefined for anything else. */
export function parseLogLine(line: string, clocks?: Clocks): LoggedFrame | { error: string } | undefined {
  const frame =
    /showinfo@((tiny|sample|poster)(\d+)) @ .*\bn: *\d+ pts: *(\S+) pts_time:(\S+).*? s:(\d+)x(\d+) i:(\w)/.exec(line)
  if (frame) {
    const [, name, output, index, ticks, time, width, height, scan] = frame
    const picture = { width: Number(width), height: Number(height), interlaced: scan !== 'P' }
    // The time is printed with six digits: after a quarter of an hour that is less than a frame.
    const exact = Number(ticks) * (clocks?.get(name!) ?? Number.NaN)
    // A frame without a timestamp keeps its place in the list; the reader fills it in.
    const timeSeconds = Number.isFinite(exact) ? exact : Number(time)
    return { output: output as AnalysisOutput, index: Number(index), timeSeconds, picture }
  }
  return /\[(error|fatal|panic)\]/.test(line) ? { error: line } : undefined
}

/** Cuts a stream of JPEG pictures, as ffmpeg's encoder writes them (no thumbnails inside), into its pictures. */
export function splitJpegs(bytes: Buffer): Buffer[] {
  const pictures: Buffer[] = []
  const end = Buffer.from([0xff, 0xd9])
  for (let from = 0; from < bytes.length;) {
    // Inside the picture data 0xff is always followed by 0x00 or a restart marker, so the end marker is unambiguous.
    const at = bytes.indexOf(end, from)
    if (at < 0) break
    pictures.push(bytes.subarray(from, at + 2))
    from = at + 2
  }
  return pictures
}

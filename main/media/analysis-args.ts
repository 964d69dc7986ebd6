/** The one ffmpeg command that reads a stretch of video for the index, and the reading of its log. Pure. */
import { scaleFlags } from './decode-images.ts'
import { fileUrl, type Probe } from './probe.ts'
import { tinySide } from './shot-borders.ts'

export type Stretch = { startSeconds: number; /** undefined: to the end */ lengthSeconds?: number | undefined }

export type AnalysisRequest = {
  path: string
  probe: Probe
  /** Side of the square model input, pixels. */
  size: number
  samplesPerSecond: number
  stretch: Stretch
  threads: number
}

/** Three outputs of one decode. Names are those of the `showinfo` filters; numbers are file descriptors of the process. */
export const analysisOutputs = { tiny: 1, sample: 3, poster: 4 } as const
export type AnalysisOutput = keyof typeof analysisOutputs

export const posterWidth = 320
const maxTinyPerSecond = 30
const postersPerSecond = 1

/**
 * Crop before squashing to a square: nothing is cut while the shown shape is within 4:3 or 3:4, more than that is cut
 * from both sides. `sar` is the shape of a pixel.
 */
export const fitFilter = "crop='max(1,min(iw,ih*4/3/max(sar,0.01)))':'max(1,min(ih,iw*4/3*if(sar,sar,1)))':exact=1"

/** Keeps at most `perSecond` frames, by their timestamps, the first always. */
export function thinOut(perSecond: number): string {
  // A hair less than the interval: timestamps are rounded to the container's clock.
  return `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${(1 / perSecond - 0.002).toFixed(4)})'`
}

export function analysisArgs({ path, probe, size, samplesPerSecond, stretch, threads }: AnalysisRequest): string[] {
  const whole = stretch.startSeconds === 0 && stretch.lengthSeconds === undefined
  // Before -i: ffmpeg jumps to the keyframe before and drops what it decodes up to the start.
  const seek = whole
    ? []
    : [
        '-ss',
        stretch.startSeconds.toFixed(6),
        ...(stretch.lengthSeconds === undefined ? [] : ['-t', stretch.lengthSeconds.toFixed(6)]),
      ]
  const prepare = probe.interlaced ? 'yadif=deint=interlaced,' : ''
  const posterScale = `scale='max(2,trunc(min(${posterWidth},iw*if(sar,sar,1))/2)*2)':'max(2,trunc(ow/iw/if(sar,sar,1)*ih/2)*2)':flags=bilinear,setsar=1`
  const info = (name: AnalysisOutput): string => `showinfo@${name}=checksum=0`
  const graph = [
    `[0:${probe.streamIndex}]${prepare}split=3[a][b][c]`,
    `[a]${thinOut(maxTinyPerSecond)},scale=${tinySide}:${tinySide}:flags=area,format=rgb24,${info('tiny')}[tiny]`,
    `[b]${thinOut(samplesPerSecond)},${fitFilter},scale=${size}:${size}:flags=${scaleFlags},format=rgb24,${info('sample')}[sample]`,
    `[c]${thinOut(postersPerSecond)},${posterScale},format=yuvj420p,${info('poster')}[poster]`,
  ].join(';')
  const output = (name: AnalysisOutput, ...codec: string[]): string[] => [
    ...['-map', `[${name}]`, '-fps_mode', 'passthrough', ...codec, `pipe:${analysisOutputs[name]}`],
  ]
  return [
    ...['-hide_banner', '-nostats', '-nostdin', '-v', 'level+info', '-protocol_whitelist', 'file,pipe'],
    ...[
      '-threads',
      String(threads),
      ...seek,
      '-i',
      fileUrl(path),
      '-filter_complex_threads',
      '1',
      '-filter_complex',
      graph,
    ],
    ...output('tiny', '-f', 'rawvideo'),
    ...output('sample', '-f', 'rawvideo'),
    ...output('poster', '-c:v', 'mjpeg', '-threads', '1', '-q:v', '6', '-f', 'image2pipe'),
  ]
}

/** One line of the log: the timestamp of a frame that an output got, an error, or undefined for anything else. */
export function parseLogLine(
  line: string,
): { output: AnalysisOutput; timeSeconds: number } | { error: string } | undefined {
  const frame = /showinfo@(tiny|sample|poster) @ .*\bn: *\d+ .*?\bpts_time:(\S+)/.exec(line)
  if (frame) {
    const timeSeconds = Number(frame[2])
    // A frame without a timestamp keeps its place in the list; the reader fills it in.
    return { output: frame[1] as AnalysisOutput, timeSeconds }
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

/** Times of the frames of a stretch of a video, as the container has them: never frame number over frame rate. */
import { fileUrl } from './probe.ts'
import type { FfmpegTools, PlaybackFacts } from './playback.ts'
import { runTool } from './tool-process.ts'

/** Seconds on the player's clock, ascending, each once; frames that players leave out are left out. */
export async function frameTimes(
  tools: FfmpegTools,
  path: string,
  facts: PlaybackFacts,
  stretch: { readonly start: number; readonly end: number },
  options: { signal?: AbortSignal | undefined } = {},
): Promise<number[]> {
  const list = async (entries: string): Promise<string> => {
    // The seek lands on the key frame before; what lies outside is cut off here.
    const from = Math.max(0, stretch.start + facts.startSeconds).toFixed(6)
    const until = (stretch.end + facts.startSeconds).toFixed(6)
    const run = await runTool(
      tools.ffprobePath,
      [
        ...['-v', 'error', '-protocol_whitelist', 'file', '-select_streams', String(facts.videoStream)],
        ...['-read_intervals', `${from}%${until}`, '-show_entries', entries, '-print_format', 'csv=p=0', fileUrl(path)],
      ],
      { signal: options.signal, silenceTimeoutMs: tools.timeoutMs, maxOutputBytes: 32 * 1024 * 1024 },
    )
    return run.stdout.toString('latin1')
  }
  const fromPackets = parseTimes(await list('packet=pts_time,flags'))
  // Old AVI files carry no times of presentation: then only decoding tells.
  const times = fromPackets ?? parseTimes((await list('frame=best_effort_timestamp_time')).replaceAll('N/A', '')) ?? []
  const onClock = times.map((time) => Math.round((time - facts.startSeconds) * 1e6) / 1e6)
  return onClock.filter((time) => time >= stretch.start - 1e-6 && time < stretch.end)
}

/** Lines of `time,flags` to ascending times; null when there is a line without a time. Pure. */
export function parseTimes(lines: string): number[] | null {
  const times = new Set<number>()
  for (const line of lines.split('\n')) {
    const [time = '', flags = ''] = line.trim().split(',')
    if (time === '' && flags === '') continue
    if (flags.includes('D')) continue // before the edit list: decoded, never shown
    const value = Number(time)
    if (time === '' || !Number.isFinite(value)) return null
    times.add(value)
  }
  return [...times].sort((a, b) => a - b)
}

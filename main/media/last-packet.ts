/** How long the last picture of a file is shown, where decoding alone does not tell: from what the container says of it. */
import { fileUrl, type Probe } from './probe.ts'
import { runTool } from './tool-process.ts'

type Tools = { readonly ffprobePath: string; readonly timeoutMs: number }

/**
 * Until when the picture that begins at `lastSeconds` is shown, on the clock of the file; null when the container does not
 * say, or goes on with pictures that could not be decoded.
 */
export async function lastPictureEnd(
  tools: Tools,
  path: string,
  probe: Probe,
  lastSeconds: number,
  options: { signal?: AbortSignal | undefined },
): Promise<number | null> {
  const run = await runTool(
    tools.ffprobePath,
    [
      ...['-v', 'error', '-protocol_whitelist', 'file', '-select_streams', String(probe.streamIndex)],
      ...[
        '-show_entries',
        'packet=pts_time,duration_time,flags:format=start_time',
        '-print_format',
        'csv',
        fileUrl(path),
      ],
    ],
    { signal: options.signal, silenceTimeoutMs: tools.timeoutMs, maxOutputBytes: 256 * 1024 * 1024 },
  )
  return run.code === 0 ? parseLastPicture(run.stdout.toString('latin1'), lastSeconds) : null
}

/** Reads what ffprobe printed. Pure. */
export function parseLastPicture(lines: string, lastSeconds: number): number | null {
  let start = 0
  let [last, duration] = [-Infinity, Number.NaN]
  for (const line of lines.split('\n')) {
    const [kind, first = '', length = '', flags = ''] = line.trim().split(',')
    if (kind === 'format' && Number.isFinite(Number(first))) start = Number(first)
    if (kind !== 'packet' || flags.includes('D')) continue
    const time = Number(first)
    if (first === '' || !Number.isFinite(time) || time < last) continue
    ;[last, duration] = [time, Number(length)]
  }
  const isIt = Math.abs(last - start - lastSeconds) < 0.1
  return isIt && duration > 0 ? last - start + duration : null
}

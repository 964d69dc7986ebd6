/**
 * A sequence of clips as files that editing software opens: FCPXML 1.11 (Final Cut Pro, Resolve, Premiere with a converter)
 * and OpenTimelineIO. Pure. All times are whole frames: of each clip's own file on the source side, of the sequence on the
 * record side. Both formats take exact fractions, so 23.976 is 24000/1001 and nothing is rounded.
 */

/** Frames a second as a fraction: 30000/1001, 25/1. */
export type FrameRate = { readonly frames: number; readonly seconds: number }

export type TimelineClip = {
  readonly name: string
  /** `file:` address of the file. */
  readonly url: string
  /** What was asked for, in the words of the search; '' for nothing. */
  readonly note: string
  readonly rate: FrameRate
  /** Number of the file's first frame by its own timecode, and how that counts. */
  readonly startFrame: number
  readonly isDropFrame: boolean
  /** Frames of the whole file; of the part that is used, the first one counted from the file's first. */
  readonly fileFrames: number
  readonly first: number
  readonly frames: number
  /** Length in frames of the sequence. */
  readonly recordFrames: number
  readonly width: number | null
  readonly height: number | null
  readonly hasAudio: boolean
}

export type Timeline = { readonly title: string; readonly rate: FrameRate; readonly clips: readonly TimelineClip[] }

/** The fraction that a rate is: whole numbers and those that broadcasting divides by 1.001. Pure. */
export function frameRateOf(rate: number): FrameRate {
  const whole = Math.max(1, Math.round(rate))
  return Math.abs(rate - (whole * 1000) / 1001) < 0.005 && Math.abs(rate - whole) >= 0.005
    ? { frames: whole * 1000, seconds: 1001 }
    : { frames: whole, seconds: 1 }
}

/** FCPXML, version 1.11. */
export function fcpxml({ title, rate, clips }: Timeline): string {
  const formats = new Map<string, string>()
  const formatLines: string[] = []
  const formatOf = (of: FrameRate, width: number | null, height: number | null): string => {
    const key = `${of.frames}/${of.seconds} ${width}x${height}`
    const known = formats.get(key)
    if (known !== undefined) return known
    const id = `f${formats.size + 1}`
    formats.set(key, id)
    const size = width === null || height === null ? '' : ` width="${width}" height="${height}"`
    formatLines.push(`    <format id="${id}" frameDuration="${time(1, of)}"${size}/>`)
    return id
  }
  const [first] = clips
  const sequenceFormat = formatOf(rate, first?.width ?? 1920, first?.height ?? 1080)
  const assets = new Map<string, string>()
  const assetLines: string[] = []
  const assetOf = (clip: TimelineClip): string => {
    const known = assets.get(clip.url)
    if (known !== undefined) return known
    const id = `a${assets.size + 1}`
    assets.set(clip.url, id)
    const audio = clip.hasAudio ? ' hasAudio="1" audioSources="1" audioChannels="2"' : ''
    assetLines.push(
      `    <asset id="${id}" name="${escaped(clip.name)}" start="${time(clip.startFrame, clip.rate)}" duration="${time(clip.fileFrames, clip.rate)}" hasVideo="1" videoSources="1" format="${formatOf(clip.rate, clip.width, clip.height)}"${audio}>`,
      `      <media-rep kind="original-media" src="${escaped(clip.url)}"/>`,
      '    </asset>',
    )
    return id
  }
  let offset = 0
  const clipLines = clips.flatMap((clip) => {
    const attributes = [
      `ref="${assetOf(clip)}"`,
      `offset="${time(offset, rate)}"`,
      `name="${escaped(clip.name)}"`,
      `start="${time(clip.startFrame + clip.first, clip.rate)}"`,
      `duration="${time(clip.recordFrames, rate)}"`,
      `format="${formatOf(clip.rate, clip.width, clip.height)}"`,
      `tcFormat="${clip.isDropFrame ? 'DF' : 'NDF'}"`,
    ].join(' ')
    offset += clip.recordFrames
    const start = `            <asset-clip ${attributes}`
    if (clip.note === '') return [`${start}/>`]
    return [`${start}>`, `              <note>${escaped(clip.note)}</note>`, '            </asset-clip>']
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE fcpxml>',
    '<fcpxml version="1.11">',
    '  <resources>',
    ...formatLines,
    ...assetLines,
    '  </resources>',
    '  <library>',
    `    <event name="${escaped(title)}">`,
    `      <project name="${escaped(title)}">`,
    `        <sequence format="${sequenceFormat}" duration="${time(offset, rate)}" tcStart="0s" tcFormat="NDF">`,
    '          <spine>',
    ...clipLines,
    '          </spine>',
    '        </sequence>',
    '      </project>',
    '    </event>',
    '  </library>',
    '</fcpxml>',
    '',
  ].join('\n')
}

/** OpenTimelineIO, as JSON. */
export function otio({ title, clips }: Timeline): string {
  const moment = (value: number, { frames, seconds }: FrameRate): object => ({
    ...{ OTIO_SCHEMA: 'RationalTime.1', rate: frames / seconds, value },
  })
  const range = (start: number, length: number, rate: FrameRate): object => ({
    ...{ OTIO_SCHEMA: 'TimeRange.1', start_time: moment(start, rate), duration: moment(length, rate) },
  })
  const children = clips.map(({ name, url, note, rate, startFrame, fileFrames, first, frames }) => ({
    ...{ OTIO_SCHEMA: 'Clip.1', name, metadata: note === '' ? {} : { mama: { description: note } } },
    source_range: range(startFrame + first, frames, rate),
    ...{ effects: [], markers: [], enabled: true },
    media_reference: {
      ...{ OTIO_SCHEMA: 'ExternalReference.1', name, metadata: {}, target_url: url },
      available_range: range(startFrame, fileFrames, rate),
    },
  }))
  const common = { metadata: {}, source_range: null, effects: [], markers: [], enabled: true }
  const track = { OTIO_SCHEMA: 'Track.1', name: 'V1', kind: 'Video', ...common, children }
  const tracks = { OTIO_SCHEMA: 'Stack.1', name: 'tracks', ...common, children: [track] }
  return `${JSON.stringify({ OTIO_SCHEMA: 'Timeline.1', name: title, metadata: {}, global_start_time: null, tracks }, null, 2)}\n`
}

/** Frames in seconds, as a fraction: `1001/30000s`, and whole seconds as `2s`. */
function time(count: number, { frames, seconds }: FrameRate): string {
  const top = count * seconds
  return top % frames === 0 ? `${top / frames}s` : `${top}/${frames}s`
}

function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/\s+/g, ' ')
    .trim()
}

import { describe, expect, it } from 'vitest'
import { formatTimecode, parseTimecode } from '../../../../main/base/index.ts'
import { fcpxml, otio } from '../../../../main/search/index.ts'
import { editList, timelineOf, type ListedMoment } from '../../../../main/services/search/edit-list.ts'

const drop = (frame: number, rate = 30): string => formatTimecode({ frame, isDropFrame: true }, rate)

describe('timecode', () => {
  it('counts frames', () => {
    expect(formatTimecode({ frame: 0, isDropFrame: false }, 25)).toBe('00:00:00:00')
    expect(formatTimecode({ frame: 25 * 3661 + 24, isDropFrame: false }, 25)).toBe('01:01:01:24')
    expect(formatTimecode({ frame: 86_400 * 24, isDropFrame: false }, 24)).toBe('00:00:00:00')
  })

  it('drop-frame leaves out two numbers a minute but not in each tenth, four at 60', () => {
    expect([drop(1799), drop(1800), drop(3597), drop(3598)]).toEqual([
      '00:00:59;29',
      '00:01:00;02',
      '00:01:59;29',
      '00:02:00;02',
    ])
    expect([drop(17_981), drop(17_982)]).toEqual(['00:09:59;29', '00:10:00;00'])
    expect(drop(3600, 60)).toBe('00:01:00;04')
    // An hour of 29.97 is 107,892 frames: the clock and the timecode agree.
    expect(drop(107_892)).toBe('01:00:00;00')
  })

  it('is read back as it was written, every frame of eleven minutes', () => {
    for (const rate of [30, 60]) {
      const frames = Array.from({ length: 11 * 60 * rate }, (_, frame) => frame)
      expect(frames.map((frame) => parseTimecode(drop(frame, rate), rate)?.frame)).toEqual(frames)
    }
    expect(parseTimecode('01:00:00:10', 24)).toEqual({ frame: 86_410, isDropFrame: false })
  })

  it('that cannot be one is refused', () => {
    for (const text of ['', 'now', '24:00:00:00', '00:60:00:00', '00:00:00:25']) {
      expect(parseTimecode(text, 25)).toBeNull()
    }
    expect(parseTimecode('00:00:00;10', 25)).toBeNull()
  })
})

const moment = (probe: object, start: number, end: number, name = 'boots.mp4'): ListedMoment => ({
  ...{ start, end, text: 'red\nboots' },
  file: { fileName: name, path: `/footage/${name}`, probe },
})
const events = (text: string): string[] => text.split('\r\n').filter((line) => /^(\d{3}|M2)  /.test(line))

describe('an edit list', () => {
  it('counts the source and the record side in the rate of the files', () => {
    const text = editList('Boots', [
      moment({ framesPerSecond: 24 }, 1.5, 3),
      moment({ framesPerSecond: 24 }, 0, 0.5, 'a-long_name of a shoe.mov'),
    ])
    expect(text.split('\r\n').slice(0, 3)).toEqual(['TITLE: Boots', 'FCM: NON-DROP FRAME', '* FRAME RATE: 24'])
    expect(events(text)).toEqual([
      '001  BOOTS    V     C        00:00:01:12 00:00:03:00 00:00:00:00 00:00:01:12',
      '002  ALONGNAM V     C        00:00:00:00 00:00:00:12 00:00:01:12 00:00:02:00',
    ])
    expect(text).toContain('* COMMENT: red boots\r\n')
  })

  it('counts the frames of 29.97 and not the seconds: an hour in, the picture is still the same', () => {
    const rate = 30_000 / 1001
    const [line] = events(editList('x', [moment({ framesPerSecond: rate }, 3600, 3601)]))
    // Frame 107,892 of the file; thirty times 3600 would lie 3.6 seconds after it.
    expect(line).toContain('00:59:56:12 00:59:57:12')
  })

  it('begins at the timecode of the file, in its own way of counting', () => {
    const ntsc = { framesPerSecond: 29.97, timecode: '01:00:58;20' }
    expect(events(editList('x', [moment(ntsc, 0, 2)]))[0]).toContain('01:00:58;20 01:01:00;22 00:00:00:00 00:00:02:00')
    const pal = { framesPerSecond: 25, timecode: '10:00:00:00' }
    expect(events(editList('x', [moment(pal, 1, 2)]))[0]).toContain('10:00:01:00 10:00:02:00')
  })

  it('says at which rate a file plays that has another one than the list', () => {
    const text = editList('x', [
      moment({ framesPerSecond: 25 }, 0, 1),
      moment({ framesPerSecond: 25 }, 0, 1),
      moment({ framesPerSecond: 15 }, 2, 4, 'old.avi'),
    ])
    expect(events(text).slice(2)).toEqual([
      '003  OLD      V     C        00:00:02:00 00:00:04:00 00:00:02:00 00:00:04:00',
      'M2   OLD      015.0                00:00:02:00',
    ])
  })

  it('takes 25 where nothing is known, and gives the shortest moment a frame', () => {
    expect(events(editList('x', [moment({}, 1, 1.001)]))[0]).toContain('00:00:01:00 00:00:01:01')
  })

  it('refuses more events than it can number', () => {
    const many = Array.from({ length: 1000 }, () => moment({ framesPerSecond: 25 }, 0, 1))
    expect(events(editList('x', many.slice(1)))).toHaveLength(999)
    expect(() => editList('x', many)).toThrow(/999 moments at most/)
  })
})

describe('FCPXML and OpenTimelineIO', () => {
  const attribute = (line: string, name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(line)![1]!
  const clipLines = (text: string): string[] => text.split('\n').filter((line) => line.includes('<asset-clip'))
  /** Frames of a rate that a time such as `1001/30000s` is. */
  const framesIn = (time: string, rate: number): number => {
    const [top, bottom = '1'] = time.replace('s', '').split('/')
    return (Number(top) / Number(bottom)) * rate
  }
  type OtioTime = { rate: number; value: number }
  type OtioRange = { start_time: OtioTime; duration: OtioTime }
  type OtioClip = {
    name: string
    source_range: OtioRange
    media_reference: { target_url: string; available_range: OtioRange }
  }
  const otioClips = (text: string): OtioClip[] =>
    (JSON.parse(text) as { tracks: { children: { children: OtioClip[] }[] } }).tracks.children[0]!.children

  it.each([
    ['23.976', 24_000 / 1001, undefined, 0, 'NDF'],
    ['29.97 drop-frame from an hour', 30_000 / 1001, '01:00:00;00', 107_892, 'DF'],
    ['29.97 non-drop-frame from an hour', 30_000 / 1001, '01:00:00:00', 108_000, 'NDF'],
    ['59.94 drop-frame', 60_000 / 1001, '00:01:00;04', 3600, 'DF'],
    ['25 from ten hours', 25, '10:00:00:00', 900_000, 'NDF'],
  ] as const)('say the same frames as the edit list at %s', (_, rate, timecode, offset, format) => {
    const probe = { framesPerSecond: rate, durationSeconds: 100, width: 1920, height: 1080, hasAudio: true, timecode }
    const moments = [moment(probe, 100 / rate, 150 / rate), moment(probe, 0, 10 / rate, 'other & "more".mov')]
    const timeline = timelineOf('Boots', moments)
    const xml = fcpxml(timeline)
    const lines = clipLines(xml)
    expect(lines.map((line) => framesIn(attribute(line, 'start'), rate))).toEqual([
      expect.closeTo(offset + 100, 6),
      expect.closeTo(offset, 6),
    ])
    expect(lines.map((line) => framesIn(attribute(line, 'duration'), rate))).toEqual([
      expect.closeTo(50, 6),
      expect.closeTo(10, 6),
    ])
    expect(lines.map((line) => framesIn(attribute(line, 'offset'), rate))).toEqual([0, expect.closeTo(50, 6)])
    expect(attribute(lines[0]!, 'tcFormat')).toBe(format)
    expect(attribute(lines[1]!, 'name')).toBe('other &amp; &quot;more&quot;.mov')
    expect(xml).toContain('<media-rep kind="original-media" src="file:///footage/boots.mp4"/>')
    expect(xml).toContain('<note>red boots</note>')

    const clips = otioClips(otio(timeline))
    expect(clips.map(({ source_range: { start_time, duration } }) => [start_time.value, duration.value])).toEqual([
      [offset + 100, 50],
      [offset, 10],
    ])
    expect(clips[0]!.source_range.start_time.rate).toBeCloseTo(rate, 9)
    expect(clips[0]!.media_reference.available_range.start_time.value).toBe(offset)
    expect(clips[0]!.media_reference.target_url).toBe('file:///footage/boots.mp4')
  })

  it('hold clips of several rates: the source in its own frames, the record side in those of the list', () => {
    const film = { framesPerSecond: 24, durationSeconds: 10 }
    const timeline = timelineOf('x', [moment(film, 0, 1), moment(film, 2, 3), moment({ framesPerSecond: 50 }, 1, 2)])
    const [, , last] = clipLines(fcpxml(timeline))
    expect([attribute(last!, 'offset'), attribute(last!, 'start'), attribute(last!, 'duration')]).toEqual([
      '2s',
      '1s',
      '1s',
    ])
    expect(otioClips(otio(timeline)).map(({ source_range }) => source_range.duration.rate)).toEqual([24, 24, 50])
  })

  it('name each file once', () => {
    const xml = fcpxml(timelineOf('x', [moment({}, 0, 1), moment({}, 2, 3)]))
    expect(xml.match(/<asset /g)).toHaveLength(1)
    expect(clipLines(xml)).toHaveLength(2)
  })
})

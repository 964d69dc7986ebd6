/**
 * What main/media reads from its tools and decides from it, without starting them. The literals are what ffmpeg and
 * ffprobe 5.1.9 printed for small clips; of ffprobe's answers the fields that nobody reads were taken out.
 */
import { describe, expect, it } from 'vitest'
import { parseLogLine, splitJpegs } from '../../../main/media/analysis-args.ts'
import { planShots } from '../../../main/media/plan-shots.ts'
import { parseProbe } from '../../../main/media/probe.ts'
import { findShotBorders, tinySide, type TinyFrame } from '../../../main/media/shot-borders.ts'

describe('what ffprobe says of a file', () => {
  const parse = (json: string) => parseProbe(json, '/videos/a.mp4', 21012)
  const refusalOf = (json: string): string | null => {
    const parsed = parse(json)
    return 'refusal' in parsed ? parsed.refusal.reason : null
  }

  it('a recording held upright: width and height are those that are shown', () => {
    // Turned by 90 degrees in the display matrix, with sound.
    const json = `{ "streams": [
      { "index": 0, "codec_name": "h264", "codec_type": "video", "width": 160, "height": 120, "field_order": "progressive", "r_frame_rate": "10/1", "avg_frame_rate": "10/1", "duration": "1.000000", "disposition": { "default": 1, "attached_pic": 0 },
        "side_data_list": [{ "side_data_type": "Display Matrix", "displaymatrix": "\\n00000000:            0      -65536           0\\n00000001:        65536           0           0\\n00000002:            0           0  1073741824\\n", "rotation": 90 }] },
      { "index": 1, "codec_name": "aac", "codec_type": "audio", "avg_frame_rate": "0/0", "duration": "1.000000", "disposition": { "default": 1, "attached_pic": 0 } } ],
      "format": { "filename": "file:turned.mp4", "format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "1.000000", "size": "21012" } }`
    expect(parse(json)).toEqual({
      durationSeconds: 1,
      width: 120,
      height: 160,
      codec: 'h264',
      framesPerSecond: 10,
      rotationDegrees: 270,
      hasAudio: true,
      interlaced: false,
      streamIndex: 0,
      sizeBytes: 21012,
    })
  })

  it('interlaced footage whose first track is not marked as the default one', () => {
    const json = `{ "streams": [ { "index": 0, "codec_name": "mpeg2video", "codec_type": "video", "width": 160, "height": 120, "field_order": "tt", "avg_frame_rate": "25/1", "duration": "1.000000", "disposition": { "default": 0, "attached_pic": 0 },
      "side_data_list": [ { "side_data_type": "CPB properties", "max_bitrate": 0, "buffer_size": 49152 } ] } ],
      "format": { "filename": "file:inter.mpg", "format_name": "mpeg", "duration": "1.000000" } }`
    expect(parse(json)).toMatchObject({ interlaced: true, framesPerSecond: 25, hasAudio: false, rotationDegrees: 0 })
  })

  it('a recording with the timecode of its camera', () => {
    const json = `{ "streams": [ { "index": 0, "codec_name": "mpeg4", "codec_type": "video", "width": 160, "height": 120, "avg_frame_rate": "30000/1001", "disposition": { "default": 1, "attached_pic": 0 } },
      { "index": 1, "codec_type": "data", "tags": { "handler_name": "TimeCodeHandler", "timecode": "01:00:58;20" } } ],
      "format": { "format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "3.003000" } }`
    expect(parse(json)).toMatchObject({ timecode: '01:00:58;20' })
  })

  it('a stream that was written to a pipe does not say how long it is', () => {
    const json = `{ "streams": [ { "index": 0, "codec_name": "vp8", "codec_type": "video", "width": 160, "height": 120, "field_order": "progressive", "avg_frame_rate": "10/1", "disposition": { "default": 0, "attached_pic": 0 } } ],
      "format": { "filename": "file:piped.webm", "format_name": "matroska,webm", "start_time": "0.000000", "size": "5975" } }`
    expect(parse(json)).toMatchObject({ durationSeconds: 0, codec: 'vp8' })
  })

  it('a song with a cover picture is no video', () => {
    const json = `{ "streams": [
      { "index": 0, "codec_name": "mp3", "codec_type": "audio", "avg_frame_rate": "0/0", "duration": "1.044898", "disposition": { "default": 0, "attached_pic": 0 } },
      { "index": 1, "codec_name": "mjpeg", "codec_type": "video", "width": 64, "height": 64, "avg_frame_rate": "0/0", "duration": "1.044900", "disposition": { "default": 0, "attached_pic": 1 } } ],
      "format": { "filename": "file:song.mp3", "format_name": "mp3", "duration": "1.044898" } }`
    expect(refusalOf(json)).toBe('noVideo')
  })

  it('an empty answer, as for a text file, and no answer at all', () => {
    expect(refusalOf('{\n\n}\n')).toBe('notMedia')
    expect(refusalOf('')).toBe('notMedia')
  })
})

describe('a line of ffmpeg’s log', () => {
  it('of a frame gives the clip, the output, its timestamp and what the frame is like', () => {
    const line =
      '[showinfo@tiny0 @ 0x561ea196fa40] [info] n:   1 pts:   2048 pts_time:0.2     pos:      682 fmt:yuv420p sar:1/1 s:320x240 i:T iskey:0 type:P '
    expect(parseLogLine(line)).toEqual({
      ...{ output: 'tiny', index: 0, timeSeconds: 0.2 },
      picture: { width: 320, height: 240, interlaced: true },
    })
    const poster =
      '[showinfo@poster12 @ 0x561ea197af00] [info] n:   1 pts:  10240 pts_time:1       pos:      722 fmt:yuvj420p sar:1/1 s:64x64 i:P iskey:0 type:P '
    expect(parseLogLine(poster)).toEqual({
      ...{ output: 'poster', index: 12, timeSeconds: 1 },
      picture: { width: 64, height: 64, interlaced: false },
    })
  })

  it('of an error is kept, of anything else is passed over', () => {
    const error = '[h264 @ 0x55a00c4e2680] [error] error while decoding MB 5 5'
    expect(parseLogLine(error)).toEqual({ error })
    for (const line of [
      '[h264 @ 0x55a00c4e2680] [info] concealing 74 DC, 74 AC, 74 MV errors in I frame',
      '[showinfo@poster0 @ 0x55beaaf67e80] [info] config in time_base: 1/10240, frame_rate: 10/1',
      '[showinfo@tiny0 @ 0x55beaaf5ff40] [info]   side data - User Data Unregistered:',
      '[swscaler @ 0x55beaaf71900] [warning] deprecated pixel format used, make sure you did set range correctly',
      '[info]   Duration: 00:00:01.00, start: 0.000000, bitrate: 168 kb/s',
      '',
    ]) {
      expect(parseLogLine(line), line).toBeUndefined()
    }
  })
})

describe('a stream of JPEG pictures', () => {
  /** Two pictures of 16x16 pixels, one red, one blue. */
  const two = Buffer.from(
    '/9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAgMDA4MDhAQEBAQEBMSExQUFBMTExMUFBQVFRUZGRkVFRUUFBUVGBgZGRscGxoaGRocHB4eHiQkIiIqKiszMz7/xABMAAEBAAAAAAAAAAAAAAAAAAAABgEBAQAAAAAAAAAAAAAAAAAABgcQAQAAAAAAAAAAAAAAAAAAAAARAQAAAAAAAAAAAAAAAAAAAAD/wAARCAAQABADASIAAhEAAxEA/9oADAMBAAIRAxEAPwCLAFF/f//Z/9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAgMDA4MDhAQEBAQEBMSExQUFBMTExMUFBQVFRUZGRkVFRUUFBUVGBgZGRscGxoaGRocHB4eHiQkIiIqKiszMz7/xABMAAEBAAAAAAAAAAAAAAAAAAAABwEBAQAAAAAAAAAAAAAAAAAABQcQAQAAAAAAAAAAAAAAAAAAAAARAQAAAAAAAAAAAAAAAAAAAAD/wAARCAAQABADASIAAhEAAxEA/9oADAMBAAIRAxEAPwCOAL+Lf//Z',
    'base64',
  )

  it('is cut into its pictures, of which nothing is lost', () => {
    const pictures = splitJpegs(two)
    expect(pictures).toHaveLength(2)
    expect(Buffer.concat(pictures).equals(two)).toBe(true)
    for (const picture of pictures) expect(picture.subarray(0, 2).toString('hex')).toBe('ffd8')
  })

  it('loses a last picture that is cut off', () => {
    expect(splitJpegs(two.subarray(0, -1))).toHaveLength(1)
    expect(splitJpegs(two.subarray(0, 100))).toEqual([])
    expect(splitJpegs(Buffer.alloc(0))).toEqual([])
  })
})

describe('borders and shots', () => {
  const filled = (timeSeconds: number, [red, green, blue]: readonly [number, number, number]): TinyFrame => ({
    timeSeconds,
    rgb: Uint8Array.from({ length: tinySide * tinySide * 3 }, (_, i) => [red, green, blue][i % 3]!),
  })
  /** As decoded from one second of red and one of blue at 5 frames a second. */
  const [red, blue] = [
    [252, 0, 0],
    [0, 0, 253],
  ] as const
  const cut = [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8].map((time) => filled(time, time < 1 ? red : blue))

  it('a cut lies at the first frame of the new shot', () => {
    expect(findShotBorders(cut)).toEqual([{ timeSeconds: 1, kind: 'cut' }])
  })

  it('a still picture, one frame and none have no borders', () => {
    expect(findShotBorders(cut.slice(0, 5))).toEqual([])
    expect(findShotBorders(cut.slice(0, 1))).toEqual([])
    expect(findShotBorders([])).toEqual([])
  })

  it('shots meet at the border and cover all of the stretch; only a gradual border has a fade', () => {
    expect(planShots(findShotBorders(cut), 0, 2, 30)).toEqual([
      { startSeconds: 0, endSeconds: 1, fadeInSeconds: 0, fadeOutSeconds: 0 },
      { startSeconds: 1, endSeconds: 2, fadeInSeconds: 0, fadeOutSeconds: 0 },
    ])
    const gradual = planShots([{ timeSeconds: 1, kind: 'gradual' }], 0, 2, 30)
    expect(gradual.map(({ fadeInSeconds, fadeOutSeconds }) => [fadeInSeconds, fadeOutSeconds])).toEqual([
      [0, 0.25],
      [0.25, 0],
    ])
  })

  it('a long shot is cut into equal parts, of which only the outer ones meet a fade', () => {
    const shots = planShots([{ timeSeconds: 9, kind: 'gradual' }], 0, 10, 3)
    expect(shots.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds])).toEqual([
      [0, 3],
      [3, 6],
      [6, 9],
      [9, 10],
    ])
    expect(shots.map(({ fadeOutSeconds }) => fadeOutSeconds)).toEqual([0, 0, 0.25, 0])
  })
})

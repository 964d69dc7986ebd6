/** Headers that are read without ffprobe: each that is accepted says what ffprobe says, and doubtful ones are not accepted. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMedia } from '../../../main/media/index.ts'
import { parsePlainMp4, readPlainMp4 } from '../../../main/media/plain-mp4.ts'
import { createClipFolder, h264, source, type ClipFolder } from './clips.ts'

const media = createMedia({ timeoutMs: 20_000 })
const sound = ['-f', 'lavfi', '-i', 'sine=d=1']
/** With pictures that are shown in another order than they are stored, and so with an edit list. */
const reordered = ['-c:v', 'libx264', '-bf', '2', '-pix_fmt', 'yuv420p']
let clips: ClipFolder
beforeAll(() => {
  clips = createClipFolder()
})
afterAll(() => clips.remove())

describe('a plain clip', () => {
  const kinds: Record<string, () => string> = {
    'of H.264': () => clips.make('plain.mp4', ...source(1), ...h264),
    'with reordered pictures': () => clips.make('b.mp4', ...source(1.3, '96x64', 25), ...reordered),
    'with sound first': () =>
      clips.make('sound.mp4', ...sound, ...source(1), '-map', '0', '-map', '1', ...h264, '-c:a', 'aac'),
    'with its header in front': () => clips.make('fast.mp4', ...source(1), ...reordered, '-movflags', '+faststart'),
    'at 29.97 frames a second': () =>
      clips.make('ntsc.mp4', '-f', 'lavfi', '-i', 'testsrc=s=64x48:r=30000/1001:d=1', ...reordered),
    'at a changing frame rate': () =>
      clips.make('vfr.mp4', ...source(2, '64x48', 25), '-vf', "select='not(mod(n,7))'", '-vsync', 'vfr', ...h264),
    'of HEVC': () =>
      clips.make('hevc.mp4', ...source(1), '-c:v', 'libx265', '-x265-params', 'log-level=none', '-tag:v', 'hvc1'),
    'of QuickTime': () => clips.make('plain.mov', ...source(1), ...h264),
    'of 10 bits': () => clips.make('ten.mp4', ...source(1), '-c:v', 'libx264', '-pix_fmt', 'yuv420p10le'),
    'of one frame': () => clips.make('one.mp4', ...source(0.1), ...h264),
    'with pixels that are not square': () => clips.make('sar.mp4', ...source(1), '-vf', 'setsar=4/3', ...h264),
    'with a title': () => clips.make('title.mp4', ...source(1), ...h264, '-metadata', 'title=Boots'),
    ...Object.fromEntries(
      [90, 180, 270].map((angle) => [
        `turned by ${angle} degrees`,
        () => {
          const upright = clips.make('upright.mp4', ...source(1), ...h264)
          return clips.make(`turned-${angle}.mp4`, '-i', upright, '-c', 'copy', '-metadata:s:v', `rotate=${angle}`)
        },
      ]),
    ),
  }
  test.each(Object.keys(kinds))('%s is known as ffprobe knows it', async (kind) => {
    const path = kinds[kind]!()
    const plain = await readPlainMp4(path)
    expect(plain?.probe).toEqual(await media.probe(path))
    const counted = ['-select_streams', 'v', '-count_packets', '-show_entries', 'stream=nb_read_packets']
    const packets = execFileSync('ffprobe', ['-v', 'error', ...counted, '-of', 'csv=p=0', path], { encoding: 'utf8' })
    expect(plain?.frameCount).toBe(Number.parseInt(packets, 10))
  })

  test('the clips of the sample catalogue are all known so', async () => {
    const folder = fileURLToPath(new URL('../../../resources/sample-catalogue/videos', import.meta.url))
    const names = readdirSync(folder).filter((name) => name.endsWith('.mp4'))
    const known = await Promise.all(names.map((name) => readPlainMp4(join(folder, name))))
    expect(known.filter((plain) => plain === null)).toEqual([])
    const few = names.filter((_, i) => i % 9 === 0)
    for (const name of few) {
      expect(known[names.indexOf(name)]?.probe, name).toEqual(await media.probe(join(folder, name)))
    }
  })
})

describe('is not plain:', () => {
  const kinds: Record<string, () => string> = {
    'a fragmented file': () => clips.make('f.mp4', ...source(1), ...h264, '-movflags', 'frag_keyframe+empty_moov'),
    'two pictures tracks': () => clips.make('two.mp4', ...source(1), '-map', '0', '-map', '0', ...h264),
    subtitles: () => {
      writeFileSync(clips.path('text.srt'), '1\n00:00:00,000 --> 00:00:01,000\nBoots\n')
      return clips.make('s.mp4', ...source(1), '-i', clips.path('text.srt'), ...h264, '-c:s', 'mov_text')
    },
    'a cut by an edit list': () => {
      const whole = clips.make('whole.mp4', ...source(4), ...reordered, '-g', '100')
      return clips.make('cut.mp4', '-ss', '1.55', '-i', whole, '-c', 'copy')
    },
    'a picture that starts late': () => {
      const whole = clips.make('late-whole.mp4', ...source(1), ...h264)
      return clips.make(
        'late.mp4',
        ...sound,
        '-itsoffset',
        '0.5',
        '-i',
        whole,
        '-map',
        '0',
        '-map',
        '1',
        '-c:v',
        'copy',
      )
    },
    'another codec': () => clips.make('m.mp4', ...source(1), '-c:v', 'mpeg4'),
    'sound alone': () => clips.make('a.mp4', ...sound, '-c:a', 'aac'),
    'another container': () => clips.make('k.mkv', ...source(1), ...h264),
    'a file that is cut off': () => {
      const path = clips.make('short.mp4', ...source(1), ...h264, '-movflags', '+faststart')
      truncateSync(path, readFileSync(path).length - 10)
      return path
    },
    'a header that is cut off': () => {
      const path = clips.make('headless.mp4', ...source(1), ...h264)
      truncateSync(path, readFileSync(path).length - 10)
      return path
    },
    'an empty file': () => {
      writeFileSync(clips.path('empty.mp4'), '')
      return clips.path('empty.mp4')
    },
    'a missing file': () => clips.path('missing.mp4'),
    'a folder': () => clips.path('.'),
  }
  test.each(Object.keys(kinds))('%s', async (kind) => {
    expect(await readPlainMp4(kinds[kind]!())).toBeNull()
  })

  test('a pipe, and it is not waited for', async () => {
    execFileSync('mkfifo', [clips.path('pipe.mp4')])
    expect(await readPlainMp4(clips.path('pipe.mp4'))).toBeNull()
  })
})

describe('a forged header', () => {
  /** The content of `moov` of a clip. */
  function header(): Buffer {
    const bytes = readFileSync(clips.make('forge.mp4', ...source(1), ...reordered))
    const at = bytes.indexOf('moov', 0, 'latin1')
    return bytes.subarray(at + 4, at - 4 + bytes.readUInt32BE(at - 4))
  }

  test('that says its frames are of two fields is not plain', () => {
    const path = clips.make(
      'fields.mp4',
      ...source(1),
      '-c:v',
      'libx265',
      '-x265-params',
      'log-level=none',
      '-tag:v',
      'hvc1',
    )
    const bytes = readFileSync(path)
    const moov = bytes.indexOf('moov', 0, 'latin1')
    const forged = Buffer.from(bytes.subarray(moov + 4, moov - 4 + bytes.readUInt32BE(moov - 4)))
    expect(parsePlainMp4(forged, 1)?.probe.codec).toBe('hevc')
    forged[forged.indexOf('fiel\x01', 0, 'latin1') + 4] = 2 // beside "field" in the encoder's settings
    expect(parsePlainMp4(forged, 1)).toBeNull()
  })

  test('with a table that claims more rows than it has is not plain', () => {
    for (const table of ['stts', 'ctts', 'elst']) {
      const forged = Buffer.from(header())
      expect(parsePlainMp4(forged, 1)).not.toBeNull()
      forged.writeUInt32BE(0xffffffff, forged.indexOf(table, 0, 'latin1') + 8)
      expect(parsePlainMp4(forged, 1), table).toBeNull()
    }
  })

  test('never throws, whichever byte is changed and wherever it ends', () => {
    const honest = header()
    for (let at = 0; at < honest.length; at++) {
      const forged = Buffer.from(honest)
      forged[at] = forged[at]! ^ 0xff
      expect(() => parsePlainMp4(forged, 1)).not.toThrow()
      expect(() => parsePlainMp4(honest.subarray(0, at), 1)).not.toThrow()
    }
  })
})

/** Names and texts that other programs wrote: found where that is certain, and never another folder's file. */
import { describe, expect, test } from 'vitest'
import { createNameFinder, decodeText, guessText } from '../../../main/storage/index.ts'

describe('a name in a table', () => {
  const paths = [
    '/films/2023/IMG_0001.MOV',
    '/films/2023/IMG_0002.MOV',
    '/films/2024/IMG_0002.MOV',
    '/films/Cafe\u0301 e\u0301te\u0301.mp4',
    '/films/Clip A.mp4',
    '/films/clip a.webm',
  ].map((path, i) => ({ path, videoId: String(i) }))
  const find = createNameFinder(paths)
  const found = (name: string): string | undefined => {
    const match = find(name)
    return match.kind === 'found' ? paths[Number(match.videoId)]!.path : undefined
  }

  test('is found by itself, by its folder, and behind the folders of another computer', () => {
    expect(found('IMG_0001.MOV')).toBe('/films/2023/IMG_0001.MOV')
    expect(found('2024/IMG_0002.MOV')).toBe('/films/2024/IMG_0002.MOV')
    expect(found('C:\\Users\\me\\2023\\IMG_0002.MOV')).toBe('/films/2023/IMG_0002.MOV')
    expect(found('D:\\IMG_0001.MOV')).toBe('/films/2023/IMG_0001.MOV')
  })

  test('is found with composed accents, in another case and without its extension, in this order', () => {
    expect(found('Caf\u00e9 \u00e9t\u00e9.mp4')).toBe('/films/Cafe\u0301 e\u0301te\u0301.mp4')
    expect(found('img_0001.mov')).toBe('/films/2023/IMG_0001.MOV')
    expect(found('IMG_0001')).toBe('/films/2023/IMG_0001.MOV')
    expect(found('Clip A.mp4')).toBe('/films/Clip A.mp4')
  })

  test('that could be several files, or is there in another folder only, is none', () => {
    expect(find('IMG_0002.MOV')).toMatchObject({ kind: 'several' })
    expect(find('clip a')).toMatchObject({ kind: 'several' })
    expect(find('2024/IMG_0001.MOV')).toEqual({ kind: 'elsewhere', paths: ['/films/2023/IMG_0001.MOV'] })
    expect(find('IMG_0003.MOV')).toEqual({ kind: 'none' })
    expect(find('')).toEqual({ kind: 'none' })
  })

  test("finds another folder's file where folders are ignored, and still none of several", () => {
    const anywhere = createNameFinder(paths, { ignoreFolders: true })
    expect(anywhere('2024/IMG_0001.MOV')).toEqual({ kind: 'found', videoId: '0' })
    expect(anywhere('2024/IMG_0002.MOV')).toEqual({ kind: 'found', videoId: '2' })
    expect(anywhere('2025/IMG_0002.MOV')).toMatchObject({ kind: 'several' })
  })

  test('that says a folder means an upload, which came without one, unless the folder has such a file', () => {
    const uploads = [...paths, { path: '/library/uploads/7/IMG_0001.MOV', videoId: 'up', folderless: true }]
    expect(createNameFinder(uploads)('2024/IMG_0001.MOV')).toEqual({ kind: 'found', videoId: 'up' })
    expect(createNameFinder(uploads)('2023/IMG_0001.MOV')).toEqual({ kind: 'found', videoId: '0' })
  })
})

describe('a text file', () => {
  const text = 'file,title\r\nCaf\u00e9.mp4,d\u00e9tail \u2013 \u00d8\r\n'
  const utf16 = (little: boolean): Buffer => {
    const bytes = Buffer.from(text, 'utf16le')
    return little ? bytes : bytes.swap16()
  }
  const mark = (bytes: number[], rest: Buffer): Buffer => Buffer.concat([Buffer.from(bytes), rest])

  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', mark([0xef, 0xbb, 0xbf], Buffer.from(text))],
    ['UTF-16 with a mark', mark([0xff, 0xfe], utf16(true))],
    ['UTF-16, the other way round', mark([0xfe, 0xff], utf16(false))],
    ['UTF-16 without a mark', utf16(true)],
    ['Windows-1252', Buffer.from(text.replace('\u2013', '\u0096'), 'latin1')],
  ])('in %s is read', (_, bytes) => {
    expect(decodeText(bytes)).toBe(text)
  })

  test('in Shift-JIS is read, and one that was asked for is taken', () => {
    // "コート,赤い靴" as Shift-JIS.
    const japanese = Buffer.from('8352815b83672c90d482a28c43', 'hex')
    expect(decodeText(japanese)).toBe('コート,赤い靴')
    expect(decodeText(Buffer.from([0xe6]), 'windows-1251')).toBe('ж')
    expect(() => decodeText(Buffer.from([0xff, 0xff]), 'utf-8')).toThrow()
  })

  test('whose few bytes could be several is asked about, and guessed where nobody can be asked', () => {
    const few = Buffer.from('caf\u00e9', 'latin1')
    expect(() => decodeText(few)).toThrow('not found')
    expect(guessText(few)).toBe('caf\u00e9')
  })
})

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unpackArchive } from '../../../main/encoders/index.ts'
import { createRuntime, type Runtime } from '../../../main/runtime/index.ts'
import { exportFolder, importFrom } from './exports.ts'
import { zipOf, type ZipEntry } from './zip-writer.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const text = (value: string): Uint8Array => Buffer.from(value)

function archiveOf(entries: readonly ZipEntry[], repeat = 1): { archive: string; target: string } {
  const folder = temporaryFolder('archive')
  const archive = join(folder, 'my-encoder.zip')
  writeFileSync(archive, zipOf(entries, repeat))
  return { archive, target: join(folder, 'deep', 'target') }
}

describe('unpackArchive', () => {
  it('unpacks what an import reads and leaves the rest', async () => {
    const { archive, target } = archiveOf([
      { name: 'm/config.json', bytes: text('{}') },
      { name: 'm/onnx/vision_model.onnx', bytes: text('graph') },
      { name: 'm/run.exe', bytes: text('no') },
      { name: '__MACOSX/m/config.json', bytes: text('no') },
      { name: 'm/link.json', bytes: text('/etc/passwd'), unixMode: 0o120777 },
    ])
    await unpackArchive(archive, target)
    expect(readdirSync(target, { recursive: true }).sort()).toEqual([
      'm',
      'm/config.json',
      'm/onnx',
      'm/onnx/vision_model.onnx',
    ])
    expect(readFileSync(join(target, 'm/onnx/vision_model.onnx'), 'utf8')).toBe('graph')
  })

  it.each<[string, ZipEntry, RegExp]>([
    ['a path that leads out', { name: '../evil.json', bytes: text('{}') }, /invalid relative path/],
    ['an absolute path', { name: '/tmp/evil.json', bytes: text('{}') }, /absolute path/],
    ['a Windows path', { name: '..\\evil.json', bytes: text('{}') }, /invalid characters/],
    ['far more than it is', { name: 'bomb.json', bytes: new Uint8Array(20_000_000) }, /which no model file does/],
    [
      'more than it says',
      { name: 'liar.json', bytes: text('x'.repeat(5000)), claimedSize: 100 },
      /too many bytes in the stream/,
    ],
    [
      'other bytes than its checksum',
      { name: 'config.json', bytes: text('{}'), checksum: 7 },
      /config.json is damaged/,
    ],
  ])('refuses an entry with %s', async (_, entry, sentence) => {
    const { archive, target } = archiveOf([entry])
    await expect(unpackArchive(archive, target)).rejects.toThrow(sentence)
    expect(existsSync(join(dirname(target), 'evil.json'))).toBe(false)
    expect(existsSync('/tmp/evil.json')).toBe(false)
  })

  it('refuses files that share their bytes', async () => {
    const bytes = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7919) % 251)
    const { archive, target } = archiveOf([{ name: 'a.json', bytes }], 40)
    await expect(unpackArchive(archive, target)).rejects.toThrow(/overlap/)
  })

  it('refuses what is no archive', async () => {
    const { archive, target } = archiveOf([])
    writeFileSync(archive, 'Rar!')
    await expect(unpackArchive(archive, target)).rejects.toThrow(/no ZIP file that can be unpacked/)
  })
})

describe('an archive of an export', () => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1 })
  })
  afterAll(() => runtime.dispose())

  it('is imported under the name of the archive, and a second time changes nothing', async () => {
    const folder = exportFolder('clip')
    const wanted = /vision_model.onnx|text_model.onnx|config.json|tokenizer.json/
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => wanted.test(name))
    const { archive, target } = archiveOf(
      files.map((name) => ({ name: `x/${name}`, bytes: readFileSync(join(folder, name)) })),
    )
    const first = await importFrom(archive, runtime, { bundlesDir: target })
    expect([first.manifest.id, first.wasThere]).toEqual(['my-encoder', false])
    const second = await importFrom(archive, runtime, { bundlesDir: target })
    expect([second.encoderId, second.wasThere]).toEqual([first.encoderId, true])
    expect(readdirSync(target)).toEqual(['my-encoder'])
  })

  it('leaves nothing behind when it is stopped', async () => {
    const { target } = archiveOf([])
    const stopped = importFrom(exportFolder('clip'), runtime, { bundlesDir: target, signal: AbortSignal.abort() })
    await expect(stopped).rejects.toThrow(/abort/i)
    expect(readdirSync(target)).toEqual([])
  })
})

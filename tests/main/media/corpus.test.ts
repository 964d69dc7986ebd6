/**
 * Files of all kinds, with colours and counters burnt in: what the engine says of them agrees with what they show. Larger by
 * `npm run bench -- corpus`.
 */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMedia } from '../../../main/media/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { checkCorpus } from './check-corpus.ts'
import { makeCorpus, type Specimen } from './corpus.ts'

let folder: string
let specimens: Specimen[]
beforeAll(() => {
  folder = temporaryFolder('corpus')
  specimens = makeCorpus(folder)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('shots, times, colours, posters and clips agree with what is drawn', async () => {
  expect(specimens.length).toBeGreaterThanOrEqual(150)
  const media = createMedia({ timeoutMs: 60_000 })
  const { files, problems } = await checkCorpus(media, folder, specimens, (_, index) => index % 20 === 3)
  expect(problems).toEqual([])
  expect(files).toBe(specimens.length)
}, 240_000)

/** Holds what the engine says of the files of the corpus against what is drawn in their pictures. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tilingFault, type AnalysedShot, type Media, type Probe } from '../../../main/media/index.ts'
import { colourIn, numberIn, sceneColours, sceneSeconds, type Specimen } from './corpus.ts'

const size = 64

export type CorpusReport = { readonly files: number; readonly frames: number; readonly problems: string[] }

/** Checks each file; `withClips` says of which a clip and a moment of a player are checked too. */
export async function checkCorpus(
  media: Media,
  folder: string,
  specimens: readonly Specimen[],
  withClips: (specimen: Specimen, index: number) => boolean,
): Promise<CorpusReport> {
  const problems: string[] = []
  const posters: { path: string; rgb: readonly number[]; what: string; specimen: Specimen }[] = []
  let frames = 0
  const waiting = [...specimens.entries()]
  const loop = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, specimen] = next
      const say = (text: string): void => void problems.push(`${specimen.name}: ${text}`)
      try {
        const path = join(folder, specimen.name)
        const shots = await read(media, path)
        frames += shots.reduce((sum, shot) => sum + shot.frames.length, 0)
        checkShots(specimen, shots, say)
        for (const [i, shot] of shots.entries()) {
          if (shot.poster === null) say(`shot ${i} has no poster`)
          else {
            const file = join(folder, `poster-${index}-${i}.jpg`)
            writeFileSync(file, shot.poster)
            posters.push({ path: file, rgb: sceneColours[i % 3]!, what: `poster ${i}`, specimen })
          }
        }
        if (withClips(specimen, index)) await checkClip(media, folder, specimen, say)
      } catch (error) {
        say(error instanceof Error ? error.message : String(error))
      }
    }
  }
  await Promise.all([loop(), loop()])
  let at = 0
  const paths = posters.map(({ path }) => path)
  for await (const image of media.decodeImages(paths, { width: size, height: size })) {
    const { rgb, what, specimen } = posters[at++]!
    if ('refusal' in image) problems.push(`${specimen.name}: ${what} cannot be read`)
    else
      compare(colourIn(image.rgb, size, specimen.rotation), rgb, specimen.tolerance + 4, what, (text) =>
        problems.push(`${specimen.name}: ${text}`),
      )
  }
  return { files: specimens.length, frames, problems: problems.sort() }
}

async function read(media: Media, path: string): Promise<AnalysedShot[]> {
  const probe: Probe | { refusal: { reason: string } } = await media.probe(path)
  if ('refusal' in probe) throw new Error(`refused: ${probe.refusal.reason}`)
  const shots: AnalysedShot[] = []
  for await (const item of media.analyse(path, probe, { size })) {
    if ('refusal' in item) throw new Error(`refused: ${item.refusal.reason} ${item.refusal.detail ?? ''}`)
    shots.push(item)
  }
  return shots
}

function checkShots(specimen: Specimen, shots: readonly AnalysedShot[], say: (text: string) => void): void {
  const { rate, frames, rotation, tolerance, shown, rounds, delay, endSeconds } = specimen
  const fault = tilingFault(shots, { firstSeconds: 0, lastSeconds: endSeconds })
  if (fault !== null) say(`does not tile: ${JSON.stringify(fault)}`)
  if (shots.length !== 3 * rounds) return say(`${shots.length} shots instead of ${3 * rounds}`)
  // Times in Matroska and FLV are whole milliseconds; transport streams may begin with sound.
  const slack = 0.55 / rate + 0.002
  const perRound = frames / rounds
  for (const [i, shot] of shots.entries()) {
    const first = Math.floor(i / 3) * perRound + Math.ceil((i % 3) * sceneSeconds * rate - 1e-6)
    const border = i === 0 ? 0 : (first + delay) / rate
    const held = shown.length < frames ? 4 / rate : 0
    if (shot.startSeconds < border - slack || shot.startSeconds > border + slack + held)
      say(`shot ${i} begins at ${shot.startSeconds}, not at ${border}`)
    for (const { timeSeconds, rgb } of shot.frames) {
      const number = numberIn(rgb, size, rotation)
      const wanted = Math.round(timeSeconds * rate) - delay
      const round = Math.floor(wanted / perRound)
      if (number === null) say(`the frame at ${timeSeconds} cannot be read`)
      else if (Math.abs((number + round * perRound + delay) / rate - timeSeconds) > slack)
        say(`the frame at ${timeSeconds} is number ${number}`)
      compare(colourIn(rgb, size, rotation), sceneColours[i % 3]!, tolerance, `frame at ${timeSeconds}`, say)
    }
  }
}

/** An exact clip of the second scene, and the picture at one of the times that a player is given. */
async function checkClip(media: Media, folder: string, specimen: Specimen, say: (text: string) => void): Promise<void> {
  const { name, rate, frames, rotation, shown, tolerance } = specimen
  const path = join(folder, name)
  const [start, end] = [1, 1.5]
  const target = join(folder, `${name}-clip.mp4`)
  const failure = await media.cutClip(path, target, { start, end, mode: 'exact', durationSeconds: frames / rate })
  if (failure !== null) return say(`no clip: ${failure}`)
  const clip = await read(media, target)
  const first = clip[0]?.frames[0]
  const number = first === undefined ? null : numberIn(first.rgb, size, rotation)
  const wanted = shown.find((n) => n / rate >= start - 0.001)!
  if (number === null || Math.abs(number + specimen.delay - wanted) > 1.2)
    say(`the clip begins with ${number} instead of ${wanted}`)
  if (first) compare(colourIn(first.rgb, size, rotation), sceneColours[1], tolerance + 4, 'the clip', say)
  const length = clip.at(-1)?.endSeconds ?? 0
  if (Math.abs(length - (end - start)) > 5.1 / rate) say(`the clip is ${length} s long`)

  const facts = await media.playbackFacts(path)
  if (facts === null) return say('has no facts for a player')
  const times = await media.frameTimes(path, facts, { start: 0.9, end: 1.4 })
  const off = times.find((time) => Math.abs(time * rate - Math.round(time * rate)) > 0.06 * rate)
  if (times.length === 0 || off !== undefined) say(`times of frames for a player: ${times.slice(0, 3).join(', ')}`)
}

function compare(
  found: readonly number[],
  wanted: readonly number[],
  within: number,
  what: string,
  say: (text: string) => void,
): void {
  if (wanted.some((value, channel) => Math.abs(found[channel]! - value) > within))
    say(`${what} is ${found.join(' ')} instead of ${wanted.join(' ')}`)
}

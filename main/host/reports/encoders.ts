/** What the commands around encoders print for people. Pure. */
import type { EncoderInfo, EncoderSpeed, ProcedureOutput } from '../../contract/index.ts'
import { renderTable, shorten } from '../table.ts'
import { busyNote, count, duration, fileSize } from '../words.ts'

export const encodersReports = {
  encoders: ({ encoders }: ProcedureOutput<'encoders'>): string => encoderTable(encoders),
  removeEncoder: ({ encoders }: ProcedureOutput<'removeEncoder'>): string => `Removed.\n${encoderTable(encoders)}`,
  addEncoder({ encoder, findings, wasThere }: ProcedureOutput<'addEncoder'>): string {
    const table = renderTable(
      [{ title: 'what' }, { title: '' }, { title: 'found' }],
      findings.map(({ topic, state, sentence }) => [topic, state === 'note' ? 'note' : '', sentence]),
    )
    return `${table}\n${wasThere ? 'It was there already' : 'Added'}: ${encoder.name} as ${encoder.id} (${fileSize(encoder.sizeBytes)}).\nNext: mama encoders use ${encoder.id}\n`
  },
  encoderSource({ curated, plan }: ProcedureOutput<'encoderSource'>): string {
    if (plan !== null) {
      const rows = plan.files.map(({ path, sizeBytes }) => [path, fileSize(sizeBytes)])
      const table = renderTable([{ title: 'file' }, { title: 'size', align: 'right' }], rows)
      return `${table}${fileSize(plan.totalBytes)} in all, from ${plan.name} at ${plan.commit.slice(0, 12)}; licence: ${plan.licence ?? 'not stated'}.\n`
    }
    const table = renderTable(
      [
        { title: 'name' },
        { title: 'about', align: 'right' },
        { title: 'languages' },
        { title: 'licence' },
        { title: 'good for' },
      ],
      curated.map(({ name, sizeBytes, languages, licence, goodFor, notForWork }) => [
        notForWork === true ? `NOT FOR WORK: ${name}` : name,
        fileSize(sizeBytes),
        languages,
        licence,
        goodFor,
      ]),
    )
    return `${table}Any other ONNX export of this kind can be named too. Exact sizes: mama encoders download NAME --dry-run\n`
  },
  downloadEncoder(output: ProcedureOutput<'downloadEncoder'>): string {
    return `Downloaded ${fileSize(output.downloadedBytes)}.\n${encodersReports.addEncoder(output)}`
  },
  estimateEncoder(output: ProcedureOutput<'estimateEncoder'>): string {
    const { encoder, videos, frames, videoSeconds, estimatedSeconds, picturesPerSecond, diskBytes, freeBytes } = output
    if (videos === 0) return `${encoder} has seen every video: changing to it takes no time.\n`
    const from = output.estimatedFrom === 'typical' ? 'a typical machine' : 'earlier imports here'
    return (
      `${encoder} has ${count(videos, 'video')} to see (${duration(videoSeconds)} of footage, ${count(frames, 'frame')}): about ${duration(estimatedSeconds)}.\n` +
      `It encodes ${picturesPerSecond.toFixed(1)} pictures a second here; the time for reading videos is that of ${from}.\n` +
      `${fileSize(diskBytes)} more in the library; ${fileSize(freeBytes)} are free.\n`
    )
  },
  measureEncoder({ encoder, speed, previous, tried }: ProcedureOutput<'measureEncoder'>): string {
    const { picturesPerSecond, batchImages, threads, wasBusy } = speed
    const before = previous === null ? '' : ` (before: ${previous.picturesPerSecond.toFixed(1)})`
    return (
      `${encoder} encodes ${picturesPerSecond.toFixed(1)} pictures a second here${before}: ${batchImages} at a time on ${count(threads, 'thread')}, the best of ${count(tried, 'setting')}.\n` +
      (wasBusy ? busyNote(`mama encoders measure ${encoder}`) : '')
    )
  },
  useEncoder({
    active,
    previous,
    switched,
    videos,
    frames,
    failed,
    elapsedSeconds,
  }: ProcedureOutput<'useEncoder'>): string {
    const done =
      videos === 0
        ? ''
        : `Encoded ${count(videos, 'video')} (${count(frames, 'frame')}) in ${duration(elapsedSeconds)}.\n`
    const missed = failed.map(({ message }) => `  ${message}\n`).join('')
    const unread = failed.length === 0 ? '' : `${count(failed.length, 'video')} could not be read:\n${missed}`
    if (!switched) {
      return `${done}${unread}${previous} is still in use. Bring the videos back and run the command again, or add --leave-out.\n`
    }
    if (active === previous) return `${done}${unread}${active} is in use.\n`
    return `${done}${unread}${active} is in use now. Back to the old one at any time: mama encoders use ${previous}\n`
  },
}

/** `12.3/s, 4 at a time`; empty where nothing was measured. */
function speedText(speed: EncoderSpeed | null): string {
  if (speed === null) return ''
  const { picturesPerSecond, batchImages, wasBusy } = speed
  return `${picturesPerSecond.toFixed(1)}/s, ${batchImages} at a time${wasBusy ? ' (measured while busy)' : ''}`
}

function encoderTable(encoders: readonly EncoderInfo[]): string {
  return renderTable(
    [
      { title: '' },
      { title: 'id' },
      { title: 'family' },
      { title: 'precision' },
      { title: 'picture', align: 'right' },
      { title: 'numbers', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'speed here' },
      { title: 'shots seen', align: 'right' },
      { title: 'models', align: 'right' },
      { title: 'licence' },
    ],
    encoders.map((encoder) => [
      encoder.active ? '*' : '',
      encoder.id,
      encoder.family,
      encoder.precision,
      `${encoder.imageSize} px`,
      String(encoder.dim),
      fileSize(encoder.sizeBytes),
      speedText(encoder.speed),
      `${encoder.seenSegments} of ${encoder.segments}`,
      String(encoder.models),
      shorten(encoder.licence, 30),
    ]),
  )
}

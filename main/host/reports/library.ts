/** What the commands around the library print for people. Pure. */
import type { ProcedureOutput } from '../../contract/index.ts'
import { count, duration, fileSize } from '../words.ts'
import { countsLine, problemTable, shownProblems } from './lines.ts'

export const libraryReports = {
  import(output: ProcedureOutput<'import'>): string {
    const { imported, alreadyThere, failed, skipped, segments, elapsedSeconds, videoSeconds, sidecars } = output
    const lines = [
      imported === 0
        ? 'No new video was imported.'
        : `Imported ${count(imported, 'video')} (${duration(videoSeconds)} of footage, ${count(segments, 'shot')}) in ${duration(elapsedSeconds)}.`,
    ]
    if (alreadyThere > 0)
      lines.push(`${count(alreadyThere, 'video')} ${alreadyThere === 1 ? 'was' : 'were'} in the library already.`)
    if (sidecars > 0) lines.push(`${count(sidecars, 'description')} came from text files beside the videos.`)
    if (skipped > 0)
      lines.push(
        `${count(skipped, 'file')} that ${skipped === 1 ? 'is' : 'are'} not media ${skipped === 1 ? 'was' : 'were'} left out.`,
      )
    if (failed.length > 0) {
      lines.push('', `${count(failed.length, 'file')} could not be used:`)
      for (const { message } of failed.slice(0, shownProblems)) lines.push(`  ${message}`)
      if (failed.length > shownProblems) lines.push(`  … and ${failed.length - shownProblems} more (--json lists all)`)
    }
    lines.push('', countsLine(output.counts))
    return lines.join('\n') + '\n'
  },
  describe({ rows, described, videos, withoutDescription, problems }: ProcedureOutput<'describe'>): string {
    const lines = [
      `Read ${count(rows, 'row')}: ${described} ${described === 1 ? 'belongs' : 'belong'} to ${count(videos, 'video')} of the library.`,
    ]
    if (withoutDescription > 0)
      lines.push(
        `${count(withoutDescription, 'video')} ${withoutDescription === 1 ? 'has' : 'have'} no description yet.`,
      )
    return lines.join('\n') + '\n' + problemTable(problems)
  },
  counts: (counts: ProcedureOutput<'counts'>): string => `${countsLine(counts)}\n`,
  backup: ({ file, sizeBytes }: ProcedureOutput<'backup'>): string =>
    `Wrote the library to ${file} (${fileSize(sizeBytes)}). The videos themselves are not in it.\n`,
  restore: ({ file, keptAs, counts }: ProcedureOutput<'restore'>): string =>
    `Restored the library from ${file}.${keptAs === null ? '' : ` What was there before is kept as ${keptAs}.`}\n${countsLine(counts)}\n`,
}

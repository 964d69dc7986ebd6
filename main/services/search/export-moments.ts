/** Takes moments elsewhere: as a CSV table, an edit list, FCPXML or OpenTimelineIO, handed to the window or written to a file. */
import { csvTable } from '../../base/index.ts'
import type { ProcedureInput, ProcedureOutput } from '../../contract/index.ts'
import { fcpxml, otio } from '../../search/index.ts'
import type { Library, Video } from '../../storage/index.ts'
import { existingVideo } from '../library/index.ts'
import { saveText } from '../shared/save-text.ts'
import { editList, timelineOf } from './edit-list.ts'

type Moment = ProcedureInput<'exportMoments'>['moments'][number]
type Located = Moment & { readonly file: Video }

export async function exportMoments(
  library: Library,
  { format, title, moments, path }: ProcedureInput<'exportMoments'>,
): Promise<ProcedureOutput<'exportMoments'>> {
  const located = moments.map((moment): Located => ({ ...moment, file: existingVideo(library, moment.video) }))
  const text = textOf(format, title, located)
  const plain = title
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
  return saveText(`${plain || 'moments'}.${format}`, text, path)
}

function textOf(format: ProcedureInput<'exportMoments'>['format'], title: string, moments: readonly Located[]): string {
  if (format === 'csv') return momentTable(moments)
  if (format === 'edl') return editList(title, moments)
  return format === 'fcpxml' ? fcpxml(timelineOf(title, moments)) : otio(timelineOf(title, moments))
}

/** The columns `file,start,end` are those of the exemplar and query files. */
function momentTable(moments: readonly Located[]): string {
  return csvTable(
    ['file', 'start', 'end', 'description', 'score', 'title', 'sku', 'category'],
    moments.map(({ file, start, end, text, score }) => [
      ...[file.path, seconds(start), seconds(end), text, score === undefined ? null : Number(score.toFixed(4))],
      ...[file.title, file.sku, file.category],
    ]),
  )
}

function seconds(value: number): number {
  return Number(value.toFixed(3))
}

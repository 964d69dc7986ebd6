/** What each command prints for people: plain sentences and aligned tables. Pure; `--json` bypasses this file. */
import {
  metricNames,
  type CommandName,
  type ProcedureOutput,
  type RetrievalMetrics,
  type RowProblem,
} from '../../contract/index.ts'
import { encoderReports } from './encoders.ts'
import { renderTable, shorten } from '../table.ts'
import { busyNote, clockTime, count, duration, fileSize } from '../words.ts'

type Reports = { readonly [N in CommandName]: (output: ProcedureOutput<N>) => string }

const shownProblems = 20

export const reports: Reports = {
  import(output) {
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
  describe({ rows, described, videos, withoutDescription, problems }) {
    const lines = [
      `Read ${count(rows, 'row')}: ${described} ${described === 1 ? 'belongs' : 'belong'} to ${count(videos, 'video')} of the library.`,
    ]
    if (withoutDescription > 0)
      lines.push(
        `${count(withoutDescription, 'video')} ${withoutDescription === 1 ? 'has' : 'have'} no description yet.`,
      )
    return lines.join('\n') + '\n' + problemTable(problems)
  },
  label({ rows, exemplars, concepts, shortened, problems }) {
    const lines = [
      `Read ${count(rows, 'row')}: ${count(exemplars, 'exemplar')} taken${concepts === 0 ? '' : ` (${count(concepts, 'concept')} in the library)`}.`,
    ]
    if (shortened > 0)
      lines.push(
        `${count(shortened, 'range')} ended after the video and ${shortened === 1 ? 'was' : 'were'} shortened.`,
      )
    return lines.join('\n') + '\n' + problemTable(problems)
  },
  train(output) {
    const { model, objective, pairs, metaPairs, heldOutPairs, epochs, elapsedSeconds, device } = output
    return [
      `Trained ${model} (${objective}, margin ${output.marginRadians} rad, keeping ${Math.round(100 * output.learnedShare)} % of what it learned) for ${count(epochs, 'epoch')} on ${count(pairs, 'pair')} and ${count(metaPairs, 'exemplar')} in ${duration(elapsedSeconds)} on ${device}.`,
      `On the ${count(heldOutPairs, 'held-out exemplar')}: ${output.heldOutBefore.toFixed(3)} before, ${output.heldOutAfter.toFixed(3)} now (1 is best).`,
      output.promoted
        ? `It is the active model now: ${output.reason}`
        : `It was kept but not promoted: ${output.reason}`,
      `Next: mama search "…", or mama audit to see which descriptions look wrong.`,
      '',
    ].join('\n')
  },
  search({ query, moments, weakFrom, unmatched, unknownWords, segmentsSearched, model }) {
    const strong = moments.slice(0, weakFrom)
    const weak = moments.slice(weakFrom)
    const searched = `${count(segmentsSearched, 'shot')} searched with ${model}.`
    const lines: string[] = []
    if (moments.length === 0) lines.push(`Nothing in the library matches "${query}".`)
    else if (strong.length === 0) lines.push(`Nothing in the library clearly matches "${query}".`)
    if (unknownWords.length > 0) {
      const [words, is] = [unknownWords.map((word) => `"${word}"`).join(', '), unknownWords.length === 1 ? 'is' : 'are']
      lines.push(`${words} ${is} unknown to the model and in no text of the library. Try another word.`)
    }
    if (lines.length > 0 && moments.length > 0) lines.push('')
    if (strong.length > 0) lines.push(momentTable(strong, 0))
    if (weak.length > 0) lines.push('Weak matches, often wrong:', momentTable(weak, weakFrom))
    if (unmatched > 0)
      lines.push(`${count(unmatched, 'moment')} that chance explains ${unmatched === 1 ? 'is' : 'are'} left out.`)
    return [...lines, searched, ''].join('\n')
  },
  evaluate({ model, segments, overall, byFrequency, problems }) {
    const rows: string[][] = [metricRow('all', overall)]
    for (const name of ['popular', 'mid', 'rare'] as const) {
      const metrics = byFrequency[name]
      if (metrics !== null) rows.push(metricRow(name, metrics))
    }
    const table = renderTable(
      [
        { title: 'concepts' },
        { title: 'queries', align: 'right' },
        ...metricNames.map((title) => ({ title: metricTitles[title], align: 'right' as const })),
      ],
      rows,
    )
    const p10 = overall['P@10']
    const interval =
      p10.low === null || p10.high === null
        ? ''
        : `95 % interval of P@10: ${p10.low.toFixed(3)} to ${p10.high.toFixed(3)}.\n`
    const notes = problems
      .slice(0, shownProblems)
      .map((problem) => `  ${problem}\n`)
      .join('')
    return `${model} on ${count(segments, 'shot')}\n\n${table}${interval}${notes === '' ? '' : `\n${notes}`}`
  },
  audit({ run, objective, epoch, rule, pairs }) {
    const suspects = pairs.filter((pair) => pair.verdict === 'suspect').length
    const table = renderTable(
      [
        { title: 'loss', align: 'right' },
        { title: 'pct', align: 'right' },
        { title: 'weight', align: 'right' },
        { title: 'pct', align: 'right' },
        { title: 'verdict' },
        { title: 'start', align: 'right' },
        { title: 'file' },
        { title: 'text' },
      ],
      pairs
        .slice(0, 40)
        .map((pair) => [
          pair.loss.toFixed(3),
          pair.lossPercentile.toFixed(0),
          pair.weight.toFixed(3),
          pair.weightPercentile.toFixed(0),
          pair.verdict,
          clockTime(pair.start),
          shorten(pair.file, 32, 'end'),
          shorten(pair.text, 50),
        ]),
    )
    const more = pairs.length > 40 ? `… and ${pairs.length - 40} more pairs (--csv or --json lists all).\n` : ''
    return `Run ${run} (${objective}), epoch ${epoch}: ${suspects} of ${count(pairs.length, 'pair')} look wrong.\n${rule}\n\n${table}${more}`
  },
  models({ models }) {
    return (
      renderTable(
        [
          { title: ' ' },
          { title: 'model' },
          { title: 'objective' },
          { title: 'blocks' },
          { title: 'held-out', align: 'right' },
          { title: 'seed', align: 'right' },
          { title: 'from' },
          { title: 'made' },
        ],
        models.map((model) => [
          model.active ? '*' : '',
          model.id,
          model.objective,
          blocksText(model.blocks),
          model.heldOutScore === null ? '' : model.heldOutScore.toFixed(3),
          model.seed === null ? '' : String(model.seed),
          model.parent ?? '',
          model.createdAt?.slice(0, 16).replace('T', ' ') ?? '',
        ]),
      ) + '* is active\n'
    )
  },
  exportModel: ({ model, folder, files, sizeBytes }) =>
    `Wrote ${model} to ${folder} (${fileSize(sizeBytes)}): ${files.join(', ')}.\n` +
    `The towers take what the encoder gives. Next: mama encoders add ${folder}\n`,
  promote: ({ active, previous }) => `${active} is the active model now (before: ${previous}).\n`,
  rollback: ({ active, previous }) => `Went back to ${active} (before: ${previous}).\n`,
  devices({ reason, devices, wasBusy }) {
    const table = renderTable(
      [{ title: 'device' }, { title: 'a measured step', align: 'right' }, { title: 'engine' }],
      devices.map(({ device, stepMs, engine, reason: why }) => [
        device,
        stepMs === null ? '' : `${stepMs.toFixed(1)} ms`,
        engine ?? why ?? 'failed when it was measured',
      ]),
    )
    return `${table}\n${reason}\n${wasBusy ? busyNote('mama devices --measure') : ''}`
  },
  doctor({ ok, checks, counts, failures }) {
    const table = renderTable(
      [{ title: 'check' }, { title: 'state' }, { title: 'detail' }],
      checks.map(({ name, state, detail }) => [name, state, detail]),
    )
    const failed = failures
      .slice(0, shownProblems)
      .map(({ message }) => `  ${message}\n`)
      .join('')
    return (
      table +
      (counts === null ? '' : `\n${countsLine(counts)}\n`) +
      (failed === '' ? '' : `\nFailed videos:\n${failed}`) +
      (ok ? '\nAll is well.\n' : '\nSomething needs attention: see the lines that say failed.\n')
    )
  },
  ...encoderReports,
  counts: (counts) => `${countsLine(counts)}\n`,
  backup: ({ file, sizeBytes }) =>
    `Wrote the library to ${file} (${fileSize(sizeBytes)}). The videos themselves are not in it.\n`,
  restore: ({ file, keptAs, counts }) =>
    `Restored the library from ${file}.${keptAs === null ? '' : ` What was there before is kept as ${keptAs}.`}\n${countsLine(counts)}\n`,
}

/** `last 2`, `last 1, last 2 of texts, rank 8, 40 shots unread`; empty without blocks. */
function blocksText(blocks: ProcedureOutput<'models'>['models'][number]['blocks']): string {
  if (blocks === undefined) return ''
  const parts = [
    ...(blocks.count > 0 ? [`last ${blocks.count}`] : []),
    ...(blocks.texts > 0 ? [`last ${blocks.texts} of texts`] : []),
  ]
  if (blocks.rank !== null) parts.push(`rank ${blocks.rank}`)
  if (blocks.unreadShots > 0) parts.push(`${count(blocks.unreadShots, 'shot')} unread`)
  return parts.join(', ')
}

const metricTitles: Record<(typeof metricNames)[number], string> = {
  'R@1': 'R@1',
  'R@5': 'R@5',
  'R@10': 'R@10',
  medianRank: 'MdR',
  meanRank: 'MnR',
  MAP: 'MAP',
  'P@10': 'P@10',
}

function metricRow(name: string, metrics: RetrievalMetrics): string[] {
  const ranks = new Set<string>(['medianRank', 'meanRank'])
  return [
    name,
    String(metrics.queries),
    ...metricNames.map((metric) => metrics[metric].value.toFixed(ranks.has(metric) ? 1 : 3)),
  ]
}

function countsLine(counts: ProcedureOutput<'counts'>): string {
  return (
    `Library: ${count(counts.eligible, 'video')} = ${counts.indexed} indexed + ${counts.failed} failed + ${counts.pending} pending; ` +
    `${count(counts.segments, 'shot')}, ${count(counts.descriptions, 'description')}, ${count(counts.exemplars, 'exemplar')}, ${count(counts.models, 'model')}.`
  )
}

function problemTable(problems: readonly RowProblem[]): string {
  if (problems.length === 0) return ''
  const table = renderTable(
    [{ title: 'row', align: 'right' }, { title: 'problem' }],
    problems.slice(0, shownProblems).map((problem) => [String(problem.row), problem.message]),
  )
  const more =
    problems.length > shownProblems ? `… and ${problems.length - shownProblems} more (--json lists all)\n` : ''
  return `\n${count(problems.length, 'row')} could not be used:\n${table}${more}`
}

/** @param before how many moments were listed above */
function momentTable(moments: ProcedureOutput<'search'>['moments'], before: number): string {
  return renderTable(
    [
      { title: '#', align: 'right' },
      { title: 'match', align: 'right' },
      { title: 'start', align: 'right' },
      { title: 'end', align: 'right' },
      { title: 'found by' },
      { title: 'file' },
    ],
    moments.map((moment, i) => [
      String(before + i + 1),
      `${Math.round(100 * moment.strength)} %`,
      clockTime(moment.start),
      clockTime(moment.end),
      moment.foundBy.join(' + '),
      shorten(moment.file, 90, 'end'),
    ]),
  )
}

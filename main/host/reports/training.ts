/** What the commands around training print for people. Pure. */
import type { Leaning, ProcedureOutput } from '../../contract/index.ts'
import { renderTable } from '../table.ts'
import { busyNote, count, duration } from '../words.ts'

function fewPairsNote({ pairs, batchSize }: Leaning): string {
  return `This run leaned on few pairs: as much as ${Math.round(pairs)} of ${batchSize} in a batch. More labels make this reliable.`
}

export const trainingReports = {
  train(output: ProcedureOutput<'train'>): string {
    const { model, objective, pairs, metaPairs, heldOutPairs, epochs, elapsedSeconds, device } = output
    return [
      `Trained ${model} (${objective}, margin ${output.marginRadians} rad) for ${count(epochs, 'epoch')} on ${count(pairs, 'pair')} and ${count(metaPairs, 'exemplar')} in ${duration(elapsedSeconds)} on ${device}.`,
      output.promoted
        ? `It is the active model now: ${output.reason}`
        : `It was kept but not promoted: ${output.reason}`,
      `Score on the ${count(heldOutPairs, 'held-out exemplar')}: ${output.heldOutBefore.toFixed(3)} before, ${output.heldOutAfter.toFixed(3)} now (1 is best).`,
      ...(output.leaning?.isFew ? [fewPairsNote(output.leaning)] : []),
      `Next: mama search "…", or mama audit to see which descriptions look wrong.`,
      '',
    ].join('\n')
  },
  devices({ reason, devices, wasBusy }: ProcedureOutput<'devices'>): string {
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
}

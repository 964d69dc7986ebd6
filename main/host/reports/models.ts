/** What the commands around model versions print for people. Pure. */
import type { ProcedureOutput } from '../../contract/index.ts'
import { renderTable } from '../table.ts'
import { count, fileSize } from '../words.ts'

export const modelsReports = {
  models({ models }: ProcedureOutput<'models'>): string {
    return (
      renderTable(
        [
          { title: ' ' },
          { title: 'model' },
          { title: 'objective' },
          { title: 'blocks' },
          { title: 'own words' },
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
          model.lexicon === undefined ? '' : `${model.lexicon.words}, ${model.lexicon.rare} in two texts only`,
          model.heldOutScore === null ? '' : model.heldOutScore.toFixed(3),
          model.seed === null ? '' : String(model.seed),
          model.parent ?? '',
          model.createdAt?.slice(0, 16).replace('T', ' ') ?? '',
        ]),
      ) + '* is active\n'
    )
  },
  exportModel: ({ model, folder, files, sizeBytes }: ProcedureOutput<'exportModel'>): string =>
    `Wrote ${model} to ${folder} (${fileSize(sizeBytes)}): ${files.join(', ')}.\n` +
    `The towers take what the encoder gives. Next: mama encoders add ${folder}\n`,
  promote: ({ active, previous }: ProcedureOutput<'promote'>): string =>
    `${active} is the active model now (before: ${previous}).\n`,
  rollback: ({ active, previous }: ProcedureOutput<'rollback'>): string =>
    `Went back to ${active} (before: ${previous}).\n`,
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

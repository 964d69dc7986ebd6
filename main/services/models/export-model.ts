/** A version as ONNX files: the encoder with the blocks that it trained, and its towers beside it. */
import { resolve } from 'node:path'
import { AppError, type ProcedureInput, type ProcedureOutput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import type { BundleStore } from '../shared/ports.ts'
import type { Towers } from './ports.ts'
import { blocksOf, modelConfigSchema, nameOf, resolveModel } from './model-versions.ts'
import { trainedGraphs, type VersionEncoders } from './version-encoders.ts'

export type ExportParts = {
  readonly library: Library
  readonly encoderId: string
  readonly bundles: Pick<BundleStore, 'cut' | 'cutTexts' | 'write'>
  readonly trainer: Pick<Towers, 'trainedGraph' | 'towerGraphs'>
  readonly versions: Pick<VersionEncoders, 'bundleOf'>
}

/** @throws AppError `model.missing`, `input.invalid`, `disk.full`; `usage` for a version without blocks of its own */
export async function exportModel(
  { library, encoderId, bundles, trainer, versions }: ExportParts,
  input: ProcedureInput<'exportModel'>,
): Promise<ProcedureOutput<'exportModel'>> {
  const model = resolveModel(library, encoderId, input.model)
  const settings = blocksOf(model)
  const weights = library.models.weights(model.id)
  if (settings === null || weights === null) {
    const message = `${nameOf(model)} trained no blocks of its encoder, which is as it was. Versions made with mama train --blocks or --text-blocks can be exported.`
    throw new AppError('usage', message, { model: nameOf(model) })
  }
  const bundle = await versions.bundleOf(encoderId)
  const folder = resolve(input.folder)
  const { tower } = modelConfigSchema.parse(model.config)
  const written = await bundles.write(bundle, {
    ...{ folder, name: nameOf(model) },
    graphs: await trainedGraphs({ bundles, trainer }, bundle, weights, settings),
    further: trainer.towerGraphs(weights, tower),
  })
  return { model: nameOf(model), folder, files: [...written.files], sizeBytes: written.sizeBytes }
}

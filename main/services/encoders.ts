/** Encoders of a library as people see them: listed with what they have seen, added, removed. */
import {
  AppError,
  type CallContext,
  type EncoderInfo,
  type ProcedureInput,
  type ProcedureOutput,
} from '../contract/index.ts'
import type { Library } from '../storage/index.ts'
import type { EncoderSet } from './encoder-set.ts'
import type { BundleInfo, BundleStore } from './ports.ts'

export type EncoderParts = {
  readonly library: Library
  readonly bundles: BundleStore
  readonly encoders: EncoderSet
}

export async function listEncoders(parts: EncoderParts): Promise<ProcedureOutput<'encoders'>> {
  const active = await parts.encoders.activeBundle()
  return { encoders: (await parts.bundles.list()).map((bundle) => describeBundle(parts.library, bundle, active)) }
}

function describeBundle(library: Library, bundle: BundleInfo, active: string): EncoderInfo {
  const { id, encoderId, name, family, licence, precision, dim, imageSize, contextLength, sizeBytes, isOwn } = bundle
  const seen = library.features.kept().find((kept) => kept.encoderId === encoderId)?.segments ?? 0
  return {
    ...{ id, name, family, licence, precision, dim, imageSize, contextLength, sizeBytes, isOwn },
    ...{ active: id === active, seenSegments: seen, segments: library.segments.count() },
    models: library.models.all().filter((model) => model.hasWeights && model.encoderId === encoderId).length,
  }
}

/** @throws AppError `encoder.invalid`, `input.missing`, `disk.full`, `usage` */
export async function addEncoder(
  parts: EncoderParts,
  { source, name, precision }: ProcedureInput<'addEncoder'>,
  { signal, onEvent }: CallContext,
): Promise<ProcedureOutput<'addEncoder'>> {
  let done = 0
  const onStage = (stage: string): void =>
    onEvent({
      ...{ kind: 'progress', stage, done: done++, total: null, unit: 'steps' },
      ...{ ratePerSecond: null, remainingSeconds: null },
    })
  const { bundle, findings, wasThere } = await parts.bundles.add({ source, name, precision }, { signal, onStage })
  const active = await parts.encoders.activeBundle()
  return { encoder: describeBundle(parts.library, bundle, active), findings: [...findings], wasThere }
}

/** @throws AppError `encoder.missing`; `usage` for the one in use and the engine's own */
export async function removeEncoder(
  parts: EncoderParts,
  { encoder: id }: ProcedureInput<'removeEncoder'>,
): Promise<ProcedureOutput<'removeEncoder'>> {
  const { library, bundles, encoders } = parts
  const bundle = (await bundles.list()).find((other) => other.id === id)
  if (bundle === undefined) {
    throw new AppError('encoder.missing', `There is no encoder "${id}". Run mama encoders list to see them.`, {
      bundle: id,
    })
  }
  if (id === (await encoders.activeBundle())) {
    throw new AppError('usage', `${bundle.name} is in use. Change to another encoder first, then remove it.`, {
      bundle: id,
    })
  }
  await encoders.release(id)
  await bundles.remove(id)
  library.features.removeEncoder(bundle.encoderId)
  return listEncoders(parts)
}

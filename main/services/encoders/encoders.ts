/** Encoders of a library as people see them: listed with what they have seen, added, removed. */
import { rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  AppError,
  type CallContext,
  type EncoderInfo,
  type ProcedureInput,
  type ProcedureOutput,
} from '../../contract/index.ts'
import { curatedEncoders } from '../../encoders/index.ts'
import type { Library } from '../../storage/index.ts'
import { forgetOwnFeatures } from '../models/index.ts'
import { readSettings } from '../shared/app-settings.ts'
import { uploadsDirOf } from '../shared/library-folders.ts'
import type { BundleInfo, BundleStore } from '../shared/ports.ts'
import type { EncoderSet } from './encoder-set.ts'
import { knownSpeed, type Machine } from './encoder-speed.ts'

export type EncoderParts = {
  readonly library: Library
  readonly bundles: BundleStore
  readonly encoders: EncoderSet
  readonly machine: Machine
}

export async function listEncoders(parts: EncoderParts): Promise<ProcedureOutput<'encoders'>> {
  const active = await parts.encoders.activeBundle()
  return { encoders: (await parts.bundles.list()).map((bundle) => describeBundle(parts, bundle, active)) }
}

function describeBundle(
  { library, machine }: Pick<EncoderParts, 'library' | 'machine'>,
  bundle: BundleInfo,
  active: string,
): EncoderInfo {
  const { id, encoderId, name, family, licence, precision, dim, imageSize, contextLength, sizeBytes, isOwn } = bundle
  const kept = library.features.kept().find((other) => other.encoderId === encoderId)
  const ofVersions = library.features.kept().filter((other) => other.encoderId.startsWith(`${encoderId}+`))
  return {
    ...{ id, name, family, licence, precision, dim, imageSize, contextLength, sizeBytes, isOwn },
    ...{ featureBytes: [kept, ...ofVersions].reduce((sum, part) => sum + (part?.bytes ?? 0), 0) },
    ...{ speed: knownSpeed(library, encoderId, machine) },
    ...{ active: id === active, seenSegments: kept?.segments ?? 0, segments: library.segments.count() },
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
  const { bundle, findings, wasThere } = await parts.bundles
    .add({ source, name, precision }, { signal, onStage })
    .finally(() => forgetUpload(parts.library, source))
  const active = await parts.encoders.activeBundle()
  return { encoder: describeBundle(parts, bundle, active), findings: [...findings], wasThere }
}

/** An archive that a browser handed over is a copy that was made for this. */
async function forgetUpload({ dir }: Library, source: string): Promise<void> {
  const folder = dirname(resolve(source))
  if (dirname(folder) === uploadsDirOf(dir)) await rm(folder, { recursive: true, force: true })
}

/** @throws AppError `network.off`, `network.failed`, `encoder.invalid`, `usage` */
export async function encoderSource(
  { library, bundles }: Pick<EncoderParts, 'bundles'> & { readonly library: Library | null },
  { name, revision, precision, allowNetwork }: ProcedureInput<'encoderSource'>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<ProcedureOutput<'encoderSource'>> {
  if (name === undefined) return { curated: [...curatedEncoders], plan: null }
  refuseUnlessAllowed(library, allowNetwork)
  const { commit, licence, files, totalBytes } = await bundles.plan({ name, revision, precision }, signal)
  const listed = files.map(({ path, sizeBytes }) => ({ path, sizeBytes }))
  return { curated: [...curatedEncoders], plan: { name, commit, licence, files: listed, totalBytes } }
}

/** @throws as `encoderSource` and `addEncoder` do; the abort reason, with what arrived kept */
export async function downloadEncoder(
  parts: EncoderParts,
  { name, revision, precision, allowNetwork }: ProcedureInput<'downloadEncoder'>,
  { signal, onEvent }: CallContext,
): Promise<ProcedureOutput<'downloadEncoder'>> {
  refuseUnlessAllowed(parts.library, allowNetwork)
  const tell = (stage: string, done: number, total: number | null): void =>
    onEvent({ kind: 'progress', stage, done, total, unit: 'MB', ratePerSecond: null, remainingSeconds: null })
  const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10
  let told = -1
  const { bundle, findings, wasThere, downloadedBytes } = await parts.bundles.download(
    { name, revision, precision },
    {
      signal,
      onStage: (stage) => tell(stage, 0, null),
      onBytes(done, total) {
        if (megabytes(done) === told) return
        told = megabytes(done)
        tell('downloading', told, megabytes(total))
      },
    },
  )
  const encoder = describeBundle(parts, bundle, await parts.encoders.activeBundle())
  return { encoder, findings: [...findings], wasThere, downloadedBytes }
}

/** Nothing goes out before the customer has said so. */
function refuseUnlessAllowed(library: Library | null, allowNetwork: boolean): void {
  if (allowNetwork || (library !== null && readSettings(library).networking)) return
  throw new AppError(
    'network.off',
    'Nothing goes out to the network before you allow it: turn on networking in the settings, or add --allow-network to this command. An export that you bring as a folder or archive needs none.',
  )
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
  for (const model of library.models.all().filter((other) => other.encoderId === bundle.encoderId)) {
    forgetOwnFeatures(library, model)
  }
  return listEncoders(parts)
}

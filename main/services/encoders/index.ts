/** Encoders: which model bundles a library has, how others are added and measured, and which one is used. */
import type { CallContext, FeatureHandlers, ProcedureInput } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import type { Jobs, News, Work, WorkTally } from '../jobs/index.ts'
import type { VideoReader } from '../library/index.ts'
import type { VersionEncoders } from '../models/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import type { BundleStore } from '../shared/ports.ts'
import type { ProcessorTimes } from '../shared/processor-times.ts'
import type { EncoderSet } from './encoder-set.ts'
import { knownSpeed, type Machine } from './encoder-speed.ts'
import { addEncoder, downloadEncoder, encoderSource, listEncoders, removeEncoder } from './encoders.ts'
import { measureEncoder } from './measure-encoder.ts'
import { estimateSwitch, useEncoder } from './switch-encoder.ts'

export { createEncoderSet, type EncoderSet } from './encoder-set.ts'
export { machineOf } from './encoder-speed.ts'

export type EncodersParts = {
  readonly access: LibraryAccess
  readonly jobs: Jobs
  readonly news: News
  readonly tally: WorkTally
  readonly bundles: BundleStore
  /** The ones that are open. */
  readonly encoders: EncoderSet
  readonly versions: VersionEncoders
  readonly reader: VideoReader
  /** What speeds are remembered for. */
  readonly machine: () => Machine
  readonly processorTimes: () => ProcessorTimes
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createEncoders(parts: EncodersParts): {
  readonly handlers: FeatureHandlers<'encoders'>
  readonly work: (library: Library) => Pick<Work, 'encoder'>
} {
  const { access, jobs, news, tally, bundles, encoders, versions, reader, machine, processorTimes, now } = parts
  const switching = (library: Library) => ({
    ...{ library, encoders, versions, reader, machine: machine(), now, processorTimes },
  })
  const runSwitch = (library: Library, input: ProcedureInput<'useEncoder'>, context: CallContext) =>
    tally.during('encoder', () => useEncoder(switching(library), input, context))
  const bundled = (library: Library) => ({ library, bundles, encoders, machine: machine() })

  return {
    handlers: {
      encoders: () => listEncoders(bundled(access.open('read'))),
      addEncoder: async (input, context) => {
        const result = await addEncoder(bundled(access.open('create')), input, context)
        news.changed('encoders')
        return result
      },
      encoderSource: (input, context) => encoderSource({ library: access.ifThere(), bundles }, input, context),
      downloadEncoder: async (input, context) => {
        const result = await downloadEncoder(bundled(access.open('create')), input, context)
        news.changed('encoders')
        return result
      },
      removeEncoder: async (input) => {
        const result = await removeEncoder(bundled(access.open('write')), input)
        news.changed('encoders')
        return result
      },
      estimateEncoder: async (input, { signal }) => {
        const estimate = await estimateSwitch(switching(access.open('read')), input, signal)
        news.changed('encoders') // its speed is known now
        return estimate
      },
      measureEncoder: async (input, context) => {
        const library = access.open('write')
        const measuring = { library, bundles, encoders, work: tally, machine: machine(), now, processorTimes }
        const measured = await measureEncoder(measuring, input, context)
        news.changed('encoders')
        return measured
      },
      useEncoder: async (input, context) => {
        const result = await runSwitch(access.open('write'), input, context)
        news.changed('encoders', 'models', 'searches')
        return result
      },
      startUseEncoder: async (input) => ({ job: jobs.queue().start('encoder', input) }),
    },
    work: (library) => ({ encoder: (input, context) => runSwitch(library, input, context) }),
  }
}

/** The encoder in use, as estimates want to know it. */
export type EncoderFacts = {
  readonly id: string
  readonly bundle: string
  readonly dim: number
  /** Null: not measured on this computer. */
  readonly picturesPerSecond: number | null
}

export async function encoderFacts(encoders: EncoderSet, library: Library, machine: Machine): Promise<EncoderFacts> {
  const [{ id, dim }, bundle] = [await encoders.active(), await encoders.activeBundle()]
  return { id, dim, bundle, picturesPerSecond: knownSpeed(library, id, machine)?.picturesPerSecond ?? null }
}

/** The procedure `train`: a run in the library that is open, with the encoder in use, on the device that is asked for. */
import type { Handlers } from '../../contract/index.ts'
import type { ModelVersion } from '../../storage/index.ts'
import type { WorkTally } from '../jobs/index.ts'
import type { VideoReader } from '../library/index.ts'
import type { Models } from '../models/index.ts'
import type { LibraryAccess } from '../shared/library-access.ts'
import type { BundleStore, FeatureEncoder } from '../shared/ports.ts'
import { chooseDevice, type DeviceParts } from './devices.ts'
import type { Trainer } from './ports.ts'
import { trainModel } from './train.ts'
import { trainOnDevice } from './train-on-device.ts'

export type TrainCollaborators = {
  readonly access: LibraryAccess
  readonly tally: WorkTally
  readonly models: Pick<Models, 'versions' | 'openTower'>
  readonly reader: VideoReader
  readonly bundles: Pick<BundleStore, 'cut' | 'cutTexts'>
  readonly trainer: Trainer
  readonly devices: DeviceParts
  /** The encoder in use. */
  readonly encoder: () => Promise<FeatureEncoder>
  /** The id of its bundle. */
  readonly activeBundle: () => Promise<string>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function createTrain(parts: TrainCollaborators): Handlers['train'] {
  const { access, models, trainer, bundles, reader, devices, encoder, now } = parts
  return async (input, context) => {
    const library = access.open('write')
    const trunk = await encoder()
    const openTower = (model: ModelVersion) => models.openTower(library, model)
    const onDevice = trainOnDevice(trainer, (signal) => chooseDevice(devices, library.settings, { signal }))
    const bundle = await parts.activeBundle()
    return parts.tally.during('training', () =>
      trainModel(
        {
          ...{ library, encoder: trunk, trainer: onDevice, openTower, reader, now },
          ...{ cut: (blocks) => bundles.cut(bundle, blocks), machine: devices.machine },
          cutTexts: (blocks, texts) => bundles.cutTexts(bundle, blocks, texts),
          encoderOf: (model) => models.versions.of(library, model, trunk),
        },
        input,
        context,
      ),
    )
  }
}

/** What a run learns from: features of its pairs, or what lies below the blocks that it trains, read for it where need be. */
import type { CallContext } from '../../contract/index.ts'
import type { Library } from '../../storage/index.ts'
import type { BlockSettings } from '../../training/index.ts'
import type { VideoReader } from '../library/index.ts'
import { framesPerShot } from '../models/index.ts'
import type { CutEncoder, CutTexts, FeatureEncoder } from '../shared/ports.ts'
import { heldBytes, loadBlockData, textsOf, upperOf, type Cuts, type TrainingFeatures } from './blocks/block-data.ts'
import { bytesOfText } from './blocks/text-activations.ts'
import { loadPairs, type Pair, type TrainingPairs } from './pairs.ts'
import type { Trainer, TrainingRequest } from './ports.ts'
import type { RunWishes } from './runs/run-record.ts'

export type FeatureParts = {
  readonly library: Library
  readonly encoder: FeatureEncoder
  readonly trainer: Trainer
  readonly reader: VideoReader
  /** The encoder in use below its last blocks. @throws AppError `encoder.invalid`; `usage` when it has fewer */
  readonly cut: (blocks: number) => Promise<CutEncoder>
  /** The same of texts. @param texts all that will be encoded */
  readonly cutTexts: (blocks: number, texts: readonly string[]) => Promise<CutTexts>
  readonly now: () => number
}

/** `stepFlops`: of a step, where blocks are trained. */
export type RunFeatures = TrainingFeatures &
  Pick<TrainingRequest, 'upper' | 'plain'> & { readonly stepFlops?: number | undefined }

/** Features; where blocks are trained, what lies below them, with what lies above as `upper`. */
export async function loadFeatures(
  parts: FeatureParts,
  { blocks }: RunWishes,
  plan: unknown,
  data: TrainingPairs,
  context: Pick<CallContext, 'signal' | 'onEvent'>,
): Promise<RunFeatures> {
  const { library, encoder, trainer } = parts
  const loadPlain = async (): Promise<TrainingFeatures> => {
    const load = (pairs: readonly Pair[]) => loadPairs(library, encoder, pairs, framesPerShot)
    return { pairs: await load(data.pairs), metaSet: await load(data.metaSet), heldOut: await load(data.heldOut) }
  }
  if (blocks === undefined) return loadPlain()
  const cuts = await openCuts(parts, blocks, data)
  try {
    const upper = upperOf(cuts)
    const counts = { pairs: data.pairs.length, metaSet: data.metaSet.length }
    const { stepFlops } = trainer.checkMemory({ plan, upper, ...counts, heldBytes: heldBytes(bytesOfCut(cuts), data) })
    const plain = await loadPlain()
    const below = await loadBlockData({ ...parts, plain, cuts, frameCount: framesPerShot }, data, context)
    return { ...below, upper, stepFlops, plain }
  } finally {
    await Promise.all([cuts.vision?.dispose(), cuts.text?.dispose()])
  }
}

function bytesOfCut({ text }: Cuts): ReturnType<typeof bytesOfText> | null {
  return text === undefined ? null : bytesOfText(text)
}

/** Both before anything is read, so that what the encoder lacks is said at once. */
async function openCuts(
  parts: Pick<FeatureParts, 'cut' | 'cutTexts'>,
  { blocks, texts = 0 }: BlockSettings,
  data: TrainingPairs,
): Promise<Cuts> {
  const vision = blocks > 0 ? await parts.cut(blocks) : undefined
  return { vision, text: texts > 0 ? await parts.cutTexts(texts, textsOf(data)) : undefined }
}

/**
 * The thread that reads a whole encoder to say what training blocks of it would cost: splitting it and building the graphs
 * of a step takes a second or more, in which the engine has to answer others. Answers once and ends.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '../../../contract/index.ts'
import { loadBundle, openUpperBlocks, openUpperTextBlocks } from '../../../encoders/index.ts'
import { costedRun, costOfRun, planTraining } from '../../../training/index.ts'
import type { BlockCost } from '../ports.ts'
import type { CostAnswer, CostQuestion } from './block-costs.ts'
import { bytesOfText } from './text-activations.ts'

const { folder, wishes } = workerData as CostQuestion

async function costOf(): Promise<BlockCost> {
  const { texts, ...planned } = wishes
  const { blocks, texts: textBlocks = 0 } = planned.blocks
  const bundle = await loadBundle(folder)
  const open = { bundle, runtime: nothingRuns }
  const pictures = blocks > 0 ? await countOrCut(openUpperBlocks({ ...open, blocks })) : null
  const words = textBlocks > 0 ? await countOrCut(openUpperTextBlocks({ ...open, blocks: textBlocks, texts })) : null
  const found = { pictures: pictures && pictures.found, texts: words && words.found }
  if (pictures?.cut === null || words?.cut === null) return { found, run: null }
  const [vision, text] = [pictures?.cut, words?.cut]
  const plan = costedRun(planTraining(planned), { vision: vision?.model, text: text?.model })
  const cost = costOfRun(plan, { pairs: wishes.pairs, metaSet: wishes.metaSet })
  return {
    found,
    run: { ...cost, cut: vision ? { id: vision.id, dim: vision.dim } : null, text: text ? bytesOfText(text) : null },
  }
}

/** How many blocks there are; `cut` is null where more were asked for. */
async function countOrCut<T extends { readonly model: { readonly blocks: readonly unknown[] } }>(
  opening: Promise<T>,
): Promise<{ readonly found: number; readonly cut: T | null }> {
  try {
    const cut = await opening
    return { found: cut.model.blocks.length, cut }
  } catch (error) {
    const found = error instanceof AppError && error.code === 'usage' ? error.params['blocks'] : undefined
    if (typeof found === 'number') return { found, cut: null }
    throw error
  }
}

const nothingRuns: Parameters<typeof openUpperBlocks>[0]['runtime'] = {
  ...{ provider: 'cpu', engine: 'none', isAlive: true },
  createSession: () => Promise.reject(new Error('nothing is computed in this thread')),
  dispose: async () => {},
}

const answer: CostAnswer = await costOf().then(
  (cost) => ({ cost }),
  (error: unknown) =>
    error instanceof AppError
      ? { failure: { code: error.code, message: error.message, params: error.params } }
      : { failure: { code: null, message: error instanceof Error ? error.message : String(error), params: {} } },
)
parentPort!.postMessage(answer)

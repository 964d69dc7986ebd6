/** Asks a thread what training blocks of an encoder would cost, one question at a time, and remembers the answers. */
import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { AppError, type ErrorCode } from '../../../contract/index.ts'
import { blockSteps } from '../../../training/index.ts'
import type { BlockCost, BlockCosts, BlockWishes } from '../ports.ts'

export type CostQuestion = { readonly folder: string; readonly wishes: BlockWishes }

/** `code` is null for a mistake of ours. */
export type CostAnswer =
  | { readonly cost: BlockCost }
  | {
      readonly failure: {
        readonly code: ErrorCode | null
        readonly message: string
        readonly params: Readonly<Record<string, string | number>>
      }
    }

/** @param folderOf the folder of a bundle */
export function createBlockCosts(
  folderOf: (bundle: string) => Promise<string>,
): BlockCosts & { close(): Promise<void> } {
  const remembered = new Map<string, Promise<BlockCost>>()
  /** Each holds a whole encoder in memory, so they wait for each other. */
  let before: Promise<unknown> = Promise.resolve()
  let running: Worker | undefined
  let isClosed = false

  const ask = async (question: CostQuestion): Promise<BlockCost> => {
    if (isClosed) throw closed()
    const worker = startWorker(question)
    running = worker
    worker.unref()
    try {
      const answer = await new Promise<CostAnswer>((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
        worker.once('exit', () => reject(closed()))
      })
      if ('cost' in answer) return answer.cost
      const { code, message, params } = answer.failure
      throw code === null ? new Error(message) : new AppError(code, message, params)
    } finally {
      running = undefined
    }
  }
  return {
    async of(bundle, wishes) {
      const question = { folder: await folderOf(bundle), wishes: whatCounts(wishes) }
      const key = createHash('sha256').update(JSON.stringify(question)).digest('hex')
      const known = remembered.get(key)
      if (known !== undefined) return known
      const asked = before.then(() => ask(question))
      before = asked.catch(() => undefined) // whoever asked is told
      remembered.set(key, asked)
      asked.catch(() => remembered.delete(key)) // the encoder may be mended by the next question
      return asked
    },
    async close() {
      isClosed = true
      await running?.terminate()
    },
  }
}

/** What is left open or chosen by a run, and pairs beyond a batch, change nothing of what its steps cost. */
function whatCounts({ objective, dim, frameCount, blocks, texts, ...wishes }: BlockWishes): BlockWishes {
  const { batchSize = Infinity, metaBatchSize = Infinity } = blockSteps(blocks)
  const pairs = Math.max(1, Math.min(wishes.pairs, batchSize))
  const metaSet = Math.max(1, Math.min(wishes.metaSet, metaBatchSize))
  return {
    ...{ objective, seed: 0, epochs: 1, dim, frameCount, pairs, metaSet },
    blocks: { ...blocks, rateFactor: 1 },
    texts: (blocks.texts ?? 0) > 0 ? texts : [],
  }
}

function closed(): Error {
  return new Error('The thread that reads encoders has ended.')
}

function startWorker(question: CostQuestion): Worker {
  const here = import.meta.url
  if (!here.endsWith('.ts')) return new Worker(new URL('./block-cost-worker.js', here), { workerData: question })
  // From source: the thread needs a TypeScript loader of its own.
  const execArgv = ['--import', new URL('../../../typescript-loader.mjs', here).href]
  return new Worker(new URL('./block-cost-worker.ts', here), { workerData: question, execArgv })
}

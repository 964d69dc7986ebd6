/** Runs each half of an export once, to learn how wide its embeddings are: files leave it open, or are wrong about it. */
import { tensor, type Tensor, type TensorMap } from '../base/index.ts'
import { AppError } from '../contract/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { widthProblem, type Inspection } from './inspect-export.ts'
import { ExportProblem } from './refusal.ts'

export type GraphPaths = { readonly vision: string; readonly text: string }

/**
 * @returns the width of the embeddings, D, the same for pictures and texts
 * @throws ExportProblem when a half does not run, or the halves differ
 */
export async function measureWidth(runtime: Runtime, draft: Inspection['draft'], paths: GraphPaths): Promise<number> {
  const { image, text } = draft
  const side = image.size
  const pixels = side * side * 3
  const blank = image.dtype === 'float16' ? new Uint16Array(pixels) : new Float32Array(pixels)
  const pictures = await widthOf(runtime, paths.vision, image.output, 'picture', {
    [image.input]: tensor(image.dtype, [1, 3, side, side], blank),
  })
  const row = (value: number): Tensor => {
    const length = text.contextLength
    const data =
      text.dtype === 'int64' ? new BigInt64Array(length).fill(BigInt(value)) : new Int32Array(length).fill(value)
    return tensor(text.dtype, [1, length], data)
  }
  const feeds: TensorMap = { [text.input]: row(text.padId) }
  if (text.mask !== null) feeds[text.mask] = row(1)
  if (text.tokenTypes !== null) feeds[text.tokenTypes] = row(0)
  const texts = await widthOf(runtime, paths.text, text.output, 'text', feeds)
  if (pictures !== texts) throw widthProblem(pictures, texts)
  return pictures
}

async function widthOf(
  runtime: Runtime,
  path: string,
  output: string,
  half: string,
  feeds: TensorMap,
): Promise<number> {
  try {
    // Built without optimising: this session runs once.
    const options = { label: `${half} half`, graphOptimizationLevel: 'disabled' } as const
    const session = await runtime.createSession({ path }, options)
    try {
      const result = (await session.run(feeds, { outputs: [output] }))[output]
      const [count, width, ...more] = result?.shape ?? []
      if (count === 1 && width !== undefined && width > 0 && width <= 8192 && more.length === 0) return width
      throw new ExportProblem(
        `its ${half} half gives ${output} in the shape [${result?.shape.join(', ')}] instead of one row`,
      )
    } finally {
      await session.dispose()
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new ExportProblem(`its ${half} half cannot be run: ${error.message.replace(/\.$/, '')}`, { cause: error })
  }
}

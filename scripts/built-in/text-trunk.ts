/**
 * Text trunk of the built-in model: the mean of the sub-word embeddings, then a residual network. Word order is not
 * used; for product descriptions it hardly matters, and an unknown name still gets a vector of its own from its pieces.
 */
import { floatTensor, sizeOf, type Random, type TensorMap } from '../../main/base/index.ts'
import { add, gelu, matMul, normalizeRows, type Value } from '../../main/graph/index.ts'
import type { Parameters } from '../../main/training/adam.ts'

export type TextConfig = { readonly vocabulary: number; readonly width: number; readonly hidden: number }

export function textShapes(config: TextConfig): Record<string, number[]> {
  return {
    'text.embedding': [config.vocabulary, config.width],
    'text.w1': [config.width, config.hidden],
    'text.b1': [config.hidden],
    'text.w2': [config.hidden, config.width],
    'text.b2': [config.width],
  }
}

/** The embeddings start at about unit length; the residual branch starts small. */
export function initialTextParameters(config: TextConfig, random: Random): TensorMap {
  return Object.fromEntries(
    Object.entries(textShapes(config)).map(([name, shape]) => {
      const generator = random.fork(name)
      const data = new Float32Array(sizeOf(shape))
      const deviation =
        name === 'text.embedding' ? 1 / Math.sqrt(config.width) : (name === 'text.w2' ? 0.3 : 1) / Math.sqrt(shape[0]!)
      if (shape.length === 2) for (let i = 0; i < data.length; i++) data[i] = deviation * generator.normal()
      return [name, floatTensor(shape, data)]
    }),
  )
}

/**
 * @param bag [B, width] mean of the embeddings of each text's sub-words
 * @returns [B, width], rows of unit length
 */
export function textTrunk(bag: Value, p: Parameters): Value {
  const hidden = gelu(add(matMul(bag, p['text.w1']!), p['text.b1']!))
  return normalizeRows(add(bag, add(matMul(hidden, p['text.w2']!), p['text.b2']!)))
}

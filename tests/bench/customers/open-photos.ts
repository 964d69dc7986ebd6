/** Features of product photos for the benches that draw customers from them. */
import type { StudyProduct } from '../../../main/services/study/study-files.ts'

/** Features of all products of a split, encoded the first time that one is asked for. */
export function openPhotos(
  products: readonly StudyProduct[],
  featuresOf: (paths: readonly string[]) => Promise<Float32Array>,
  width: number,
): (ids: readonly string[]) => Promise<Float32Array> {
  const productOf = new Map(products.map((product) => [product.id, product]))
  const splits = new Map<string, Promise<{ rowOf: Map<string, number>; features: Float32Array }>>()
  const load = async (split: string): Promise<{ rowOf: Map<string, number>; features: Float32Array }> => {
    const own = products.filter((product) => product.split === split)
    const rowOf = new Map(own.map(({ id }, row) => [id, row]))
    return { rowOf, features: await featuresOf(own.map(({ imagePath }) => imagePath)) }
  }
  return async (ids) => {
    const out = new Float32Array(ids.length * width)
    for (const [i, id] of ids.entries()) {
      const { split } = productOf.get(id)!
      if (!splits.has(split)) splits.set(split, load(split))
      const { rowOf, features } = await splits.get(split)!
      const row = rowOf.get(id)!
      out.set(features.subarray(row * width, (row + 1) * width), i * width)
    }
    return out
  }
}

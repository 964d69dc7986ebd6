/** Nodes that resize, for operator-cases.ts. */
import { floatTensor } from '../../../../main/base/index.ts'
import { ints, node, type ImportCase } from './import-case.ts'
import type { NodeModel } from './node-model.ts'

const resize = (
  shape: readonly number[],
  to: { readonly scales?: readonly number[]; readonly sizes?: readonly number[] },
  attributes: NodeModel['attributes'],
  opset = 19,
): ImportCase =>
  node(
    'Resize',
    [shape, undefined, to.scales && floatTensor([to.scales.length], to.scales), to.sizes && ints(...to.sizes)],
    { attributes: attributes ?? {}, opset },
  )

export const resizeCases: readonly ImportCase[] = [
  ...['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric', 'half_pixel_symmetric'].flatMap((how) =>
    ['nearest', 'linear', 'cubic'].flatMap((mode) => [
      resize([1, 2, 3, 4], { scales: [1, 1, 1.6, 0.6] }, { mode, coordinate_transformation_mode: how }),
      resize([1, 1, 3, 4], { sizes: [1, 1, 5, 1] }, { mode, coordinate_transformation_mode: how }),
    ]),
  ),
  ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].flatMap((nearest) =>
    [0.5, 2, 1.5].map((scale) =>
      resize(
        [6],
        { scales: [scale] },
        { mode: 'nearest', nearest_mode: nearest, coordinate_transformation_mode: 'half_pixel' },
      ),
    ),
  ),
  resize([1, 2, 3, 3], { sizes: [4, 2] }, { mode: 'linear', axes: [3, 2] }, 18),
  resize([3, 4], { scales: [2, 0.8] }, { mode: 'cubic', exclude_outside: 1, cubic_coeff_a: { float: -0.5 } }),
  resize([2, 3, 4], { scales: [1, 1.6, 0.6] }, { mode: 'linear' }, 13),
  node('Resize', [[1, 1, 2, 3], floatTensor([0], []), floatTensor([0], []), ints(1, 1, 4, 3)], {
    attributes: { mode: 'cubic', antialias: 0 },
    opset: 18,
  }),
]

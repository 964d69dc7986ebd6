/** Forward-mode differentiation: how a value changes when what it depends on moves in a given direction. */
import { assert } from '../base/index.ts'
import { add, mul } from './elementwise.ts'
import { gradients } from './gradients.ts'
import { reduceSum } from './reduction.ts'
import { sameShape } from './shape.ts'
import { describe, type Value } from './value.ts'

/**
 * The Jacobian-vector product sum_k dy/dx_k . direction_k, as a graph value of the shape of `y`.
 *
 * [Note: Forward mode from the reverse rules] The reverse gradient g(s) = (dy/dx)^T s is linear in its seed s, and
 * d<g(s), direction>/ds = (dy/dx) direction: reversing the reverse pass gives the forward product, for every operator
 * that has a reverse rule. The result does not contain s, so s is an input that no model ever asks for, and of the
 * reverse pass only what the product needs is written out: for y = x W the two products dx W + x dW, as a rule of its
 * own would have it.
 *
 * @param directions one for each of `wrt`, of its shape; taken as they are, so they may be values of the same graph
 * @throws when an operator on the way has no gradient rule
 */
export function jvp(y: Value, wrt: readonly Value[], directions: readonly Value[]): Value {
  assert(wrt.length > 0 && wrt.length === directions.length, `${wrt.length} values need as many directions`)
  for (const [i, value] of wrt.entries()) {
    assert(
      sameShape(value.shape, directions[i]!.shape),
      `direction ${describe(directions[i]!)} for ${describe(value)}: the shapes differ`,
    )
  }
  const seed = y.graph.input(`jvp.seed.${y.id}`, y.dtype, y.shape)
  const reverse = gradients(y, wrt, seed)
  const along = reverse.map((gradient, i) => reduceSum(mul(gradient, directions[i]!)))
  return gradients(
    along.reduce((sum, part) => add(sum, part)),
    [seed],
  )[0]!
}

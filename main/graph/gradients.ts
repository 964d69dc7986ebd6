/**
 * Reverse-mode differentiation of a graph.
 *
 * [Note: Only what leads to the answer] Gradients flow only through values that depend on what we differentiate with
 * respect to. For MAMA's hypergradient this is what makes reverse over reverse as cheap as a forward-mode product: the
 * sample weights enter the look-ahead gradient linearly, so the second pass runs along that one linear path and never
 * differentiates the towers a second time.
 */
import { assert } from '../base/index.ts'
import { add, gateMark, mul } from './elementwise.ts'
import { expand } from './movement.ts'
import { gradientRuleOf } from './gradient-rules.ts'
import { sameShape } from './shape.ts'
import { total } from './total.ts'
import { describe, type Node, type Value } from './value.ts'

/** Values that `from` depends on, itself included, in topological order. */
export function ancestorsOf(from: readonly Value[]): Value[] {
  const found = new Map<number, Value>()
  const stack = [...from]
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (found.has(value.id)) continue
    found.set(value.id, value)
    for (const output of value.node.outputs) if (!found.has(output.id)) found.set(output.id, output)
    for (const input of value.node.inputs) if (input && !found.has(input.id)) stack.push(input)
  }
  return [...found.values()].sort((a, b) => a.id - b.id)
}

/**
 * That of a gate by its slope, all of it through x; undefined for other nodes, and where somebody asks for derivatives with
 * respect to a part of the gate. See [Note: Gates have one slope].
 */
function gateGradient(
  { inputs, attributes }: Node,
  dy: Value | undefined,
  wrt: readonly Value[],
): (Value | undefined)[] | undefined {
  if (attributes[gateMark] === undefined || dy === undefined) return undefined
  const [x, gate] = inputs as readonly [Value, Value]
  const parts = [gate]
  for (const part of parts) {
    if (wrt.includes(part)) return undefined
    for (const input of part.node.inputs) if (input && input !== x && !parts.includes(input)) parts.push(input)
  }
  const ones = expand(x.graph.float(1, [], x.dtype), x.shape)
  return [mul(dy, add(gate, mul(x, gradients(gate, [x], ones)[0]!))), undefined]
}

/**
 * Derivatives of `y` with respect to each value of `wrt`, as new graph values of the same shapes.
 *
 * @param y a scalar, or any shape when `seed` is given
 * @param wrt inputs, or values that everything flows through: of what is only repeated, reshaped or multiplied by a number, the
 *   functions that build the next node may use the source instead
 * @param seed gradient that flows into `y` (same shape); 1 by default, which needs a scalar `y`
 * @returns one value per `wrt`; zeros where `y` does not depend on it
 * @throws when an operator on the way has no gradient rule
 */
export function gradients(y: Value, wrt: readonly Value[], seed?: Value): Value[] {
  assert(seed !== undefined || y.shape.length === 0, `gradients need a scalar or a seed, got ${describe(y)}`)
  assert(seed === undefined || sameShape(seed.shape, y.shape), 'the seed must have the shape of y')
  const order = ancestorsOf([y])
  const active = new Set(wrt.map((value) => value.id))
  for (const value of order) {
    if (value.node.inputs.some((input) => input && active.has(input.id))) active.add(value.id)
  }
  const parts = new Map<number, Value[]>([[y.id, [seed ?? y.graph.float(1, [], y.dtype)]]])
  // Asked for only when all that depends on the value was visited.
  const flowingInto = ({ id }: Value): Value | undefined => {
    const found = parts.get(id)
    if (found === undefined) return undefined
    const sum = total(found)
    parts.set(id, [sum])
    return sum
  }
  const visited = new Set<Node>()
  for (const value of order.toReversed()) {
    const { node } = value
    if (visited.has(node) || !active.has(value.id)) continue
    visited.add(node)
    const dys = node.outputs.map(flowingInto)
    const needs = node.inputs.map((input) => input !== undefined && active.has(input.id))
    if (dys.every((dy) => dy === undefined) || !needs.includes(true)) continue
    const inputGradients = gateGradient(node, dys[0], wrt) ?? gradientRuleOf(node)(node, dys, needs)
    node.inputs.forEach((input, i) => {
      const gradient = inputGradients[i]
      if (!input || !needs[i] || !gradient) return
      assert(
        sameShape(gradient.shape, input.shape),
        `gradient of ${node.op} is [${gradient.shape}] for ${describe(input)}`,
      )
      const earlier = parts.get(input.id)
      if (earlier) earlier.push(gradient)
      else parts.set(input.id, [gradient])
    })
  }
  return wrt.map((value) => flowingInto(value) ?? expand(y.graph.float(0, [], value.dtype), value.shape))
}

/** Nodes that choose between graphs of their own, for operator-cases.ts. The last inputs are read from around the node. */
import { floatTensor, tensor } from '../../../../main/base/index.ts'
import type { GraphOfNodes, ModelNode } from './graph-model.ts'
import { node, type ImportCase } from './import-case.ts'

const truth = (value: boolean) => tensor('bool', [], Uint8Array.of(Number(value)))
const step = (operator: string, inputs: readonly string[], output: string): ModelNode => ({
  ...{ operator, inputs, outputs: [output] },
})

/** y = x1 x2 */
const product: GraphOfNodes = { nodes: [step('Mul', ['x1', 'x2'], 'y')], outputs: ['y'] }
/** y = tanh(x1) + w and z = y², with names that the other branch uses too. */
const withWeights: GraphOfNodes = {
  nodes: [
    step('Tanh', ['x1'], 'before'),
    step('Add', ['before', 'w'], 'y'),
    { operator: 'Constant', inputs: [], outputs: ['two'], attributes: { value: floatTensor([], [2]) } },
    step('Pow', ['y', 'two'], 'z'),
  ],
  tensors: { w: floatTensor([3], [0.5, -1, 2]) },
  outputs: ['y', 'z'],
}
const exchanged: GraphOfNodes = {
  nodes: [step('Sub', ['x1', 'w'], 'z'), step('Neg', ['z'], 'y')],
  tensors: { w: floatTensor([3], [1, 2, 3]) },
  outputs: ['y', 'z'],
}
const nested: GraphOfNodes = {
  nodes: [
    step('Exp', ['x2'], 'inner'),
    { operator: 'Constant', inputs: [], outputs: ['chosen'], attributes: { value: truth(false) } },
    {
      ...{ operator: 'If', inputs: ['chosen'], outputs: ['y'] },
      attributes: {
        then_branch: product,
        else_branch: { nodes: [step('Mul', ['inner', 'x1'], 'z')], outputs: ['z'] },
      },
    },
  ],
  outputs: ['y'],
}

export const branchCases: readonly ImportCase[] = [
  node('If', [truth(true), [2, 3], [3]], { captured: 2, attributes: { then_branch: product, else_branch: nested } }),
  node('If', [truth(false), [2, 3], [3]], { captured: 2, attributes: { then_branch: product, else_branch: nested } }),
  ...[true, false].map((condition) =>
    node('If', [truth(condition), [2, 3]], {
      ...{ captured: 1, outputs: 2, attributes: { then_branch: withWeights, else_branch: exchanged } },
    }),
  ),
]

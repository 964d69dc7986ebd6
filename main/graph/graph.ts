/**
 * What a graph is made of, values and nodes, and the graph under construction, which makes them and shares equal ones. A
 * graph is a set of values that were computed from each other; there is no node list. What an output does not reach is
 * never written out (dead-node removal).
 *
 * [Note: Sharing by construction] A node is interned under its operator, attributes and input ids. Gradient code may
 * therefore recompute an expression as often as is convenient to write; it exists once.
 */
import { assert, sizeOf, tensor, type DType, type Tensor } from '../base/index.ts'

export type Shape = readonly number[]

/** Attribute values, in the forms that ONNX has and that we use. */
export type Attribute = number | string | readonly number[] | { readonly float: number }

export type Attributes = Readonly<Record<string, Attribute>>

/** The result of a node: immutable, with a static shape. */
export type Value = {
  readonly graph: Graph
  /** Grows with creation: a value's inputs always have smaller ids, so id order is a topological order. */
  readonly id: number
  readonly dtype: DType
  readonly shape: Shape
  readonly node: Node
  /** Which output of `node` this is. */
  readonly index: number
}

export type Node = {
  /** ONNX operator, or `Input` / `Constant`. */
  readonly op: string
  /** '' for the ONNX standard, 'com.microsoft' for the runtime's own operators. */
  readonly domain: string
  readonly inputs: readonly (Value | undefined)[]
  readonly attributes: Attributes
  readonly outputs: readonly Value[]
  /** Only for `Input`. */
  readonly name?: string
  /** Only for `Constant`. */
  readonly tensor?: Tensor
}

/** The ONNX operator set that graphs are written for. */
export const opset = 18

/** Constants up to this many elements are compared by content, so that equal ones are shared. */
const sharedConstantSize = 64

export type OutputType = { readonly dtype: DType; readonly shape: Shape }

export class Graph {
  readonly #interned = new Map<string, Node>()
  readonly #inputs = new Map<string, Value>()
  /** Large constants by their data: the weights of a model that is imported twice are there once. */
  readonly #large = new Map<unknown, Value[]>()
  #nextId = 0

  /** A named input; asking again for the same name gives the same value and checks its type. */
  input(name: string, dtype: DType, shape: Shape): Value {
    const existing = this.#inputs.get(name)
    if (existing !== undefined) {
      assert(
        existing.dtype === dtype && `${existing.shape}` === `${shape}`,
        `input ${name} is [${existing.shape}] ${existing.dtype}, asked for as [${shape}] ${dtype}`,
      )
      return existing
    }
    const value = this.#create({ op: 'Input', domain: '', inputs: [], attributes: {}, name }, [{ dtype, shape }])[0]!
    this.#inputs.set(name, value)
    return value
  }

  /** A constant tensor; small equal ones are shared, and large ones that hold the very same data. */
  constant(content: Tensor): Value {
    const key =
      content.data.length <= sharedConstantSize
        ? `Constant|${content.dtype}|${content.shape}|${Array.from(content.data as ArrayLike<number | bigint>, String)}`
        : undefined
    const existing = key === undefined ? this.#sameData(content) : this.#interned.get(key)?.outputs[0]
    if (existing !== undefined) return existing
    const [value] = this.#create({ op: 'Constant', domain: '', inputs: [], attributes: {}, tensor: content }, [content])
    if (key !== undefined) this.#interned.set(key, value!.node)
    else this.#large.set(content.data, [...(this.#large.get(content.data) ?? []), value!])
    return value!
  }

  /** A float32 constant filled with `value`. A scalar by default; shapes broadcast, so that is mostly enough. */
  float(value: number, shape: Shape = [], dtype: DType = 'float32'): Value {
    const data = dtype === 'float64' ? new Float64Array(sizeOf(shape)) : new Float32Array(sizeOf(shape))
    return this.constant(tensor(dtype, shape, data.fill(value)))
  }

  /** An int64 constant. */
  ints(values: readonly number[], shape: Shape = [values.length]): Value {
    return this.constant(
      tensor(
        'int64',
        shape,
        BigInt64Array.from(values, (value) => BigInt(value)),
      ),
    )
  }

  /** A node, or the equal one that is already there. Shapes are the caller's business: see the operator files. */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly OutputType[],
    attributes: Attributes = {},
    domain = '',
  ): readonly Value[] {
    for (const input of inputs) assert(!input || input.graph === this, `${op}: an input belongs to another graph`)
    const key = `${domain}|${op}|${inputs.map((input) => input?.id ?? '')}|${JSON.stringify(attributes)}|${outputs.length}`
    const existing = this.#interned.get(key)
    if (existing !== undefined) return existing.outputs
    const values = this.#create({ op, domain, inputs, attributes }, outputs)
    this.#interned.set(key, values[0]!.node)
    return values
  }

  #sameData(content: Tensor): Value | undefined {
    const { dtype, shape } = content
    return this.#large.get(content.data)?.find((value) => value.dtype === dtype && `${value.shape}` === `${shape}`)
  }

  #create(fields: Omit<Node, 'outputs'>, types: readonly OutputType[]): readonly Value[] {
    const outputs: Value[] = []
    const node: Node = { ...fields, outputs }
    types.forEach(({ dtype, shape }, index) => {
      assert(
        shape.every((size) => Number.isInteger(size) && size >= 0),
        `${fields.op}: bad shape [${shape}]`,
      )
      outputs.push({ graph: this, id: this.#nextId++, dtype, shape, node, index })
    })
    return outputs
  }
}

/** The one tensor of a `Constant` value, else undefined. */
export function constantOf(value: Value): Tensor | undefined {
  return value.node.tensor
}

/** The number when `value` is a constant whose elements are all equal, or such a one repeated, else undefined. */
export function uniformConstant(value: Value): number | undefined {
  if (value.node.op === 'Expand') return uniformConstant(value.node.inputs[0]!)
  const content = value.node.tensor
  if (content === undefined || content.data.length === 0 || content.data.length > 1 << 16) return undefined
  const first = content.data[0]
  for (const element of content.data) if (element !== first) return undefined
  return Number(first)
}

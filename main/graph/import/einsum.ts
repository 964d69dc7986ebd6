/** Einstein sums as matrix products, so that they need no gradient rules of their own. */
import { assert, sizeOf } from '../../base/index.ts'
import { matMul } from '../linalg.ts'
import { reshape, transpose } from '../movement.ts'
import { reduceSum } from '../reduction.ts'
import type { Value } from '../value.ts'

/** A value with a letter for each axis. */
type Term = { readonly value: Value; readonly letters: readonly string[] }

/**
 * `einsum('bhqd,bhkd->bhqk', [q, k])`. Letters may not repeat within one term; `...` stands for the leading axes, as many
 * in each term that has it.
 */
export function einsum(equation: string, values: readonly Value[]): Value {
  const [left, right] = equation.replaceAll(' ', '').split('->')
  const written = left!.split(',')
  assert(written.length === values.length, `Einsum "${equation}" takes ${written.length} values, got ${values.length}`)
  const terms = written.map((text, i) => ({ value: values[i]!, letters: lettersOf(text, values[i]!) }))
  for (const { value, letters } of terms) {
    assert(
      letters.length === value.shape.length && new Set(letters).size === letters.length,
      `Einsum "${equation}" does not fit [${value.shape}]`,
    )
  }
  const dots = terms.flatMap(({ letters }) => letters.filter((letter) => letter.startsWith('.')))
  const leading = [...new Set(dots)].sort()
  const wanted =
    right === undefined
      ? [...leading, ...impliedResult(terms)]
      : right
          .replace('...', '.')
          .split('')
          .flatMap((letter) => (letter === '.' ? leading : [letter]))
  let result: Term = terms[0]!
  for (const [i, term] of terms.slice(1).entries()) {
    const later = [...wanted, ...terms.slice(i + 2).flatMap(({ letters }) => letters)]
    result = contracted(result, term, new Set(later))
  }
  const summed = summedTo(result, new Set(wanted))
  return transpose(
    summed.value,
    wanted.map((letter) => summed.letters.indexOf(letter)),
  )
}

/** Axes of `...` are called .0, .1, ... from the last one, which the terms have in common. */
function lettersOf(text: string, value: Value): string[] {
  const [before, after] = text.split('...')
  if (after === undefined) return [...before!]
  const count = value.shape.length - before!.length - after.length
  return [...before!, ...Array.from({ length: count }, (_, i) => `.${9 - count + i}`), ...after]
}

/** Without an arrow: the letters that occur once, in alphabetical order. */
function impliedResult(terms: readonly Term[]): string[] {
  const all = terms.flatMap(({ letters }) => letters).filter((letter) => !letter.startsWith('.'))
  return all.filter((letter) => all.indexOf(letter) === all.lastIndexOf(letter)).sort()
}

/** Sums over the letters that nothing needs any more. */
function summedTo(term: Term, needed: ReadonlySet<string>): Term {
  const gone = term.letters.flatMap((letter, axis) => (needed.has(letter) ? [] : [axis]))
  return { value: reduceSum(term.value, gone), letters: term.letters.filter((letter) => needed.has(letter)) }
}

/** The product of two terms, summed over the letters that both have and that are not in `later`. */
function contracted(a: Term, b: Term, later: ReadonlySet<string>): Term {
  const left = summedTo(a, new Set([...later, ...b.letters]))
  const right = summedTo(b, new Set([...later, ...a.letters]))
  const sizes = new Map([left, right].flatMap(({ value, letters }) => letters.map((x, i) => [x, value.shape[i]!])))
  const both = left.letters.filter((letter) => right.letters.includes(letter))
  const batch = both.filter((letter) => later.has(letter))
  const inner = both.filter((letter) => !later.has(letter))
  const rows = left.letters.filter((letter) => !both.includes(letter))
  const columns = right.letters.filter((letter) => !both.includes(letter))
  const size = (letters: readonly string[]): number => sizeOf(letters.map((letter) => sizes.get(letter)!))
  const arranged = ({ value, letters }: Term, order: readonly string[], shape: readonly number[]): Value =>
    reshape(
      transpose(
        value,
        order.map((letter) => letters.indexOf(letter)),
      ),
      shape,
    )
  const product = matMul(
    arranged(left, [...batch, ...rows, ...inner], [size(batch), size(rows), size(inner)]),
    arranged(right, [...batch, ...inner, ...columns], [size(batch), size(inner), size(columns)]),
  )
  const letters = [...batch, ...rows, ...columns]
  return {
    value: reshape(
      product,
      letters.map((letter) => sizes.get(letter)!),
    ),
    letters,
  }
}

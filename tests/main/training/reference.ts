/** Reads the stored values of the independent reference (tests/fixtures/reference) and compares with them. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { floatTensor, type Tensor } from '../../../main/base/index.ts'

/** A number, or nested rows of numbers. */
export type Nested = number | Nested[]

export function readCases<T>(file: string): T[] {
  const text = readFileSync(new URL(`../../fixtures/reference/${file}`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { cases: T[] }).cases
}

export function shapeOf(value: Nested): number[] {
  return typeof value === 'number' ? [] : [value.length, ...shapeOf(value[0]!)]
}

export function flat(value: Nested): number[] {
  return typeof value === 'number' ? [value] : value.flatMap(flat)
}

/** Rounded to float32, which is what we compute in. */
export function tensorOf(value: Nested): Tensor {
  return floatTensor(shapeOf(value), flat(value))
}

/** Largest difference, relative to the largest expected entry (at least `floor`, 1 by default). */
export function relativeError(actual: Tensor, expected: Nested, floor = 1): number {
  const wanted = flat(expected)
  expect(actual.data.length).toBe(wanted.length)
  const size = Math.max(floor, ...wanted.map(Math.abs))
  const errors = wanted.map((value, i) => Math.abs(value - Number(actual.data[i])))
  return errors.every(Number.isFinite) ? Math.max(...errors) / size : Infinity
}

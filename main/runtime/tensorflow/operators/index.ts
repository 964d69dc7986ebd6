import type { Operator } from '../operator.ts'
import { elementwise } from './elementwise.ts'
import { linalg } from './linalg.ts'
import { movement } from './movement.ts'
import { reduction } from './reduction.ts'

/** Every operator that the engine has, by its ONNX name. */
export const operators: Readonly<Record<string, Operator>> = { ...elementwise, ...reduction, ...movement, ...linalg }

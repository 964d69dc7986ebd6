/** Runs a training step in pieces, chunk by chunk (see chunked-graphs.ts): equal to the whole step, in less memory. */
import { float32Data, floatTensor, sizeOf, tensor, type Tensor, type TensorMap } from '../base/index.ts'
import { matMulFlops } from '../graph/index.ts'
import type { GraphSession, Runtime } from '../runtime/index.ts'
import {
  backwardPiece,
  encodePiece,
  lossPiece,
  metaGradientPrefix,
  metaPiece,
  sumPrefix,
  tangentPiece,
  updatePiece,
  weightPiece,
  type Piece,
} from './chunked-graphs.ts'
import { momentShapes } from './mama-step.ts'
import { metaLearnedShapes, trainedShapes } from './step-parts.ts'
import { pickFeeds, scalarFeeds, type StepPlan, type StepRunner } from './step-runner.ts'

type PieceName = 'encode' | 'loss' | 'restingLoss' | 'backward' | 'meta' | 'tangent' | 'weight' | 'update'
export type ChunkedGraphs = {
  readonly chunk: number
  readonly pieces: Partial<Record<PieceName, Piece>>
  readonly plan: StepPlan
}

/** The pieces that a run needs. @param chunk pairs that are encoded at a time */
export function buildPieces(plan: StepPlan, width: number, chunk: number): ChunkedGraphs {
  const { tower, config, restsBetween } = plan
  const size = Math.min(chunk, config.batchSize)
  return {
    ...{ chunk: size, plan },
    pieces: {
      encode: encodePiece(tower, size),
      loss: lossPiece(width, config),
      backward: backwardPiece(tower, size),
      update: updatePiece(tower, config),
      ...(config.weights && {
        meta: metaPiece(tower, config),
        tangent: tangentPiece(tower, size),
        weight: weightPiece(width, config),
        ...(restsBetween && { restingLoss: lossPiece(width, { ...config, weightStep: 'none' }) }),
      }),
    },
  }
}

/** Floating-point operations of the matrix products of one step that moves the weights, where they are learned. */
export function piecesFlops({ chunk, pieces, plan: { config } }: ChunkedGraphs): number {
  const chunks = Math.ceil(config.batchSize / chunk)
  const backwards = config.weights && config.weightStep !== 'lagged' ? 2 : 1
  const runs: Record<PieceName, number> = {
    ...{ encode: chunks, tangent: chunks, backward: chunks * backwards },
    ...{ loss: 1, restingLoss: 0, meta: 1, weight: 1, update: 1 },
  }
  return (Object.entries(pieces) as [PieceName, Piece][]).reduce(
    (sum, [name, { outputs }]) => sum + runs[name] * matMulFlops(Object.values(outputs)),
    0,
  )
}

/** @throws AppError `runtime.failed` */
export async function openChunkedRunner(
  runtime: Runtime,
  { chunk, pieces, plan }: ChunkedGraphs,
  label: string,
): Promise<StepRunner> {
  const { tower, config } = plan
  const trained = trainedShapes(tower, config)
  const learned = metaLearnedShapes(config)
  const moments = momentShapes({ parameterShapes: trained, metaLearnedShapes: learned })
  const stateNames = [trained, learned, moments].flatMap((shapes) => Object.keys(shapes))
  const sessions = new Map<PieceName, GraphSession>()
  const dispose = async (): Promise<void> => {
    for (const session of sessions.values()) await session.dispose()
  }
  const residentIn = (name: PieceName): string[] => {
    const piece = pieces[name]
    return piece === undefined ? [] : [...Object.keys(piece.state), ...piece.constants]
  }
  try {
    for (const [name, { model, state, constants }] of Object.entries(pieces) as [PieceName, Piece][]) {
      const [first] = sessions.values()
      const options = { label: `${label}: ${name}`, state, constants, ...(first && { sharesStateOf: first }) }
      sessions.set(name, await runtime.createSession(model, options))
    }
    await writeResident(zerosFor(tower.parameterShapes, sumPrefix))
  } catch (error) {
    await dispose()
    throw error
  }
  return { parameterNames: Object.keys(trained), stateNames, readState, run, dispose, writeState: writeResident }

  /** Each tensor is written once, through a session that has it. */
  async function writeResident(values: TensorMap): Promise<void> {
    const left = new Map(Object.entries(values))
    for (const [name, session] of sessions) {
      const own = residentIn(name).filter((tensorName) => left.has(tensorName))
      if (own.length === 0) continue
      await session.writeState(Object.fromEntries(own.map((tensorName) => [tensorName, left.get(tensorName)!])))
      for (const tensorName of own) left.delete(tensorName)
    }
  }

  async function readState(names: readonly string[] = stateNames): Promise<TensorMap> {
    return sessions.get('update')!.readState(names)
  }

  async function run({
    train,
    meta,
    scalars,
    movesWeights,
  }: Parameters<StepRunner['run']>[0]): ReturnType<StepRunner['run']> {
    const numbers = scalarFeeds(scalars)
    const call = (name: PieceName, feeds: TensorMap): Promise<TensorMap> => {
      const session = sessions.get(name)!
      return session.run(pickFeeds(session, { ...numbers, ...feeds }))
    }
    const starts = Array.from({ length: Math.ceil(config.batchSize / chunk) }, (_, i) => i * chunk)
    const forChunks = async (name: PieceName, outputs: readonly [string, string]): Promise<TensorMap> => {
      const parts: TensorMap[] = []
      for (const start of starts) parts.push(await call(name, rowsFrom(train, start, chunk)))
      return Object.fromEntries(
        outputs.map((output) => [
          output,
          joinRows(
            parts.map((part) => part[output]!),
            config.batchSize,
          ),
        ]),
      )
    }
    const backward = async (gradients: TensorMap): Promise<void> => {
      for (const start of starts) {
        const seeds = rowsFrom({ dVideo: gradients['dVideo']!, dText: gradients['dText']! }, start, chunk, 'zeros')
        const keep = floatTensor([], [start === 0 ? 0 : 1])
        await call('backward', { ...rowsFrom(train, start, chunk), ...seeds, keep })
      }
    }
    const resting = sessions.has('restingLoss') && !movesWeights
    const embeddings = await forChunks('encode', ['video', 'text'])
    const losses = await call(resting ? 'restingLoss' : 'loss', { ...train, ...embeddings })
    let objective = losses
    let metaLoss: number | null = null
    await backward(objective)
    if (config.weights && !resting) {
      const { metaLoss: loss, ...metaGradient } = await call('meta', { ...meta, ...pick(objective, 'dScale') })
      metaLoss = float32Data(loss!)[0]!
      const { [`${metaGradientPrefix}log_scale`]: scaleTangent, ...directions } = metaGradient
      await writeResident(directions)
      const tangents = await forChunks('tangent', ['videoTangent', 'textTangent'])
      const moved = await call('weight', {
        ...train,
        ...embeddings,
        ...tangents,
        ...(scaleTangent && { scaleTangent }),
      })
      if (config.weightStep !== 'lagged') {
        objective = { ...losses, ...moved }
        await backward(objective)
      }
    }
    const { gradientNorm } = await call('update', pick(objective, 'dScale'))
    return {
      perSample: float32Data(losses['perSample']!),
      rawWeights: config.weights ? float32Data(objective['rawWeights']!) : null,
      trainLoss: float32Data(objective['trainLoss']!)[0]!,
      gradientNorm: float32Data(gradientNorm!)[0]!,
      metaLoss,
    }
  }
}

function pick(from: TensorMap, name: string): TensorMap {
  return from[name] === undefined ? {} : { [name]: from[name] }
}

function zerosFor(shapes: Readonly<Record<string, readonly number[]>>, prefix: string): TensorMap {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [prefix + name, floatTensor(shape, new Float32Array(sizeOf(shape)))]),
  )
}

/**
 * `count` rows of each tensor from `start` on. What is missing at the end is filled with copies of the first row, whose
 * embeddings nothing reads, or with zeros, which add nothing to a sum.
 */
function rowsFrom(tensors: TensorMap, start: number, count: number, filling: 'copies' | 'zeros' = 'copies'): TensorMap {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, value]) => {
      const [rows, ...rest] = value.shape as [number, ...number[]]
      const width = sizeOf(rest)
      const source = float32Data(value)
      const data = new Float32Array(count * width)
      data.set(source.subarray(start * width, Math.min(rows, start + count) * width))
      if (filling === 'copies') {
        for (let i = Math.max(0, rows - start); i < count; i++) data.set(source.subarray(0, width), i * width)
      }
      return [name, tensor('float32', [count, ...rest], data)]
    }),
  )
}

/** The first `count` rows of the parts, one after the other. */
function joinRows(parts: readonly Tensor[], count: number): Tensor {
  const rest = parts[0]!.shape.slice(1)
  const width = sizeOf(rest)
  const data = new Float32Array(count * width)
  let at = 0
  for (const part of parts) {
    const rows = float32Data(part).subarray(0, Math.min(part.data.length, data.length - at))
    data.set(rows, at)
    at += rows.length
  }
  return tensor('float32', [count, ...rest], data)
}

/** Checkpoints: read back as written, and refused in plain words when they cannot be. */
import { describe, expect, it } from 'vitest'
import { floatTensor } from '../../../main/base/index.ts'
import {
  checkpointEpoch,
  CheckpointProblem,
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from '../../../main/training/checkpoint.ts'
import { packTensors } from '../../../main/training/tensor-file.ts'

const checkpoint: Checkpoint = {
  state: { w: floatTensor([2], [1, -2]), 'adam.m.w': floatTensor([2], [0.5, 0]) },
  progress: {
    epoch: 4,
    recoveries: [{ epoch: 3, reason: 'the loss is NaN', learningRateFactor: 0.5 }],
  },
}

describe('a checkpoint', () => {
  it('is read back as it was written', () => {
    expect(readCheckpoint(writeCheckpoint(checkpoint))).toEqual(checkpoint)
    expect(checkpointEpoch(writeCheckpoint(checkpoint))).toBe(4)
  })

  it('of the first format, without a number and without steps back, is understood', () => {
    const { recoveries: _, ...progress } = checkpoint.progress
    const old = packTensors(checkpoint.state, progress)
    expect(readCheckpoint(old).progress).toEqual({ ...checkpoint.progress, recoveries: [] })
  })

  it('with any byte changed is refused', () => {
    const bytes = writeCheckpoint(checkpoint)
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = bytes.slice()
      changed[at]! ^= 0x10
      expect(() => readCheckpoint(changed), `byte ${at}`).toThrow(CheckpointProblem)
    }
  })

  it('cut short anywhere, or empty, is refused as damaged', () => {
    const bytes = writeCheckpoint(checkpoint)
    for (const length of [0, 1, 20, 60, bytes.length - 1]) {
      expect(() => readCheckpoint(bytes.slice(0, length))).toThrow(/^is damaged: /)
    }
  })

  it('of a newer format, or of something else, is refused', () => {
    const newer = packTensors(checkpoint.state, { ...checkpoint.progress, format: 4 })
    expect(() => readCheckpoint(newer)).toThrow('was written by a newer version of the app')
    expect(() => readCheckpoint(packTensors(checkpoint.state))).toThrow('does not say how far the run was')
  })
})

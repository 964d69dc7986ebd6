/** The engine tensorflow inside a worker thread: one backend, its sessions, and what they share. */
import { defined } from '../../base/index.ts'
import type { WorkerEngine, WorkerSession } from '../worker-session.ts'
import { loadTensorFlow, type LoadedTensorFlow, type TensorFlowBackend } from './backends.ts'
import { openTensorFlowSession, type TfResident } from './session.ts'

export type TensorFlowEngine = WorkerEngine & LoadedTensorFlow

/** @throws Error that says what is not installed, or does not start */
export async function createTensorFlowEngine(wanted?: TensorFlowBackend): Promise<TensorFlowEngine> {
  const loaded = await loadTensorFlow(wanted)
  const residents = new WeakMap<WorkerSession, TfResident>()
  return {
    ...loaded,
    async open(source, options, sharesWith) {
      const resident =
        sharesWith === undefined
          ? { tensors: new Map(), users: 0 }
          : defined(residents.get(sharesWith), 'the shared state')
      const session = await openTensorFlowSession(loaded.tf, source, options, resident)
      residents.set(session, resident)
      return session
    },
  }
}

/**
 * A trainer that knows devices: `auto` becomes the one that was measured fastest, and a device that does not load, fails
 * or runs out of memory gives the run to the processor, which goes on from the last checkpoint.
 */
import { AppError, type Device } from '../../contract/index.ts'
import type { DeviceChoice } from './devices.ts'
import type { Trainer } from './ports.ts'

/** @param choose asked when the request leaves the device open */
export function trainOnDevice(
  trainer: Trainer,
  choose: (signal: AbortSignal) => Promise<Pick<DeviceChoice, 'device' | 'reason'>>,
): Trainer {
  return {
    ...trainer,
    async train(request) {
      const chosen = request.device === 'auto' ? await choose(request.signal) : undefined
      if (chosen !== undefined) request.onNote?.(chosen.reason)
      const device = chosen?.device ?? request.device
      let { checkpoint } = request
      let epoch = checkpoint === undefined ? 0 : trainer.checkpointEpoch(checkpoint)
      try {
        const result = await trainer.train({
          ...{ ...request, device },
          onCheckpoint(bytes, after) {
            ;[checkpoint, epoch] = [bytes, after]
            request.onCheckpoint(bytes, after)
          },
        })
        return chosen === undefined ? result : { ...result, deviceReason: chosen.reason }
      } catch (error) {
        if (!isOfDevice(error, device, request.signal)) throw error
        const deviceReason = fallbackSentence(device, error, epoch)
        request.onNote?.(deviceReason)
        const result = await trainer.train({ ...request, device: 'cpu', checkpoint })
        return { ...result, deviceReason }
      }
    },
  }
}

/** Whether another device may do better. A run that was stopped, or whose numbers diverged, is no fault of its device. */
function isOfDevice(error: unknown, device: Device, signal: AbortSignal): error is AppError {
  if (device === 'cpu' || signal.aborted || !(error instanceof AppError)) return false
  return error.code === 'runtime.failed' || error.code === 'runtime.unavailable'
}

/** @param epoch that the last checkpoint was written after; 0 without one */
export function fallbackSentence(device: Device, error: AppError, epoch: number): string {
  const from = epoch === 0 ? 'from its start' : `from its checkpoint after epoch ${epoch}`
  const what = error.code === 'runtime.unavailable' ? 'is not available here' : 'stopped working'
  return `${device} ${what} (${clause(error)}), so the run went on ${from} on the processor.`
}

function clause({ params, message }: AppError): string {
  const reason = typeof params['reason'] === 'string' ? params['reason'] : message.replace(/^The graph "[^"]*" /, '')
  const short = reason.length <= 160 ? reason : `${reason.slice(0, 159)}…`
  return short.replace(/[.\s]+$/, '')
}

/** English sentences around measuring the speed of this computer again. */
import { count } from './en-numbers.ts'

export const enMeasure = {
  again: 'Measure again',
  againOf: (name: string) => `Measure again: ${name}`,
  stop: 'Stop measuring',
  running: (tried: number) => (tried === 0 ? 'Measuring…' : `Measuring… ${count(tried, 'way', 'ways')} tried`),
  stopped: 'Stopped. What was measured before is kept.',
  encoder: (rate: string, batch: number, threads: number) =>
    `${rate} pictures a second, ${count(batch, 'picture', 'pictures')} at a time on ${count(threads, 'thread', 'threads')}.`,
  before: (rate: string) => `Before: ${rate}.`,
  busy: 'The computer was busy with other work when this was measured. Measure again when it is quiet.',
  devices: 'Speed of the devices',
  devicesText: 'How long a training step takes on each. Automatic takes the fastest.',
  devicesMeasure: 'Measure the devices',
  step: (milliseconds: string) => `${milliseconds} ms a step`,
  deviceFailed: 'failed when it was measured',
  fastest: 'fastest',
}

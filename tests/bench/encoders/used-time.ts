/** What a piece of work takes: seconds, and seconds of the processor in this process and in those that it waited for. */
import { readFileSync } from 'node:fs'

/** Ticks a second of the times in /proc: 100 on every Linux that is in use. */
const ticksASecond = 100

/** Null where the system does not tell what ended processes used. */
function processorSeconds(): number | null {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')
    // utime, stime, cutime, cstime are fields 14 to 17 of the line.
    return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0) / ticksASecond
  } catch {
    return null
  }
}

export async function usedTime<T>(
  work: () => Promise<T>,
): Promise<{ result: T; seconds: number; cpuSeconds: number | null }> {
  const cpuBefore = processorSeconds()
  const startedMs = performance.now()
  const result = await work()
  const seconds = (performance.now() - startedMs) / 1000
  const cpuAfter = processorSeconds()
  return { result, seconds, cpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore }
}

/** Runs ffmpeg and ffprobe as child processes: argument arrays, a limit on silence, on output and on messages, and abort. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { AppError } from '../contract/index.ts'

export type ToolOptions = {
  signal?: AbortSignal | undefined
  /** The process is killed when it says nothing for this long while we wait for it. */
  silenceTimeoutMs: number
  /** The process is killed when it writes more than this to stdout. */
  maxOutputBytes: number
  /** Further file descriptors (3, 4, ... without a gap) that the process writes to; they count as output. */
  extraOutputs?: readonly number[]
  /** Gets stderr line by line, whole; without it the first 64 KB are kept for the outcome. */
  onStderrLine?: (line: string) => void
  /** An open file that gets stderr instead; then there is none for `onStderrLine` and the outcome. */
  stderrDescriptor?: number | undefined
  /** Chunks for stdin; none closes stdin at once. */
  input?: Iterable<Uint8Array> | AsyncIterable<Uint8Array> | undefined
}

export type ToolOutcome = {
  /** Exit code; null when the process was killed. */
  code: number | null
  stderr: string
  /** Why we killed it, if we did. */
  stopped?: 'timedOut' | 'tooMuchOutput'
}

export type ToolRun = {
  /** What the process writes, in order. Stopping early kills the process. */
  output: AsyncIterable<Buffer>
  /** What arrived on each of `extraOutputs`; complete once `outcome` has settled. */
  extra: Buffer[][]
  /** Settles when the process has gone; rejects with the abort reason, or `media.toolMissing`. */
  outcome: Promise<ToolOutcome>
}

const maxStderrBytes = 64 * 1024

/**
 * Starts a tool. `output` must be read to its end (or left early) for `outcome` to settle.
 * The silence limit counts only while the reader waits, so a slow reader never gets a process killed.
 */
export function startTool(command: string, args: readonly string[], options: ToolOptions): ToolRun {
  options.signal?.throwIfAborted()
  const extraOutputs = options.extraOutputs ?? []
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', options.stderrDescriptor ?? 'pipe', ...extraOutputs.map(() => 'pipe' as const)],
    windowsHide: true,
  })
  const stdin = child.stdin as Writable
  const stdout = child.stdout as Readable
  const stderr = child.stderr
  const messages: Buffer[] = []
  let messageBytes = 0
  let stopped: ToolOutcome['stopped']
  const kill = (): void => void child.kill('SIGKILL')

  // Not the `signal` option of spawn: that one sends SIGTERM, which a hung decoder may ignore.
  options.signal?.addEventListener('abort', kill, { once: true })
  if (options.onStderrLine && stderr)
    createInterface({ input: stderr, crlfDelay: Infinity }).on('line', options.onStderrLine)
  else {
    stderr?.on('data', (chunk: Buffer) => {
      if (messageBytes >= maxStderrBytes) return
      messages.push(chunk)
      messageBytes += chunk.length
    })
  }
  let outputBytes = 0
  let silence: NodeJS.Timeout | undefined
  const count = (chunk: Buffer): void => {
    outputBytes += chunk.length
    silence?.refresh()
    if (outputBytes <= options.maxOutputBytes) return
    stopped ??= 'tooMuchOutput'
    kill()
  }
  const extra = extraOutputs.map((descriptor) => {
    const chunks: Buffer[] = []
    const stream = child.stdio[descriptor as 3] as unknown as Readable
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      count(chunk)
    })
    stream.on('error', () => {}) // the exit code tells
    return chunks
  })
  // The tool may close stdin early (a broken file): its exit code tells, not the EPIPE.
  stdin.on('error', () => {})
  void feed(stdin, options.input ?? [])

  const outcome = new Promise<ToolOutcome>((resolve, reject) => {
    child.on('error', (cause) => {
      options.signal?.removeEventListener('abort', kill)
      reject(
        new AppError(
          'media.toolMissing',
          `${command} could not be started. Install ffmpeg and try again.`,
          { command },
          { cause },
        ),
      )
    })
    child.on('close', (code) => {
      options.signal?.removeEventListener('abort', kill)
      if (options.signal?.aborted) return reject(options.signal.reason as Error)
      const said = Buffer.concat(messages).toString('utf8')
      resolve(stopped ? { code: null, stderr: said, stopped } : { code, stderr: said })
    })
  })
  outcome.catch(() => {}) // the reader of `output` may stop first; whoever awaits `outcome` still sees the error

  async function* read(): AsyncGenerator<Buffer> {
    const iterator = stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    try {
      for (;;) {
        silence = setTimeout(() => {
          stopped ??= 'timedOut'
          kill()
        }, options.silenceTimeoutMs)
        const next = await iterator.next().finally(() => clearTimeout(silence))
        if (next.done === true) return
        count(next.value)
        if (stopped) return
        yield next.value
      }
    } finally {
      // At the natural end the process is about to exit by itself; killing then would spoil its exit code.
      if (!stdout.readableEnded) {
        kill()
        stdout.destroy() // unread data would keep it, and so the process, from closing
      }
    }
  }
  return { output: read(), extra, outcome }
}

/** Runs a tool to its end and collects what it wrote. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolOutcome & { stdout: Buffer }> {
  const run = startTool(command, args, options)
  const chunks: Buffer[] = []
  for await (const chunk of run.output) chunks.push(chunk)
  return { ...(await run.outcome), stdout: Buffer.concat(chunks) }
}

async function feed(
  stdin: NodeJS.WritableStream,
  input: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    for await (const chunk of input) {
      if (!stdin.writable) return
      if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')])
    }
  } catch {
    // A failed write or source ends the input; the tool then reports what it misses.
  } finally {
    stdin.end()
  }
}

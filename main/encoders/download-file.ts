/**
 * Downloads one file whose size and hash are known. What arrived before a cut stays and is gone on from; the file gets its
 * name only once its bytes have been checked.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../contract/index.ts'
import type { FileHash, HubFile } from './hub-listing.ts'
import { expectStatus, NetworkProblem, type HttpClient } from './http-client.ts'

export type DownloadOptions = {
  readonly http: HttpClient
  readonly url: string
  readonly file: HubFile
  /** Full path. */
  readonly target: string
  readonly signal: AbortSignal
  /** Bytes of this file that are there. */
  readonly onBytes?: ((done: number) => void) | undefined
  /** Waits before a new try; rejects when the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** Tries without a single new byte before it is given up. */
const mostTries = 5
const firstWaitMs = 500

/** @throws NetworkProblem; AppError `disk.full`; the abort reason, with what arrived kept */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  const { file, target, signal } = options
  await mkdir(dirname(target), { recursive: true })
  if ((await sizeOf(target)) === file.sizeBytes) return options.onBytes?.(file.sizeBytes)
  const partial = `${target}.part`
  for (let spoilt = 0; ; spoilt++) {
    await fetchAll(options, partial)
    if ((await hashOf(partial, file, signal)) === file.hash.hex) break
    // Going on from wrong bytes would never end well.
    await rm(partial, { force: true })
    if (spoilt === 1) throw new NetworkProblem(`${file.path} arrived twice with other bytes than the hub lists`)
  }
  await rename(partial, target)
}

async function fetchAll(options: DownloadOptions, partial: string): Promise<void> {
  const { file, signal, wait } = options
  for (let tries = 0; ;) {
    const before = await sizeOf(partial)
    if (before === file.sizeBytes) return
    if (before > file.sizeBytes) await rm(partial)
    try {
      await fetchRest(options, partial, before > file.sizeBytes ? 0 : before)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof NetworkProblem) || !error.isTemporary) throw error
      tries = (await sizeOf(partial)) > before ? 0 : tries + 1
      if (tries >= mostTries) throw error
      await wait(firstWaitMs * 2 ** tries, signal)
    }
  }
}

async function fetchRest(
  { http, url, file, signal, onBytes }: DownloadOptions,
  partial: string,
  from: number,
): Promise<void> {
  // Compressed on the way, bytes could not be counted.
  const headers = { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}) }
  const response = await http.get(url, { signal, headers })
  if (response.status === 416) {
    await response.body?.cancel()
    await rm(partial, { force: true })
    throw new NetworkProblem(`${file.path} could not be gone on from`, { isTemporary: true })
  }
  await expectStatus(response, file.path, 200, 206)
  // A server that does not know ranges sends all from the beginning.
  const start = response.status === 206 ? rangeStart(response.headers.get('content-range')) : 0
  if (start !== from && start !== 0) {
    await response.body?.cancel()
    throw new NetworkProblem(`the answer for ${file.path} begins at byte ${start} instead of ${from}`)
  }
  const handle = await open(partial, start === 0 ? 'w' : 'a')
  let done = start
  try {
    for await (const piece of response.body ?? []) {
      const bytes = piece as Uint8Array
      if (done + bytes.length > file.sizeBytes) {
        throw new NetworkProblem(`${file.path} is longer than the ${file.sizeBytes} bytes that the hub lists`)
      }
      await handle.write(bytes)
      done += bytes.length
      onBytes?.(done)
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof NetworkProblem) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new AppError(
        'disk.full',
        `The disk of ${partial} is full. Make room and try again.`,
        { path: partial },
        { cause: error },
      )
    }
    throw new NetworkProblem(`the connection was cut in ${file.path}`, { cause: error, isTemporary: true })
  } finally {
    await handle.close()
  }
  if (done < file.sizeBytes) {
    throw new NetworkProblem(`${file.path} ended after ${done} of ${file.sizeBytes} bytes`, { isTemporary: true })
  }
}

function rangeStart(header: string | null): number {
  const start = /^bytes (\d+)-/.exec(header ?? '')?.[1]
  return start === undefined ? -1 : Number(start)
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0
}

async function hashOf(path: string, { hash, sizeBytes }: HubFile, signal: AbortSignal): Promise<string> {
  const digest = begin(hash, sizeBytes)
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20, signal }))
    digest.update(piece as Uint8Array)
  return digest.digest('hex')
}

/** Git names a file by its kind and size before its bytes. */
function begin({ kind }: FileHash, sizeBytes: number): Hash {
  return kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${sizeBytes}\0`)
}

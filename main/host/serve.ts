/**
 * The app on the loopback address, for this computer only: the contract, media by id, and the built window. The parts
 * are in http-*.ts; this file puts them together.
 */
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError, type Client } from '../contract/index.ts'
import type { MediaFiles } from '../services.ts'
import { mediaRoute, windowRoute } from './http-answer.ts'
import { rpcRoute } from './http-rpc.ts'
import { startHttpServer, type Route, type RunningServer } from './http-server.ts'
import { uploadRoute } from './http-upload.ts'

export type { RunningServer } from './http-server.ts'

export type ServeOptions = {
  /** 0 takes a free port. */
  readonly port: number
  readonly token: string
  /** Largest request of a procedure: a dropped picture or table is in it. Default 64 MiB. */
  readonly maxBodyBytes?: number
  /** Largest file that a browser may hand over. Default 64 GiB. */
  readonly maxUploadBytes?: number
  /** Without them only procedures are served. */
  readonly mediaFiles?: MediaFiles
  /** Folder of the built window. Default `out/renderer`. */
  readonly windowDir?: string
}

const builtWindow = fileURLToPath(new URL('../../out/renderer', import.meta.url))

export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * The token that whoever starts the engine has chosen, so that an engine that is started again knows the windows that
 * are open; without one, a new token.
 *
 * @throws AppError `usage` when it is short enough to guess
 */
export function chooseToken(given: string | undefined): string {
  if (given === undefined || given === '') return createToken()
  if (/^[\w-]{43,200}$/.test(given)) return given
  throw new AppError(
    'usage',
    'MAMA_SERVE_TOKEN must have 43 to 200 letters, digits, - or _; leave it out for a new one.',
  )
}

/** The address to open in a browser: it carries the token, which the page then keeps as a cookie. */
export function addressOf({ url }: RunningServer, token: string): string {
  return `${url}?token=${token}`
}

/** Starts to listen on 127.0.0.1. @throws AppError `usage` when the port is taken */
export async function startServer(client: Client, options: ServeOptions): Promise<RunningServer> {
  const { port, token, mediaFiles, maxBodyBytes = 64 * 2 ** 20, maxUploadBytes = 64 * 2 ** 30 } = options
  const routes: Route[] = [
    rpcRoute(client, { maxBodyBytes }),
    ...(mediaFiles === undefined
      ? []
      : [mediaRoute(mediaFiles), uploadRoute(mediaFiles, { maxBytes: maxUploadBytes })]),
    windowRoute(resolve(options.windowDir ?? builtWindow)),
  ]
  return startHttpServer({ port, token, routes })
}

/** The two ways in which the engine and the media process are connected. */
import { fork } from 'node:child_process'
import type { FromHost, ToHost } from './media-protocol.ts'
import type { MediaOptions } from './media.ts'

/** The engine's end of a media process that has been started. */
export type MediaLink = {
  /** Never throws: a process that has just ended says so through `onGone`. */
  send(message: ToHost): void
  onMessage(listener: (message: FromHost) => void): void
  /** @param listener gets the reason as a sentence, once */
  onGone(listener: (reason: string) => void): void
  /** Whether waiting for the process keeps the engine alive. */
  hold(isHeld: boolean): void
  close(): void
}

export type StartMediaHost = (options: MediaOptions) => MediaLink

/** The media process's end. */
export type EngineLink = {
  send(message: FromHost): void
  onMessage(listener: (message: ToHost) => void): void
  onGone(listener: () => void): void
}

/** A child process of plain Node. Electron refuses those (fuse `runAsNode`), so the desktop app brings its own. */
export const forkMediaHost: StartMediaHost = (options) => {
  const here = import.meta.url
  const fromSource = here.endsWith('.ts')
  const child = fork(new URL(fromSource ? './media-host.ts' : './media-host.js', here), [JSON.stringify(options)], {
    serialization: 'advanced',
    execArgv: fromSource ? ['--import', new URL('../typescript-loader.mjs', here).href] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.unref()
  child.channel?.unref()
  return {
    send: (message) => void (child.connected && child.send(message, () => {})),
    onMessage: (listener) => void child.on('message', listener),
    onGone(listener) {
      child.on('error', (error) => listener(`The media process could not be started: ${error.message}`))
      child.on('exit', (code, signal) => listener(`The media process ended (${signal ?? `code ${code}`}).`))
    },
    hold: (isHeld) => (isHeld ? child.channel?.ref() : child.channel?.unref()),
    close: () => void (child.connected && child.disconnect()),
  }
}

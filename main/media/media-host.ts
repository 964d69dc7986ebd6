/** Entry of the media process under plain Node: a child of the engine, connected by Node's own channel. */
import type { MediaOptions } from './media.ts'
import type { ToHost } from './media-protocol.ts'
import { serveMedia } from './serve-media.ts'

serveMedia(
  {
    send: (message) => void (process.connected && process.send?.(message)),
    onMessage: (listener) => void process.on('message', (message) => listener(message as ToHost)),
    onGone: (listener) => void process.on('disconnect', listener),
  },
  JSON.parse(process.argv[2] ?? '{}') as MediaOptions,
  () => process.exit(0),
)

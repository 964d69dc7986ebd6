/** Entry of the media process in the desktop app: an Electron utility process that serves the engine over a port. */
import { serveMedia, type ToHost } from '../main/media/index.ts'

const options = JSON.parse(process.argv.at(-1) ?? '{}') as Parameters<typeof serveMedia>[1]

process.parentPort.once('message', ({ ports: [port] }) => {
  if (port === undefined) process.exit(1)
  serveMedia(
    {
      send: (message) => port.postMessage(message),
      onMessage: (listener) => void port.on('message', ({ data }) => listener(data as ToHost)),
      onGone: (listener) => void port.on('close', listener),
    },
    options,
    () => process.exit(0),
  )
  port.start()
})

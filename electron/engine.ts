/**
 * Entry of the engine's process, an Electron utility process: everything of main/, served over messages. It imports
 * nothing of Electron; `process.parentPort` is the channel to the process that started it.
 */
import { createLocalTransport, createMessageServer, failureOf } from '../main/contract/index.ts'
import { mediaFinder } from '../main/files/index.ts'
import { createEngineServices, probeInThread } from '../main/services.ts'
import { engineOptionsSchema, toEngineSchema, type FromEngine, type ToEngine } from './engine-messages.ts'
import { guardNetwork } from './no-network.ts'
import { createMediaLinks } from './utility-media-link.ts'

const parent = process.parentPort
const post = (message: FromEngine): void => parent.postMessage(message)
const network = guardNetwork()
const media = createMediaLinks(parent)
let endpointKeys: Extract<ToEngine, { kind: 'endpointKeys' }> = { kind: 'endpointKeys', from: 'session', keys: {} }
const services = createEngineServices({
  ...engineOptionsSchema.parse(JSON.parse(process.argv.at(-1) ?? '')),
  now: Date.now,
  newId: () => crypto.randomUUID(),
  startMediaHost: media.start,
  endpointKey(origin) {
    const { from, keys } = endpointKeys
    const key = Object.hasOwn(keys, origin) ? keys[origin] : undefined
    return key === undefined ? null : { key, from }
  },
  // Electron refuses to be started as plain Node; what drivers print goes to the log of this process.
  probeProviders: probeInThread,
})
const server = createMessageServer(createLocalTransport(services.handlers), post, failureOf)
const find = mediaFinder(services.mediaFiles)

parent.on('message', ({ data, ports }) => {
  const parsed = toEngineSchema.safeParse(data)
  if (!parsed.success) return server.receive(data) // answers what it can
  const message = parsed.data
  if (message.kind === 'networking') network.setAllowed(message.isAllowed)
  else if (message.kind === 'endpointKeys') {
    endpointKeys = message
    services.settingsChanged()
  } else if (message.kind === 'mediaPort') ports.forEach((port) => media.take(message.id, port))
  else if (message.kind === 'close') void services.close().finally(() => process.exit(0))
  else if (message.kind === 'findMedia') {
    const { id, what, mediaId } = message
    find(what, mediaId, new AbortController().signal).then(
      (found) => post({ kind: 'mediaFound', id, found }),
      () => post({ kind: 'mediaFound', id, found: null }),
    )
  } else server.receive(message)
})

post({ kind: 'ready' })

/**
 * Preloaded in a child process that stands for one of Electron's utility processes: gives it `process.parentPort` and ports,
 * over Node's own channel. Plain JavaScript, because the child runs a bundle without a loader.
 */
import { EventEmitter } from 'node:events'

/** @typedef {{ data: unknown, ports: Port[] }} Event */

/** Holds messages back until somebody listens, as the real ports do. */
class Port extends EventEmitter {
  /** @type {Event[]} */
  #waiting = []
  #isStarted = false
  /** @type {number | undefined} */
  #number

  /** @param {number} [number] none: the port to the parent */
  constructor(number) {
    super()
    this.#number = number
  }

  /** @param {Event} event */
  receive(event) {
    if (this.#isStarted) this.emit('message', event)
    else this.#waiting.push(event)
  }

  start() {
    this.#isStarted = true
    for (const event of this.#waiting.splice(0)) this.emit('message', event)
  }

  /** @param {unknown} data */
  postMessage(data) {
    process.send?.(this.#number === undefined ? { data } : { port: this.#number, data })
  }

  close() {
    process.send?.({ closed: this.#number })
  }
}

/** @type {Map<number, Port>} */
const ports = new Map()
const parentPort = new Port()
// The port to the parent starts with its first listener, the others when they are told to.
parentPort.on('newListener', (name) => name === 'message' && setImmediate(() => parentPort.start()))

/** @param {number} number */
function openPort(number) {
  const port = new Port(number)
  ports.set(number, port)
  return port
}

process.on('message', (/** @type {{ closed?: number, port?: number, ports?: number[], data: unknown }} */ message) => {
  if (message.closed !== undefined) ports.get(message.closed)?.emit('close')
  else if (message.port !== undefined) ports.get(message.port)?.receive({ data: message.data, ports: [] })
  else parentPort.receive({ data: message.data, ports: (message.ports ?? []).map(openPort) })
})
// A utility process does not outlive the app.
process.on('disconnect', () => process.exit(0))
Object.assign(process, { parentPort })

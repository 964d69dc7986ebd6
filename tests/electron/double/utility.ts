/** The double of utility processes and of channels between them: real child processes, messages routed through here. */
import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

type ForkOptions = { serviceName?: string; stdio?: readonly string[] }
type Home = { readonly process: UtilityProcessDouble; readonly number: number }

/** One end of a channel; delivers to wherever the other end has been handed. */
export class PortDouble {
  peer: PortDouble | undefined
  #home: Home | undefined
  #waiting: unknown[] = []

  settle(home: Home): void {
    this.#home = home
    for (const data of this.#waiting.splice(0)) this.deliver(data)
  }

  deliver(data: unknown): void {
    if (this.#home === undefined) this.#waiting.push(data)
    else this.#home.process.send({ port: this.#home.number, data })
  }

  closed(): void {
    if (this.#home !== undefined) this.#home.process.send({ closed: this.#home.number })
  }
}

export class MessageChannelMain {
  readonly port1 = new PortDouble()
  readonly port2 = new PortDouble()

  constructor() {
    this.port1.peer = this.port2
    this.port2.peer = this.port1
  }
}

export class UtilityProcessDouble extends EventEmitter {
  readonly name: string
  readonly child: ChildProcess
  readonly #ends = new Map<number, PortDouble>()
  #nextPort = 1

  constructor(entry: string, args: readonly string[], { serviceName = '', stdio }: ForkOptions = {}) {
    super()
    this.name = serviceName
    this.child = fork(entry, [...args], {
      serialization: 'advanced',
      execArgv: ['--import', join(import.meta.dirname, 'utility-child.mjs')],
      stdio: ['ignore', 'inherit', stdio?.[2] === 'pipe' ? 'pipe' : 'inherit', 'ipc'],
    })
    this.child.on('message', (message: { data: unknown; port?: number; closed?: number }) => {
      if (message.closed !== undefined) this.#ends.get(message.closed)?.peer?.closed()
      else if (message.port !== undefined) this.#ends.get(message.port)?.peer?.deliver(message.data)
      else this.emit('message', message.data)
    })
    this.child.on('spawn', () => this.emit('spawn'))
    this.child.on('exit', (code) => {
      for (const end of this.#ends.values()) end.peer?.closed()
      this.emit('exit', code ?? 1)
    })
  }

  get stderr(): Readable | null {
    return this.child.stderr
  }

  get pid(): number | undefined {
    return this.child.pid
  }

  send(message: unknown): void {
    if (this.child.connected) this.child.send(message as object, () => {})
  }

  postMessage(data: unknown, ports: readonly PortDouble[] = []): void {
    const numbers = ports.map((port) => {
      const number = this.#nextPort++
      this.#ends.set(number, port)
      return number
    })
    this.send({ data, ports: numbers })
    for (const [i, port] of ports.entries()) port.settle({ process: this, number: numbers[i] ?? 0 })
  }

  kill(): boolean {
    return this.child.kill()
  }
}

/** All that were started, in order, the ended ones too. */
export const utilities: UtilityProcessDouble[] = []

export const utilityProcess = {
  fork(entry: string, args: readonly string[] = [], options: ForkOptions = {}): UtilityProcessDouble {
    const started = new UtilityProcessDouble(entry, args, options)
    utilities.push(started)
    return started
  },
}

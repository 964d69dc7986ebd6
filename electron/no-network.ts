/** Keeps this process off the network until it is allowed: the last line of defence under every library that it loads. */
import { Socket as DatagramSocket } from 'node:dgram'
import { Socket } from 'node:net'

const sentence = 'Networking is off. Allow it in the settings first.'

/** Every connection of Node (http, tls, fetch) is made by `Socket.connect`; names are looked up after it. */
export function guardNetwork(): { setAllowed(isAllowed: boolean): void } {
  let isAllowed = false
  const refuse = (): never => {
    throw new Error(sentence)
  }
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    if (isAllowed) return connect.apply(this, args)
    // As a failed connection looks, so that every library reports it as one.
    process.nextTick(() => this.destroy(new Error(sentence)))
    return this
  }
  const send = DatagramSocket.prototype.send as (this: DatagramSocket, ...args: unknown[]) => void
  DatagramSocket.prototype.send = function (this: DatagramSocket, ...args: unknown[]) {
    return isAllowed ? send.apply(this, args) : refuse()
  } as typeof DatagramSocket.prototype.send
  return { setAllowed: (allowed) => void (isAllowed = allowed) }
}

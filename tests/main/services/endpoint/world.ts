/** The tiny world of the services beside a vision model on the loopback address; pictures are small JPEGs by name. */
import { createHttpClient } from '../../../../main/encoders/index.ts'
import type { EndpointOutside } from '../../../../main/services/endpoint/ports.ts'
import { createSender } from '../../../../main/services/endpoint/sender.ts'
import { probeChat } from '../../../../main/services/endpoint/probe.ts'
import type { ServiceParts } from '../../../../main/services.ts'
import { createWorld, type World } from '../colour-world.ts'

export const jpeg = (probeChat.parts.find((part) => 'jpeg' in part) as { jpeg: Uint8Array }).jpeg

/** Short, so that servers that hang are given up soon. */
const silenceMs = 400

export type EndpointOutsideDouble = EndpointOutside & {
  /** Milliseconds that were waited; none of them passes. */
  readonly waits: number[]
  /** Pictures that were made. */
  readonly pictured: string[]
  key: string | null
  close(): Promise<void>
}

export function realSender(): EndpointOutsideDouble {
  const client = createHttpClient({}, silenceMs)
  const double: EndpointOutsideDouble = {
    waits: [],
    pictured: [],
    key: null,
    send: createSender(() => client, { mostBytes: 100_000, deadlineMs: 1500 }),
    keyFor: () => (double.key === null ? null : { key: double.key, from: 'environment' }),
    pictures: {
      async frame(path, seconds, longSide) {
        double.pictured.push(`${path.split('/').at(-1)} ${seconds.toFixed(2)} ${longSide}`)
        return jpeg
      },
      async grid(path, { start, end, rows, columns }) {
        double.pictured.push(`${path.split('/').at(-1)} ${start}-${end} ${rows}x${columns}`)
        return jpeg
      },
    },
    async wait(milliseconds, signal) {
      signal.throwIfAborted()
      double.waits.push(milliseconds)
    },
    close: () => client.close(),
  }
  return double
}

/** Two videos with three shots, of which one is described in a table; networking and the endpoint are on. */
export async function endpointWorld(
  address: string,
  outside: EndpointOutsideDouble,
  changes: Partial<ServiceParts> = {},
): Promise<World> {
  const world = createWorld({ endpoint: outside, ...changes })
  world.file('videos/boots.mp4', 'red 0-2, blue 2-4')
  world.file('videos/coat.mp4', 'green 0-3')
  const { client } = world
  await client.import({ paths: [`${world.dir}/videos`] })
  await client.describe({ file: world.file('texts.csv', 'file,description\ncoat.mp4,green coat\n') })
  await client.changeSettings({ networking: true })
  await client.changeEndpoint({ isOn: true, address })
  return world
}

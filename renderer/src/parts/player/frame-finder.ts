/** Finds the frame before or after a place; the times around it are asked for once and kept while they are of use. */
import type { Client } from '../../../../main/contract/index.ts'
import { insideFrame, neighbourFrame } from './frame-steps.ts'

/** How much is asked for on each side of the place, seconds. */
const reachSeconds = 5
/** A place this near to the end of what is known may have its neighbour beyond it. */
const marginSeconds = 0.5

type Known = {
  readonly video: string
  /** Beyond every frame where the video itself ends there. */
  readonly from: number
  readonly to: number
  readonly times: readonly number[]
}

export class FrameFinder {
  #known: Known | undefined
  readonly #client: Pick<Client, 'frameTimes'>

  constructor(client: Pick<Client, 'frameTimes'>) {
    this.#client = client
  }

  /**
   * @param now where the player stands, seconds
   * @param duration of the video, seconds
   * @returns where the player has to go to show the frame; null at the end of the video
   */
  async neighbour(video: string, now: number, direction: 1 | -1, duration: number): Promise<number | null> {
    const { times } = await this.#around(video, now, duration)
    const next = neighbourFrame(times, now, direction)
    return next === null ? null : insideFrame(times, next)
  }

  async #around(video: string, now: number, duration: number): Promise<Known> {
    const known = this.#known
    if (known?.video === video && now >= known.from + marginSeconds && now <= known.to - marginSeconds) return known
    const start = Math.max(0, now - reachSeconds)
    const end = now + reachSeconds
    const { times } = await this.#client.frameTimes({ video, start, end })
    this.#known = { video, from: start === 0 ? -1 : start, to: end >= duration ? Infinity : end, times }
    return this.#known
  }
}

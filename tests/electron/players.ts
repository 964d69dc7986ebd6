/** Two players in one page, each sought to a place of its own: what custom schemes have broken before. */
import type { Page } from 'playwright'

type Player = {
  src: string
  muted: boolean
  currentTime: number
  duration: number
  onloadedmetadata: () => void
  onseeked: () => void
  onerror: () => void
}

/** Where each stands after it was sought to its middle, as a share of its length. */
export function seekToMiddle(page: Page, addresses: readonly string[]): Promise<number[]> {
  return page.evaluate((all) => {
    const { document } = globalThis as unknown as { document: { createElement(name: 'video'): Player } }
    const seek = (address: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const player = document.createElement('video')
        player.muted = true
        player.onloadedmetadata = () => (player.currentTime = player.duration / 2)
        player.onseeked = () => resolve(player.currentTime / player.duration)
        player.onerror = () => reject(new Error(`cannot play ${address}`))
        player.src = address
      })
    return Promise.all(all.map(seek))
  }, addresses)
}

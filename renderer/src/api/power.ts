/** Whether this computer runs on its battery, as far as the browser tells (Chromium does, others do not). */

type Battery = EventTarget & { readonly charging: boolean }

/**
 * Tells now and at each change. Without a battery the browser says that it charges, which is as good as mains.
 *
 * @returns stops it
 */
export function watchBattery(navigator: object, tell: (onBattery: boolean) => void): () => void {
  const stop = new AbortController()
  const { getBattery } = navigator as { getBattery?: () => Promise<Battery> }
  getBattery
    ?.call(navigator)
    .then((battery) => {
      if (stop.signal.aborted) return
      const report = (): void => tell(!battery.charging)
      battery.addEventListener('chargingchange', report, { signal: stop.signal })
      report()
    })
    .catch(() => {}) // the page may not ask: as on a browser that cannot tell
  return () => stop.abort()
}

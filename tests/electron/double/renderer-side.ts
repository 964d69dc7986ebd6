/** The double of `electron` as a preload script sees it, as a script that runs in the page before anything else. */

/** @param preload the bundled script, CommonJS */
export function preloadScript(preload: string): string {
  return `
    if (window === window.top && !location.href.startsWith('about:')) {
      const listeners = new Map()
      window.__fromShell = (channel, message) => {
        for (const listener of listeners.get(channel) ?? []) listener({}, message)
      }
      // Functions pass by reference, files as they are, everything else is copied: as between Electron's two worlds.
      const cross = (value) => (typeof value === 'function' || value instanceof File ? value : structuredClone(value))
      const electron = {
        ipcRenderer: {
          send: (channel, message) => window.__toShell(channel, structuredClone(message)),
          on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
          removeAllListeners: (channel) => listeners.delete(channel),
        },
        webUtils: { getPathForFile: (file) => window.__paths?.[file.name] ?? '' },
        contextBridge: {
          exposeInMainWorld(name, api) {
            const bridged = Object.fromEntries(
              Object.entries(api).map(([key, method]) => [key, (...args) => cross(method(...args.map(cross)))]),
            )
            Object.defineProperty(window, name, { value: Object.freeze(bridged) })
          },
        },
      }
      ;((require, module, exports) => {${preload}
      })((name) => { if (name !== 'electron') throw new Error('no module ' + name); return electron }, {}, {})
    }`
}

/** Bundles the window (renderer/) into out/renderer, from where `mama serve` and the desktop app hand it out. */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

export default defineConfig({
  root: 'renderer',
  base: './',
  plugins: [svelte({ configFile: false })],
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    // The content security policy forbids inline scripts, so the preload helper has to stay out of the page.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
})

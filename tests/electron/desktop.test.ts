/**
 * The desktop app's own main process, preload script, engine and window, over the double of Electron: the window in a real
 * Chromium, the engine and the media process as real processes from the bundles that are shipped. One start for all of it:
 * the subjects in desktop/ go on from each other.
 */
import { afterAll, beforeAll, describe, vi } from 'vitest'
import { findChromium, skipReason } from '../e2e/window.ts'
import { endApp, long, startApp } from './desktop/app.ts'
import { guardedDoor } from './desktop/door.ts'
import { failingEngine } from './desktop/failing-engine.ts'
import { firstUse } from './desktop/first-use.ts'
import { longWork } from './desktop/long-work.ts'
import { menusAndDrags } from './desktop/menus-and-drags.ts'
import { recovery } from './desktop/recovery.ts'
import { whatStays } from './desktop/what-stays.ts'

const chromium = findChromium()
if (chromium === null) console.log(`tests/electron/desktop.test.ts ${skipReason}`)
vi.setConfig({ testTimeout: long })

describe.skipIf(chromium === null)('the desktop app', () => {
  beforeAll(startApp, long)
  afterAll(endApp, long)

  describe('at its first use', firstUse)
  describe('at its door', guardedDoor)
  describe('in menus and drags', menusAndDrags)
  describe('during long work', longWork)
  describe('after an accident', recovery)
  describe('with an engine that fails', failingEngine)
  describe('in what stays', whatStays)
})

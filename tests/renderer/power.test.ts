/** Whether the computer runs on its battery, from a browser that tells and from one that does not. */
import { expect, test } from 'vitest'
import { watchBattery } from '../../renderer/src/api/power.ts'

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('the battery is told at once and at each change, until it is stopped', async () => {
  const battery = Object.assign(new EventTarget(), { charging: false })
  const told: boolean[] = []
  const stop = watchBattery({ getBattery: async () => battery }, (onBattery) => told.push(onBattery))
  await soon()
  expect(told).toEqual([true])
  battery.charging = true
  battery.dispatchEvent(new Event('chargingchange'))
  expect(told).toEqual([true, false])
  stop()
  battery.dispatchEvent(new Event('chargingchange'))
  expect(told).toEqual([true, false])
})

test('a browser that cannot or may not tell is as good as mains: nothing is told', async () => {
  const told: boolean[] = []
  watchBattery({}, (onBattery) => told.push(onBattery))
  watchBattery({ getBattery: () => Promise.reject(new Error('not allowed')) }, (on) => told.push(on))
  await soon()
  expect(told).toEqual([])
})

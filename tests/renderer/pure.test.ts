/** The window's own rules, without a browser: keys, frames, grids, scales, formats, highlights, languages. */
import { describe, expect, it } from 'vitest'
import { domainOf, linearScale, ticks } from '../../renderer/src/charts/scale.ts'
import { createFormats } from '../../renderer/src/i18n/format.ts'
import { languageFor } from '../../renderer/src/i18n/index.ts'
import { insideFrame, neighbourFrame } from '../../renderer/src/parts/player/frame-steps.ts'
import { cellsOnShow, shapeOf } from '../../renderer/src/parts/grid-window.ts'
import { lineageOf } from '../../renderer/src/screens/models/lineage.ts'
import { commands, commandTable, conflictOf, defaultKeys, keysOf } from '../../renderer/src/state/shortcuts.ts'

const press = (code: string, held: Partial<Record<'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey', boolean>> = {}) => ({
  ...{ code, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false },
  ...held,
})

describe('shortcuts', () => {
  it('give every key to one command only', () => {
    const all = commands.flatMap((command) => defaultKeys[command])
    expect(new Set(all).size).toBe(all.length)
    expect(commandTable({}).size).toBe(all.length)
  })

  it('name keys by place, with Cmd on a Mac where others have Ctrl', () => {
    expect(keysOf(press('KeyZ', { ctrlKey: true, shiftKey: true }), false)).toBe('Mod+Shift+KeyZ')
    expect(keysOf(press('KeyZ', { metaKey: true }), true)).toBe('Mod+KeyZ')
    expect(keysOf(press('ControlLeft', { ctrlKey: true }), false)).toBeNull()
  })

  it('find the command that has keys already, as the user changed them', () => {
    expect(conflictOf('Mod+KeyK', 'go.train', {})).toBe('go.search')
    expect(conflictOf('Mod+KeyK', 'go.train', { 'go.search': ['KeyX'] })).toBeNull()
    expect(conflictOf('KeyX', 'go.train', { 'go.search': ['KeyX'] })).toBe('go.search')
  })

  it('can be written in the form that the settings accept', () => {
    const form = /^((Mod|Ctrl|Alt|Shift|Meta)\+)*[A-Za-z0-9]+$/
    for (const keys of Object.values(defaultKeys).flat()) expect(keys).toMatch(form)
  })
})

describe('frame steps', () => {
  const uneven = [0, 0.04, 0.2, 0.21, 1]

  it('go to the neighbour by decoded time, whatever the distance', () => {
    expect(neighbourFrame(uneven, 0.04, 1)).toBe(0.2)
    expect(neighbourFrame(uneven, 0.205, 1)).toBe(0.21)
    expect(neighbourFrame(uneven, 0.5, -1)).toBe(0.2)
    expect(neighbourFrame(uneven, 0, -1)).toBeNull()
    expect(neighbourFrame(uneven, 1, 1)).toBeNull()
  })

  it('put the player inside the frame, not on its border', () => {
    for (const time of uneven) {
      const place = insideFrame(uneven, time)
      expect(place).toBeGreaterThan(time)
      expect(place).toBeLessThan(uneven.find((next) => next > time) ?? Infinity)
    }
  })
})

describe('a long grid', () => {
  const shape = shapeOf(1000, 200, 16, (width) => width / 2)

  it('fills the width', () => {
    expect(shape.columns).toBe(4)
    expect(shape.columns * shape.cellWidth + 3 * 16).toBeCloseTo(1000)
  })

  it('draws a few rows around what is in sight, never more than there are', () => {
    const { from, to } = cellsOnShow(shape, { top: 100 * shape.rowHeight, height: 600 }, 10_000)
    expect(from).toBe(98 * 4)
    expect(to - from).toBeLessThan(60)
    expect(cellsOnShow(shape, { top: 0, height: 600 }, 3)).toEqual({ from: 0, to: 3 })
    expect(cellsOnShow(shape, { top: 99_999, height: 600 }, 0)).toEqual({ from: 0, to: 0 })
  })
})

describe('scales', () => {
  it('go there and back', () => {
    const scale = linearScale([2, 4], [100, 0])
    expect(scale(3)).toBe(50)
    expect(scale.invert(50)).toBe(3)
  })

  it('have round marks inside the domain', () => {
    expect(ticks([0, 1], 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(ticks([0.13, 0.37], 3)).toEqual([0.2, 0.3])
    expect(ticks([5, 5])).toEqual([5])
  })

  it('survive flat lines, nothing at all, and numbers that are none', () => {
    expect(domainOf([])).toEqual([0, 1])
    const [low, high] = domainOf([2, 2, NaN])
    expect(low).toBeLessThan(2)
    expect(high).toBeGreaterThan(2)
  })
})

describe('formats', () => {
  const { clock, clockFine, clockExact, bytes, percent, speed } = createFormats('en')

  it('show times of videos', () => {
    expect([clock(65), clock(3723), clockFine(59.96), clockExact(3.267)]).toEqual([
      '1:05',
      '1:02:03',
      '1:00.0',
      '0:03.27',
    ])
  })

  it('show speeds as they are', () => {
    expect([0.25, 0.5, 1, 2].map(speed)).toEqual(['0.25×', '0.5×', '1×', '2×'])
  })

  it('show sizes and shares', () => {
    expect([bytes(0), bytes(1500), bytes(2.04e9), percent(0.256)]).toEqual(['0 byte', '1.5 kB', '2 GB', '26%'])
  })
})

describe('languages', () => {
  it('follow the system in its order, and the user above all', () => {
    expect(languageFor('system', ['de-DE', 'ja-JP', 'en-US'])).toBe('ja')
    expect(languageFor('system', ['de'])).toBe('en')
    expect(languageFor('en', ['ja'])).toBe('en')
  })
})

describe('the lineage of models', () => {
  const model = (id: string, parent: string | null, createdAt: string | null) => ({
    ...{ id, parent, createdAt, objective: 'mama' as const, active: false, state: 'kept' as const },
    ...{ run: null, seed: null, heldOutScore: null },
  })

  it('puts each version below the one it came from, and orphans at the root', () => {
    const lines = lineageOf([
      model('c', 'a', '2026-01-03'),
      model('b', 'a', '2026-01-02'),
      model('a', null, null),
      model('d', 'gone', '2026-01-04'),
    ])
    expect(lines.map(({ model: { id }, depth }) => [id, depth])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 1],
      ['d', 0],
    ])
  })
})

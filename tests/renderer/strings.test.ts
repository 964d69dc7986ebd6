/** Every word that a person can see or hear comes from the tables of the languages, and the Japanese one is Japanese. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'svelte/compiler'
import { expect, it } from 'vitest'
import { en } from '../../renderer/src/i18n/en.ts'
import { ja } from '../../renderer/src/i18n/ja.ts'

const source = join(import.meta.dirname, '..', '..', 'renderer', 'src')
const components = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.svelte'))

/** Units and abbreviations that are written alike in both languages. */
const alike = /^(SKU|fps|ms|R@\d+|MAMA Studio|CSV|EDL)$/
/** Attributes whose value is seen or heard. */
const spoken = new Set(['title', 'alt', 'label', 'placeholder', 'aria-label', 'aria-description', 'aria-valuetext'])

type Node = { type?: string; name?: string; data?: string; [key: string]: unknown }

/** Literal words in the markup of a component, with the attribute that they stand in. */
function wordsIn(node: unknown, attribute?: string): string[] {
  if (Array.isArray(node)) return node.flatMap((child) => wordsIn(child, attribute))
  if (typeof node !== 'object' || node === null) return []
  const { type, name, data, ...rest } = node as Node
  if (type === 'Attribute') return spoken.has(name ?? '') ? wordsIn(rest['value'], name) : []
  if (type === 'Text') {
    const text = (data ?? '').trim()
    return /\p{L}{2}/u.test(text) && !alike.test(text) ? [attribute === undefined ? text : `${attribute}: ${text}`] : []
  }
  return Object.values(rest).flatMap((child) => wordsIn(child, attribute))
}

it.each(components)('%s writes no words of its own', (file) => {
  const { fragment } = parse(readFileSync(join(source, file), 'utf8'), { modern: true })
  expect(wordsIn(fragment)).toEqual([])
})

it('finds words that are written in the markup', () => {
  const { fragment } = parse('<p title="Hello there">{words.a} · <b>Save</b></p><i class="no words">SKU</i>', {
    modern: true,
  })
  expect(wordsIn(fragment)).toEqual(['title: Hello there', 'Save'])
})

/** Plain sentences of a table, by the path to them. */
function sentencesOf(table: object, path = ''): Map<string, string> {
  const all = Object.entries(table as Record<string, unknown>).flatMap(([key, value]): [string, string][] => {
    if (typeof value === 'string') return [[`${path}${key}`, value]]
    return typeof value === 'object' && value !== null ? [...sentencesOf(value, `${path}${key}.`)] : []
  })
  return new Map(all)
}

it('has a Japanese sentence for each English one, not the same one again', () => {
  const english = sentencesOf(en)
  const japanese = sentencesOf(ja)
  const kana = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u
  const left = [...english].filter(([path, text]) => {
    const translated = japanese.get(path)
    return translated !== undefined && translated !== '' && !kana.test(translated) && !alike.test(text)
  })
  // Names that are the same everywhere.
  expect(left.map(([path]) => path).filter((path) => !/^(languageName|train\.devices\.|app\.gap)/.test(path))).toEqual(
    [],
  )
  expect([...english.keys()].filter((path) => !japanese.has(path))).toEqual([])
})

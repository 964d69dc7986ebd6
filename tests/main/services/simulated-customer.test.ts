/** The simulated customers: the same each time, with exact shares of noise, and nothing that is trained on is searched. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  customerName,
  customerSpecs,
  simulateCustomer,
  unitOf,
  type CustomerSource,
  type CustomerSpec,
} from '../../../main/services/study/simulated-customer.ts'
import { readCustomerFiles, type StudyText } from '../../../main/services/study/study-files.ts'

const colours = ['red', 'blue', 'green']
const kinds = ['aligned', 'aligned', 'partial', 'wrong', 'partial']

/** Products `p000`, `p001`, ...: of concept 0 the most, half of the concepts with colours; every fifth id in the split `test`. */
function drawSource(count: number, concepts: number): CustomerSource {
  const products = Array.from({ length: count }, (_, i) => {
    const concept = Math.floor(concepts * unitOf(`concept of ${i}`) ** 2)
    return {
      id: `p${String(i).padStart(3, '0')}`,
      concept: `Kind ${concept}`,
      split: i % 5 === 4 ? 'test' : 'tune',
      attributes: { colour: concept % 2 === 0 ? colours[i % 3] : null },
    }
  })
  const texts = products
    .filter(({ split }) => split === 'tune')
    .map(({ id, concept }, i): StudyText => {
      const kind = kinds[i % 5]!
      const how = kind === 'partial' ? (i % 10 === 2 ? 'generic' : 'colour_dropped') : 'description'
      return { id, kind, how, text: `${kind} text of ${id}`, truth_text: `${concept}, true text of ${id}` }
    })
  return { products, texts, names: undefined }
}

const source = drawSource(400, 20)
const spec: CustomerSpec = { size: 60, noisePercent: 40, trusted: 20, words: 'known', seed: 1 }
const conceptOf = new Map(source.products.map(({ id, concept }) => [id, concept]))

describe('the list of customers', () => {
  it('has forty, each with a name of its own', () => {
    expect(customerSpecs).toHaveLength(40)
    expect(new Set(customerSpecs.map(customerName)).size).toBe(40)
    expect(customerName(customerSpecs[0]!)).toBe('c1/100/0/8/known')
  })

  it('lets every number of trusted pairs meet every size and every noise once, with known and with new words', () => {
    const first = customerSpecs.filter(({ seed }) => seed === 1)
    for (const other of ['size', 'noisePercent'] as const)
      expect(new Set(first.map((each) => `${each.words} ${each.trusted} ${each[other]}`)).size).toBe(2 * 4 * 4)
  })
})

describe('a simulated customer', () => {
  const customer = simulateCustomer(spec, source)
  const ids = customer.pairs.map(({ id }) => id)
  const count = (kind: string): number => customer.pairs.filter((pair) => pair.kind === kind).length

  it('is the same each time, and another one with another seed', () => {
    expect(simulateCustomer(spec, source)).toEqual(customer)
    expect(simulateCustomer({ ...spec, seed: 2 }, source).pairs).not.toEqual(customer.pairs)
  })

  it('has as many pairs as asked for, and exactly the share of noise, half of it wrong and half partial', () => {
    expect(new Set(ids).size).toBe(60)
    expect([count('wrong'), count('partial'), count('aligned')]).toEqual([12, 12, 36])
  })

  it('has right texts where they are aligned, those of another concept where they are wrong', () => {
    for (const { id, kind, text, truth_text: truth } of customer.pairs) {
      expect(truth).toBe(`${conceptOf.get(id)}, true text of ${id}`)
      if (kind === 'aligned') expect(text).toBe(truth)
      if (kind === 'partial') expect(text).toMatch(/^partial text of/)
      if (kind === 'wrong') {
        const [concept, other] = text.split(', true text of ') as [string, string]
        expect(concept).toBe(conceptOf.get(other))
        expect(concept).not.toBe(conceptOf.get(id))
        expect(ids).toContain(other)
      }
    }
  })

  it('has trusted pairs that are true, in both parts, and searches what is neither trained on nor trusted', () => {
    const trusted = customer.exemplars.map(({ id }) => id)
    expect(new Set(trusted).size).toBe(20)
    for (const { id, text } of customer.exemplars) expect(text).toBe(`${conceptOf.get(id)}, true text of ${id}`)
    expect(new Set(customer.exemplarParts.values())).toEqual(new Set(['meta', 'heldOut']))
    const all = [...ids, ...trusted, ...customer.gallery]
    expect(new Set(all).size).toBe(all.length)
    expect(all).toHaveLength(source.texts.length)
  })

  it('asks for each colour of its own concepts that the gallery has three of, and for concepts without colours', () => {
    const own = new Set(ids.map((id) => conceptOf.get(id)))
    expect(customer.queries.length).toBeGreaterThan(5)
    for (const { query, relevant } of customer.queries) {
      const [, colour, concept] = /^(?:(red|blue|green) )?(kind \d+)$/.exec(query)!
      const right = source.products.filter(
        (product) =>
          customer.gallery.includes(product.id) &&
          product.concept.toLowerCase() === concept &&
          (product.attributes?.colour ?? undefined) === colour,
      )
      expect(relevant).toEqual(right.map(({ id }) => id))
      expect(relevant.length).toBeGreaterThanOrEqual(3)
      expect(own).toContain(conceptOf.get(relevant[0]!))
    }
  })

  it('is searched in its own words where it has names for things', () => {
    const names = Object.fromEntries(source.products.map(({ concept }) => [concept, `name of ${concept}`]))
    const { queries } = simulateCustomer(spec, { ...source, names })
    expect(queries.map(({ query }) => query.replace('name of Kind', 'kind'))).toEqual(
      customer.queries.map(({ query }) => query),
    )
  })

  it('of the largest size takes from all products of tune, and searches those of test', () => {
    const whole = simulateCustomer({ ...spec, size: 4000 }, source)
    expect(whole.pairs).toHaveLength(source.texts.length)
    expect(whole.exemplars).toEqual([])
    expect(whole.gallery).toHaveLength(source.products.length - source.texts.length)
  })
})

/** Seven apples in two colours, six pears and three plums; four of the texts are partial, two of them generic. */
function orchard(): CustomerSource {
  const products = (
    [
      ['Apple', 'a', 7],
      ['Pear', 'b', 6],
      ['Plum', 'c', 3],
    ] as const
  ).flatMap(([concept, letter, count]) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ id: `${letter}${i + 1}`, concept, split: 'tune' },
      attributes: { colour: concept === 'Apple' ? ['green', 'red'][i % 2] : undefined },
    })),
  )
  const how: Record<string, string> = { a1: 'colour_dropped', b2: 'generic', b3: 'name_dropped', c1: 'generic' }
  const texts = products.map(({ id }): StudyText => {
    const isPartial = how[id] !== undefined
    return {
      ...{ id, how: how[id] ?? 'description', kind: isPartial ? 'partial' : 'aligned', truth_text: `true ${id}` },
      text: isPartial ? `some ${id}` : `true ${id}`,
    }
  })
  return { products, texts, names: undefined }
}

describe('the customer of a small orchard', () => {
  // Worked out beside this code, by a script that shares nothing with it but the rules.
  const customer = simulateCustomer({ size: 8, noisePercent: 50, trusted: 3, words: 'known', seed: 1 }, orchard())

  it('takes four apples, two pears and two plums, a quarter of them with wrong and a quarter with partial texts', () => {
    expect(customer.pairs.map(({ id, kind, text }) => [id, kind, text])).toEqual([
      ['a1', 'partial', 'some a1'],
      ['b5', 'aligned', 'true b5'],
      ['c2', 'aligned', 'true c2'],
      ['a7', 'wrong', 'true b5'],
      ['c1', 'aligned', 'true c1'],
      ['a4', 'aligned', 'true a4'],
      ['b3', 'partial', 'some b3'],
      ['a6', 'wrong', 'true c1'],
    ])
  })

  it('trusts one of each, of which one judges the others', () => {
    expect([...customer.exemplarParts]).toEqual([
      ['a3', 'heldOut'],
      ['c3', 'meta'],
      ['b6', 'meta'],
    ])
  })

  it('can only look for pears: of each colour of apples less than three are left', () => {
    expect(customer.gallery).toEqual(['a2', 'a5', 'b1', 'b2', 'b4'])
    expect(customer.queries).toEqual([{ query: 'pear', relevant: ['b1', 'b2', 'b4'], frequency: 'rare' }])
  })
})

const folder = fileURLToPath(new URL('../../../../shared/datasets/products', import.meta.url))
const isThere = existsSync(folder)
if (!isThere) console.log(`Skipped: there are no products in ${folder}.`)

describe.runIf(isThere)('the customers of docs/RESULTS.md', () => {
  it('are drawn as they were when they were measured', async () => {
    const files = await readCustomerFiles(folder)
    const hash = createHash('sha256')
    for (const each of customerSpecs.filter(({ size }) => size === 100)) {
      const names = each.words === 'new' ? files.names : undefined
      const { pairs, exemplarParts, gallery, queries } = simulateCustomer(each, {
        ...{ products: files.products, texts: files.texts[each.words], names },
      })
      hash.update(JSON.stringify([pairs, [...exemplarParts], gallery, queries]))
    }
    expect(hash.digest('hex').slice(0, 16)).toBe('43c348f66180ce4d')
  })
})

/** Drawings of food. These come in their natural colours only. */
import type { Kind } from './kind.ts'
import { circle, curve, ellipse, path, rect, unlined } from './shapes.ts'

const leaf = '#3f8f3a'
const stem = '#6a4526'

export const foodKinds: readonly Kind[] = [
  {
    name: 'banana',
    category: 'Food',
    synonyms: ['ripe banana', 'banana fruit'],
    colours: ['yellow', 'green'],
    patterned: false,
    draw: (p) =>
      path('M14 18 Q20 12 24 18 Q30 60 86 70 Q94 74 88 80 Q60 92 34 74 Q10 54 14 18 Z', p.fill) +
      path('M14 19 L13 8 Q18 4 22 9 L24 18 Z', stem) +
      path('M86 70 Q94 74 88 80 L84 78 Z', stem) +
      curve('M19 24 Q22 62 80 76', p.dark, 1.8),
  },
  {
    name: 'apple',
    category: 'Food',
    synonyms: ['apple fruit', 'fresh apple'],
    colours: ['red', 'green', 'yellow'],
    patterned: false,
    draw: (p) =>
      path(
        'M50 30 Q60 20 74 24 Q94 32 88 60 Q80 92 60 92 Q50 88 40 92 Q20 92 12 60 Q6 32 26 24 Q40 20 50 30 Z',
        p.fill,
      ) +
      curve('M50 31 Q50 16 56 8', stem, 3.4) +
      path('M56 18 Q66 4 82 10 Q74 24 56 18 Z', leaf) +
      unlined(ellipse(28, 44, 6, 11, p.light, 'opacity="0.75" transform="rotate(20 28 44)"')),
  },
  {
    name: 'pear',
    category: 'Food',
    synonyms: ['pear fruit', 'fresh pear'],
    colours: ['green', 'yellow'],
    patterned: false,
    draw: (p) =>
      path(
        'M50 16 Q64 16 64 36 Q66 46 76 56 Q86 76 74 88 Q62 96 50 95 Q38 96 26 88 Q14 76 24 56 Q34 46 36 36 Q36 16 50 16 Z',
        p.fill,
      ) +
      curve('M50 17 Q50 8 55 3', stem, 3.4) +
      path('M52 12 Q64 2 76 10 Q66 20 52 12 Z', leaf) +
      unlined(ellipse(34, 66, 5, 11, p.light, 'opacity="0.75" transform="rotate(18 34 66)"')),
  },
  {
    name: 'lemon',
    category: 'Food',
    synonyms: ['citrus fruit', 'lemon fruit'],
    colours: ['yellow'],
    patterned: false,
    draw: (p) =>
      path(
        'M6 50 Q10 42 18 40 Q30 20 52 20 Q74 20 84 40 Q92 44 95 50 Q92 56 84 60 Q74 82 52 82 Q30 82 18 60 Q10 58 6 50 Z',
        p.fill,
      ) +
      path('M14 42 Q4 30 14 22 Q26 28 22 38 Z', leaf) +
      unlined(ellipse(42, 34, 14, 5, p.light, 'opacity="0.8" transform="rotate(-14 42 34)"')) +
      [40, 56, 68, 48, 62].map((x, i) => unlined(circle(x, 52 + (i % 3) * 8, 1.2, p.dark))).join(''),
  },
  {
    name: 'orange',
    category: 'Food',
    synonyms: ['orange fruit', 'mandarin', 'citrus'],
    colours: ['orange'],
    patterned: false,
    draw: (p) =>
      circle(50, 54, 41, p.fill) +
      path('M50 18 Q62 2 80 10 Q72 24 50 18 Z', leaf) +
      circle(50, 19, 3.4, stem) +
      unlined(ellipse(33, 38, 7, 11, p.light, 'opacity="0.8" transform="rotate(35 33 38)"')) +
      [36, 54, 68, 46, 62, 74].map((x, i) => unlined(circle(x, 52 + (i % 4) * 9, 1.3, p.dark))).join(''),
  },
  {
    name: 'carrot',
    category: 'Food',
    synonyms: ['carrot vegetable', 'fresh carrot'],
    colours: ['orange', 'purple'],
    patterned: false,
    draw: (p) =>
      `<g transform="rotate(35 50 50)">` +
      path('M50 26 Q36 10 40 -4 Q50 4 50 26 Q46 0 56 -6 Q58 10 50 26 Q58 4 68 4 Q66 18 50 26 Z', leaf) +
      path('M34 30 Q50 20 66 30 Q66 70 50 106 Q34 70 34 30 Z', p.fill) +
      curve('M36 44 L46 46 M64 54 L54 56 M39 66 L48 67 M60 76 L54 77', p.dark, 2) +
      `</g>`,
  },
  {
    name: 'tomato',
    category: 'Food',
    synonyms: ['ripe tomato', 'salad tomato'],
    colours: ['red', 'yellow'],
    patterned: false,
    draw: (p) =>
      path('M50 24 Q92 14 94 52 Q94 88 50 90 Q6 88 6 52 Q8 14 50 24 Z', p.fill) +
      path('M50 24 L34 16 L42 26 L26 32 L44 32 L46 46 L53 33 L72 38 L60 27 L72 18 L54 22 L54 10 L48 10 Z', leaf) +
      unlined(ellipse(24, 50, 5, 11, p.light, 'opacity="0.7" transform="rotate(14 24 50)"')),
  },
  {
    name: 'pepper',
    category: 'Food',
    synonyms: ['bell pepper', 'sweet pepper', 'capsicum'],
    colours: ['red', 'green', 'yellow', 'orange'],
    patterned: false,
    draw: (p) =>
      path(
        'M50 26 Q66 14 82 24 Q94 36 86 62 Q80 94 66 94 Q58 94 50 88 Q42 94 34 94 Q20 94 14 62 Q6 36 18 24 Q34 14 50 26 Z',
        p.fill,
      ) +
      curve('M36 28 Q28 56 36 88 M64 28 Q72 56 64 88', p.dark, 2) +
      path('M40 26 Q44 20 47 18 L45 5 L55 4 L54 18 Q58 20 60 26 Q50 32 40 26 Z', leaf),
  },
  {
    name: 'mushroom',
    category: 'Food',
    synonyms: ['button mushroom', 'champignon'],
    colours: ['brown', 'white'],
    patterned: false,
    draw: (p) =>
      path('M38 52 L62 52 Q60 74 68 90 Q50 98 32 90 Q40 74 38 52 Z', '#efe6d2') +
      path('M6 56 Q6 14 50 12 Q94 14 94 56 Q72 64 50 62 Q28 64 6 56 Z', p.fill) +
      unlined(ellipse(30, 34, 10, 6, p.light, 'opacity="0.7" transform="rotate(-30 30 34)"')),
  },
  {
    name: 'milk carton',
    category: 'Food',
    synonyms: ['carton of milk', 'drink carton', 'milk pack'],
    patterned: false,
    draw: (p) =>
      path('M24 34 L62 34 L62 95 L24 95 Z', '#f8f8f5') +
      path('M62 34 L80 28 L80 88 L62 95 Z', p.dark) +
      path('M24 34 L36 12 L74 8 L62 34 Z', p.fill) +
      path('M62 34 L74 8 L80 28 Z', p.dark) +
      path('M36 12 L36 4 L74 1 L74 8 Z', p.base) +
      rect(24, 60, 38, 35, p.fill) +
      circle(43, 54, 9, p.base),
  },
]

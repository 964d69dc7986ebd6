/** Drawings of things to wear: clothes and shoes. */
import type { Kind } from './kind.ts'
import { circle, curve, ellipse, path, rect, tube, unlined } from './shapes.ts'

export const clothingKinds: readonly Kind[] = [
  {
    name: 't-shirt',
    category: 'Clothing',
    synonyms: ['tee', 'tee shirt', 'short-sleeved top'],
    patterned: true,
    draw: (p) =>
      path('M36 14 Q50 25 64 14 L78 19 L96 40 L81 52 L74 44 L74 90 Q50 94 26 90 L26 44 L19 52 L4 40 L22 19 Z', p.fill) +
      curve('M36 14 Q50 29 64 14', p.line, 2) +
      curve('M74 44 L72 34 M26 44 L28 34', p.line, 1.4),
  },
  {
    name: 'shirt',
    category: 'Clothing',
    synonyms: ['button-up shirt', 'long-sleeved shirt', 'collared shirt'],
    patterned: true,
    draw: (p) =>
      path('M37 12 L63 12 L78 18 L95 74 L83 79 L72 46 L73 92 L27 92 L28 46 L17 79 L5 74 L22 18 Z', p.fill) +
      path('M37 12 L50 24 L40 32 L31 15 Z', p.light) +
      path('M63 12 L50 24 L60 32 L69 15 Z', p.light) +
      curve('M50 24 L50 92', p.line, 1.6) +
      [36, 50, 64, 78].map((y) => circle(53, y, 1.8, p.dark)).join('') +
      path('M83 79 L95 74 L93 68 L81 73 Z M17 79 L5 74 L7 68 L19 73 Z', p.dark),
  },
  {
    name: 'dress',
    category: 'Clothing',
    synonyms: ['gown', 'summer dress', 'frock'],
    patterned: true,
    draw: (p) =>
      path(
        'M36 5 L40 5 Q50 24 60 5 L64 5 Q65 22 71 28 Q63 38 63 44 L86 92 Q50 101 14 92 L37 44 Q37 38 29 28 Q35 22 36 5 Z',
        p.fill,
      ) +
      rect(36.5, 41, 27, 5, p.dark) +
      curve('M43 50 L34 90 M57 50 L66 90 M50 50 L50 94', p.dark, 1.3),
  },
  {
    name: 'skirt',
    category: 'Clothing',
    synonyms: ['pleated skirt', 'midi skirt'],
    patterned: true,
    draw: (p) =>
      path('M30 18 L70 18 L92 82 Q50 92 8 82 Z', p.fill) +
      rect(29, 13, 42, 8, p.dark, 1.5) +
      curve('M38 24 L26 82 M46 24 L42 84 M54 24 L58 84 M62 24 L74 82', p.dark, 1.5),
  },
  {
    name: 'trousers',
    category: 'Clothing',
    synonyms: ['pants', 'slacks', 'long pants'],
    plural: true,
    patterned: true,
    draw: (p) =>
      path('M28 8 L72 8 L80 95 L57 95 L50 38 L43 95 L20 95 Z', p.fill) +
      rect(27.5, 5, 45, 7, p.dark, 1) +
      curve('M50 12 L50 38 M32 14 Q34 24 27 26 M68 14 Q66 24 73 26', p.line, 1.4),
  },
  {
    name: 'shorts',
    category: 'Clothing',
    synonyms: ['short pants', 'summer shorts'],
    plural: true,
    patterned: true,
    draw: (p) =>
      path('M22 22 L78 22 L93 76 L57 82 L50 50 L43 82 L7 76 Z', p.fill) +
      rect(21, 17, 58, 8, p.dark, 2) +
      curve('M50 26 L50 50 M45 26 L43 38 M55 26 L57 38', p.light, 1.6),
  },
  {
    name: 'hoodie',
    category: 'Clothing',
    synonyms: ['hooded sweatshirt', 'hooded jumper'],
    patterned: false,
    draw: (p) =>
      path('M33 22 L67 22 L79 28 L96 80 L84 84 L73 54 L73 92 L27 92 L27 54 L16 84 L4 80 L21 28 Z', p.fill) +
      path('M28 26 Q28 4 50 4 Q72 4 72 26 Q62 36 50 36 Q38 36 28 26 Z', p.fill) +
      path('M37 23 Q38 12 50 12 Q62 12 63 23 Q57 31 50 31 Q43 31 37 23 Z', p.dark) +
      path('M37 64 L63 64 L69 82 L31 82 Z', p.dark) +
      curve('M45 33 L44 50 M55 33 L56 50', p.light, 1.8) +
      rect(27, 88, 46, 5, p.dark),
  },
  {
    name: 'jacket',
    category: 'Clothing',
    synonyms: ['coat', 'zipped jacket', 'windbreaker'],
    patterned: false,
    draw: (p) =>
      path('M35 10 L65 10 L80 18 L96 76 L83 80 L74 50 L76 90 L24 90 L26 50 L17 80 L4 76 L20 18 Z', p.fill) +
      path('M35 10 L50 20 L65 10 L62 5 L38 5 Z', p.dark) +
      curve('M50 20 L50 90', p.line, 3.4) +
      curve('M50 20 L50 90', '#d8d8d8', 1.4) +
      path('M31 58 L43 54 L43 58 L31 62 Z M69 58 L57 54 L57 58 L69 62 Z', p.dark) +
      rect(24, 85, 52, 5, p.dark),
  },
  {
    name: 'sock',
    category: 'Clothing',
    synonyms: ['knitted sock', 'stocking', 'crew sock'],
    patterned: true,
    draw: (p) =>
      path('M34 6 L64 6 L64 56 Q66 62 78 68 Q94 76 88 88 Q82 96 66 93 L44 84 Q32 78 34 62 Z', p.fill) +
      rect(32.5, 4, 33, 12, p.dark, 3) +
      path('M74 66 Q94 76 88 88 Q82 96 68 93 Q68 78 74 66 Z', p.dark) +
      path('M34 58 Q44 64 48 86 L44 84 Q32 78 34 58 Z', p.dark),
  },
  {
    name: 'glove',
    category: 'Clothing',
    synonyms: ['winter glove', 'hand glove'],
    patterned: true,
    draw: (p) =>
      path(
        'M34 78 L32 52 L14 42 Q8 36 13 31 Q18 28 24 32 L34 40 L33 16 Q34 9 39 9 Q44 9 45 16 L46 34 L48 9 Q49 3 54 3 Q59 3 59 9 L58 34 L62 13 Q64 7 69 8 Q74 10 73 16 L69 38 L74 25 Q77 19 82 22 Q86 25 84 31 L73 62 L72 78 Z',
        p.fill,
      ) + rect(31, 76, 43, 18, p.dark, 3),
  },
  {
    name: 'scarf',
    category: 'Clothing',
    synonyms: ['muffler', 'woollen scarf', 'knitted scarf'],
    patterned: true,
    draw: (p) =>
      path('M56 34 L76 30 L84 88 L62 91 Z', p.fill) +
      path('M30 34 L50 36 L44 82 L22 79 Z', p.fill) +
      path('M22 20 Q50 4 78 20 Q84 32 76 40 Q50 54 24 40 Q16 32 22 20 Z', p.fill) +
      ellipse(50, 24, 20, 7, p.dark) +
      [23, 28, 33, 38, 43].map((x) => curve(`M${x} 81 L${x - 1.5} 91`, p.base, 2.4)).join('') +
      [64, 69, 74, 79, 83].map((x) => curve(`M${x} 90 L${x + 1} 98`, p.base, 2.4)).join(''),
  },
  {
    name: 'tie',
    category: 'Clothing',
    synonyms: ['necktie', 'silk tie'],
    patterned: true,
    draw: (p) => path('M43 16 L57 16 L66 76 L50 97 L34 76 Z', p.fill) + path('M38 3 L62 3 L58 18 L42 18 Z', p.dark),
  },
  {
    name: 'hat',
    category: 'Clothing',
    synonyms: ['sun hat', 'brimmed hat', 'fedora'],
    patterned: true,
    draw: (p) =>
      ellipse(50, 70, 47, 14, p.fill) +
      path('M25 66 Q26 24 40 24 Q50 30 60 24 Q74 24 75 66 Q50 78 25 66 Z', p.fill) +
      path('M25.5 55 Q50 67 74.5 55 L75 66 Q50 78 25 66 Z', p.dark),
  },
  {
    name: 'cap',
    category: 'Clothing',
    synonyms: ['baseball cap', 'peaked cap'],
    patterned: true,
    draw: (p) =>
      path('M10 64 Q8 24 44 22 Q76 22 78 62 Q44 56 10 64 Z', p.fill) +
      path('M56 59 Q88 54 97 70 Q98 76 90 75 Q74 66 54 66 Z', p.dark) +
      curve('M44 22 Q38 40 40 58 M44 22 Q60 34 62 58', p.line, 1.4) +
      circle(44, 21, 3, p.dark),
  },
  {
    name: 'sneaker',
    category: 'Shoes',
    synonyms: ['trainer', 'running shoe', 'sports shoe'],
    patterned: false,
    draw: (p) =>
      path('M8 36 Q18 42 26 32 L38 28 Q50 48 72 54 Q94 58 95 72 L6 72 Z', p.fill) +
      path('M4 70 L96 70 Q98 80 90 82 L10 82 Q3 80 4 70 Z', '#f4f4f2') +
      path('M74 55 Q94 58 95 71 L78 71 Q72 64 74 55 Z', p.dark) +
      path('M20 70 Q38 66 52 50 L60 53 Q46 70 34 71 Z', p.light) +
      curve('M41 38 L50 33 M47 44 L56 38 M54 49 L63 43', '#ffffff', 2.6),
  },
  {
    name: 'boot',
    category: 'Shoes',
    synonyms: ['ankle boot', 'leather boot', 'winter boot'],
    patterned: false,
    draw: (p) =>
      path('M26 6 L60 6 L60 52 Q64 58 80 60 Q94 64 94 82 L24 82 Z', p.fill) +
      path('M22 82 L96 82 L95 92 L44 92 L42 88 L40 94 L22 94 Z', '#2b2220') +
      rect(24, 4, 38, 9, p.dark, 2) +
      curve('M56 26 L46 26 M57 36 L46 36 M58 46 L46 46', p.light, 2.4) +
      curve('M30 82 Q34 64 26 52', p.dark, 1.6),
  },
  {
    name: 'high heel',
    category: 'Shoes',
    synonyms: ['pump', 'stiletto', 'heeled shoe'],
    patterned: false,
    draw: (p) =>
      path(
        'M14 26 Q24 30 30 40 Q46 66 74 68 Q94 70 95 80 Q94 86 80 86 L58 84 Q38 78 26 60 L22 90 L16 90 Q17 58 10 40 Q10 30 14 26 Z',
        p.fill,
      ) + path('M14 26 Q24 30 30 40 Q46 66 70 68 Q48 72 30 54 Q20 42 14 26 Z', p.dark),
  },
  {
    name: 'sandal',
    category: 'Shoes',
    synonyms: ['flip-flop', 'slipper', 'beach sandal'],
    patterned: true,
    draw: (p) =>
      `<g transform="rotate(18 50 50)">` +
      path('M50 4 Q72 4 70 34 Q66 54 68 76 Q68 96 50 96 Q32 96 32 76 Q34 54 30 34 Q28 4 50 4 Z', p.fill) +
      tube('M50 24 Q36 34 33 54', p.dark, 5, p.line) +
      tube('M50 24 Q64 34 67 54', p.dark, 5, p.line) +
      `</g>`,
  },
  {
    name: 'sunglasses',
    category: 'Accessories',
    synonyms: ['shades', 'dark glasses'],
    plural: true,
    patterned: false,
    draw: (p) =>
      curve('M8 40 L2 30 M92 40 L98 30', p.line, 6) +
      curve('M8 40 L2 30 M92 40 L98 30', p.base, 3.6) +
      path(
        'M4 36 L46 36 Q50 33 54 36 L96 36 Q97 68 76 70 Q57 70 54 47 Q50 43 46 47 Q43 70 24 70 Q3 68 4 36 Z',
        p.fill,
      ) +
      path('M10 41 L41 41 Q40 64 25 64 Q10 63 10 41 Z', '#2d3036') +
      path('M90 41 L59 41 Q60 64 75 64 Q90 63 90 41 Z', '#2d3036') +
      unlined(path('M15 44 L25 44 L17 55 Q14 50 15 44 Z M64 44 L74 44 L66 55 Q63 50 64 44 Z', '#7b838f')),
  },
]

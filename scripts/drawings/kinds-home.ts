/** Drawings of things for the home and the kitchen. */
import type { Kind } from './kind.ts'
import { circle, curve, ellipse, path, rect, tube, unlined } from './shapes.ts'

export const homeKinds: readonly Kind[] = [
  {
    name: 'mug',
    category: 'Home',
    synonyms: ['cup', 'coffee mug', 'tea cup'],
    patterned: true,
    draw: (p) =>
      tube('M66 36 Q92 34 90 54 Q88 74 64 70', p.base, 7, p.line) +
      path('M16 22 L70 22 L67 84 Q66 90 58 90 L28 90 Q20 90 19 84 Z', p.fill) +
      ellipse(43, 22, 27, 7, p.light) +
      ellipse(43, 23, 22, 4.6, '#4a2c18'),
  },
  {
    name: 'teapot',
    category: 'Home',
    synonyms: ['tea pot', 'pot for tea'],
    patterned: true,
    draw: (p) =>
      tube('M74 44 Q98 36 96 58 Q94 76 72 74', p.base, 6, p.line) +
      path('M26 54 Q12 56 10 36 L2 30 L14 28 Q20 44 30 44 L32 68 Z', p.base) +
      ellipse(51, 60, 31, 27, p.fill) +
      path('M33 38 Q36 28 51 28 Q66 28 69 38 Q51 44 33 38 Z', p.dark) +
      circle(51, 24, 5, p.dark) +
      rect(36, 84, 30, 5, p.dark, 2),
  },
  {
    name: 'kettle',
    category: 'Home',
    synonyms: ['water kettle', 'electric kettle'],
    patterned: false,
    draw: (p) =>
      tube('M62 14 Q92 14 88 48 Q86 66 76 74', '#2a2a2c', 6, p.line) +
      path('M32 18 L16 14 L26 34 Z', p.dark) +
      path('M32 14 L66 14 L78 84 L20 84 Z', p.fill) +
      rect(17, 84, 64, 9, '#2a2a2c', 3) +
      rect(30, 9, 38, 7, '#2a2a2c', 3) +
      circle(49, 7, 3, '#2a2a2c') +
      unlined(path('M36 22 L42 22 L36 76 L28 76 Z', p.light, 'opacity="0.7"')),
  },
  {
    name: 'bottle',
    category: 'Home',
    synonyms: ['water bottle', 'flask', 'drinking bottle'],
    patterned: true,
    draw: (p) =>
      path('M42 18 L58 18 L58 30 Q70 36 70 48 L70 90 Q70 96 64 96 L36 96 Q30 96 30 90 L30 48 Q30 36 42 30 Z', p.fill) +
      rect(40, 4, 20, 15, '#3a3d42', 3) +
      unlined(rect(35, 46, 5, 42, p.light, 2.5, 'opacity="0.7"')),
  },
  {
    name: 'bowl',
    category: 'Home',
    synonyms: ['dish', 'soup bowl'],
    patterned: true,
    draw: (p) =>
      path('M6 36 L94 36 Q92 78 62 84 L38 84 Q8 78 6 36 Z', p.fill) +
      ellipse(50, 36, 44, 10, p.light) +
      ellipse(50, 37, 37, 7, p.dark) +
      rect(35, 83, 30, 6, p.dark, 1),
  },
  {
    name: 'vase',
    category: 'Home',
    synonyms: ['flower vase', 'pottery vase'],
    patterned: true,
    draw: (p) =>
      curve('M48 30 Q46 16 40 8 M50 30 Q52 16 60 6 M52 30 Q58 20 70 16', '#3c7a3a', 2.4) +
      circle(40, 8, 5.5, '#e8d36a') +
      circle(60, 7, 5.5, '#e7a0b4') +
      circle(71, 17, 5, '#e8d36a') +
      path('M38 30 L62 30 Q58 40 68 50 Q80 66 64 94 L36 94 Q20 66 32 50 Q42 40 38 30 Z', p.fill) +
      ellipse(50, 30, 12, 3, p.dark),
  },
  {
    name: 'frying pan',
    category: 'Home',
    synonyms: ['pan', 'skillet', 'cooking pan'],
    patterned: false,
    draw: (p) =>
      `<g transform="rotate(-35 50 50)">` +
      rect(66, 44, 42, 10, '#3a2a20', 5) +
      circle(36, 49, 36, p.fill) +
      circle(36, 49, 28, p.dark) +
      unlined(path('M16 44 Q20 30 34 27 Q22 34 20 46 Z', p.light)) +
      circle(102, 49, 2.4, '#c9c9c9') +
      `</g>`,
  },
  {
    name: 'lamp',
    category: 'Home',
    synonyms: ['table lamp', 'desk light', 'reading lamp'],
    patterned: true,
    draw: (p) =>
      rect(47, 46, 6, 40, '#8a6d45') +
      ellipse(50, 89, 22, 6, '#8a6d45') +
      unlined(ellipse(50, 50, 30, 8, '#fff3b8')) +
      path('M34 8 L66 8 L84 50 Q50 58 16 50 Z', p.fill),
  },
  {
    name: 'chair',
    category: 'Home',
    synonyms: ['dining chair', 'seat', 'wooden chair'],
    patterned: false,
    draw: (p) =>
      tube('M28 60 L24 96 M72 60 L78 96 M36 56 L36 84 M66 56 L67 84', p.dark, 4.5, p.line) +
      path('M28 6 Q50 1 70 6 L68 50 L31 50 Z', p.fill) +
      path('M37 14 L45 13 L45 42 L38 42 Z M54 13 L62 14 L61 42 L54 42 Z', p.dark) +
      path('M26 50 L70 50 L79 62 L20 62 Z', p.fill) +
      rect(19, 61, 61, 5, p.dark, 1),
  },
  {
    name: 'sofa',
    category: 'Home',
    synonyms: ['couch', 'settee'],
    patterned: true,
    draw: (p) =>
      rect(16, 24, 68, 40, p.fill, 7) +
      rect(22, 50, 29, 20, p.fill, 4) +
      rect(50, 50, 29, 20, p.fill, 4) +
      rect(4, 42, 18, 36, p.dark, 7) +
      rect(78, 42, 18, 36, p.dark, 7) +
      rect(16, 68, 68, 12, p.dark, 2) +
      rect(12, 79, 6, 9, '#4a3524') +
      rect(82, 79, 6, 9, '#4a3524'),
  },
  {
    name: 'cushion',
    category: 'Home',
    synonyms: ['pillow', 'throw pillow'],
    patterned: true,
    draw: (p) =>
      path('M8 12 Q50 24 92 12 Q80 50 92 88 Q50 78 8 88 Q20 50 8 12 Z', p.fill) +
      curve('M40 48 Q50 54 60 48', p.dark, 2),
  },
  {
    name: 'clock',
    category: 'Home',
    synonyms: ['wall clock', 'round clock'],
    patterned: false,
    draw: (p) =>
      circle(50, 50, 45, p.fill) +
      circle(50, 50, 36, '#fbfaf4') +
      [0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330]
        .map(
          (a) => `<g transform="rotate(${a} 50 50)">${curve('M50 18 L50 23', '#222222', a % 90 === 0 ? 3.4 : 1.8)}</g>`,
        )
        .join('') +
      curve('M50 50 L50 27', '#222222', 3) +
      curve('M50 50 L67 57', '#222222', 3.6) +
      circle(50, 50, 3.2, p.base),
  },
  {
    name: 'candle',
    category: 'Home',
    synonyms: ['wax candle', 'scented candle'],
    patterned: true,
    draw: (p) =>
      curve('M50 32 L50 24', '#333333', 2) +
      unlined(
        path('M50 2 Q62 16 56 24 Q50 30 44 24 Q38 16 50 2 Z', '#f8a92c') +
          path('M50 11 Q56 19 50 26 Q44 19 50 11 Z', '#fff0a0'),
      ) +
      rect(33, 32, 34, 56, p.fill, 2) +
      ellipse(50, 32, 17, 4.5, p.light) +
      ellipse(50, 90, 30, 6, '#b9b4a8'),
  },
  {
    name: 'book',
    category: 'Leisure',
    synonyms: ['hardback', 'novel', 'paperback'],
    patterned: false,
    draw: (p) =>
      path('M22 10 L76 6 L82 86 L28 94 Z', '#f3eedd') +
      path('M16 12 L70 8 L76 84 L22 92 Z', p.fill) +
      path('M16 12 L24 11.4 L30 91 L22 92 Z', p.dark) +
      path('M34 24 L62 22 L63 34 L35 36.5 Z', p.light) +
      curve('M38 46 L62 44 M39 52 L58 50.4', p.light, 2),
  },
  {
    name: 'umbrella',
    category: 'Accessories',
    synonyms: ['parasol', 'rain umbrella', 'brolly'],
    patterned: true,
    draw: (p) =>
      tube('M50 46 L50 86 Q50 95 58 95 Q66 95 66 86', '#6b4a2c', 3, p.line) +
      curve('M50 12 L50 4', p.line, 3) +
      path(
        'M4 54 Q8 12 50 10 Q92 12 96 54 Q88 45 80.5 54 Q73 45 65 54 Q57 45 50 54 Q43 45 35 54 Q27 45 19.5 54 Q12 45 4 54 Z',
        p.fill,
      ) +
      curve('M50 10 Q34 24 35 54 M50 10 Q66 24 65 54 M50 10 Q22 22 19.5 54 M50 10 Q78 22 80.5 54', p.line, 1.2),
  },
]

/** Drawings of bags, gadgets, toys, instruments and sports goods. */
import type { Kind } from './kind.ts'
import { circle, curve, ellipse, path, rect, tube, unlined } from './shapes.ts'

export const leisureKinds: readonly Kind[] = [
  {
    name: 'backpack',
    category: 'Accessories',
    synonyms: ['rucksack', 'school bag', 'knapsack'],
    patterned: true,
    draw: (p) =>
      tube('M40 14 Q40 4 50 4 Q60 4 60 14', p.dark, 4, p.line) +
      tube('M22 34 Q8 50 16 80 M78 34 Q92 50 84 80', p.dark, 5, p.line) +
      path('M22 92 L22 38 Q24 12 50 12 Q76 12 78 38 L78 92 Q50 98 22 92 Z', p.fill) +
      rect(30, 56, 40, 32, p.dark, 6) +
      curve('M30 66 L70 66 M27 44 Q50 38 73 44', p.line, 1.6) +
      rect(46, 64, 8, 6, '#d9d9d9', 1),
  },
  {
    name: 'handbag',
    category: 'Accessories',
    synonyms: ['purse', 'shoulder bag', 'ladies bag'],
    patterned: true,
    draw: (p) =>
      tube('M30 44 Q30 8 50 8 Q70 8 70 44', p.dark, 4.5, p.line) +
      path('M18 40 L82 40 L94 88 Q50 96 6 88 Z', p.fill) +
      path('M18 40 L82 40 L86 56 Q50 66 14 56 Z', p.dark) +
      rect(44, 54, 12, 10, '#e0bd55', 2),
  },
  {
    name: 'suitcase',
    category: 'Accessories',
    synonyms: ['travel case', 'trolley case', 'luggage'],
    patterned: true,
    draw: (p) =>
      tube('M38 28 L38 6 L62 6 L62 28', '#8d9096', 3.4, p.line) +
      rect(20, 26, 60, 62, p.fill, 7) +
      curve('M34 30 L34 84 M50 30 L50 84 M66 30 L66 84', p.dark, 2.4) +
      circle(30, 92, 5, '#2b2b2e') +
      circle(70, 92, 5, '#2b2b2e'),
  },
  {
    name: 'watch',
    category: 'Accessories',
    synonyms: ['wristwatch', 'timepiece'],
    patterned: false,
    draw: (p) =>
      path('M38 2 L62 2 L66 28 L34 28 Z', p.fill) +
      path('M34 72 L66 72 L62 98 L38 98 Z', p.fill) +
      rect(76, 46, 7, 8, '#c8c9cc', 2) +
      circle(50, 50, 28, '#c8c9cc') +
      circle(50, 50, 22, '#fafaf6') +
      [0, 90, 180, 270]
        .map((a) => `<g transform="rotate(${a} 50 50)">${curve('M50 31 L50 35', '#222222', 2.4)}</g>`)
        .join('') +
      curve('M50 50 L50 36 M50 50 L60 56', '#222222', 2.6) +
      curve('M44 84 L56 84 M45 91 L55 91 M44 14 L56 14', p.dark, 1.8),
  },
  {
    name: 'ball',
    category: 'Leisure',
    synonyms: ['beach ball', 'toy ball', 'play ball'],
    patterned: false,
    draw: (p) =>
      circle(50, 50, 44, p.fill) +
      path('M50 6 Q28 30 36 92 Q20 88 12 72 Q4 40 50 6 Z', '#f6f4ec') +
      path('M50 6 Q78 30 74 87 Q90 76 94 52 Q92 18 50 6 Z', '#f6f4ec') +
      circle(50, 8, 5, p.dark) +
      unlined(ellipse(34, 26, 7, 4, '#ffffff', 'opacity="0.7" transform="rotate(-40 34 26)"')),
  },
  {
    name: 'guitar',
    category: 'Leisure',
    synonyms: ['acoustic guitar', 'string instrument'],
    patterned: false,
    draw: (p) =>
      `<g transform="rotate(32 50 50)">` +
      path('M45 -12 L55 -12 L57 4 L43 4 Z', '#3a2518') +
      rect(46, 2, 8, 42, '#5a3b22') +
      path(
        'M50 36 Q70 34 68 50 Q64 58 72 66 Q84 80 74 96 Q62 108 50 107 Q38 108 26 96 Q16 80 28 66 Q36 58 32 50 Q30 34 50 36 Z',
        p.fill,
      ) +
      circle(50, 66, 9.5, '#2a1a12') +
      rect(40, 88, 20, 5, '#3a2518', 1) +
      curve('M48.4 -8 L48.4 89 M51.6 -8 L51.6 89', '#e8e2d2', 0.9) +
      `</g>`,
  },
  {
    name: 'bicycle',
    category: 'Leisure',
    synonyms: ['bike', 'pushbike', 'cycle'],
    patterned: false,
    draw: (p) =>
      [22, 78]
        .map(
          (x) =>
            circle(x, 66, 20, 'none', 'stroke="#25262a" stroke-width="4.5"') +
            circle(x, 66, 2.4, '#6d7076') +
            curve(
              `M${x} 47 L${x} 85 M${x - 19} 66 L${x + 19} 66 M${x - 13} 53 L${x + 13} 79 M${x + 13} 53 L${x - 13} 79`,
              '#9a9da3',
              0.8,
            ),
        )
        .join('') +
      tube('M22 66 L38 34 L68 34 L48 66 Z M38 34 L48 66 M78 66 L66 26', p.base, 3.6, p.line) +
      curve('M34 26 L42 26 M37 26 L39 34', '#25262a', 5) +
      curve('M66 26 L64 20 Q74 16 78 22', '#25262a', 3.4) +
      circle(48, 66, 5.5, '#6d7076'),
  },
  {
    name: 'skateboard',
    category: 'Leisure',
    synonyms: ['board with wheels', 'longboard'],
    patterned: false,
    draw: (p) =>
      `<g transform="rotate(-12 50 50)">` +
      path('M2 36 Q4 32 10 38 L20 46 L80 46 L90 38 Q96 32 98 36 Q96 46 84 54 L16 54 Q4 46 2 36 Z', p.fill) +
      rect(22, 54, 10, 6, '#a9adb3') +
      rect(68, 54, 10, 6, '#a9adb3') +
      circle(27, 65, 8, p.light) +
      circle(73, 65, 8, p.light) +
      circle(27, 65, 3, '#444444') +
      circle(73, 65, 3, '#444444') +
      `</g>`,
  },
  {
    name: 'kite',
    category: 'Leisure',
    synonyms: ['flying kite', 'toy kite'],
    patterned: true,
    draw: (p) =>
      curve('M52 68 Q40 76 50 82 Q60 88 48 98', p.line, 1.8) +
      path('M54 2 L86 32 L52 68 L20 28 Z', p.fill) +
      curve('M54 2 L52 68 M20 28 L86 32', p.line, 1.6) +
      path('M46 76 L38 72 L40 81 Z M46 76 L55 73 L53 81 Z M52 90 L44 87 L46 95 Z M52 90 L60 86 L59 94 Z', p.base),
  },
  {
    name: 'toy car',
    category: 'Leisure',
    synonyms: ['car', 'model car', 'toy automobile'],
    patterned: false,
    draw: (p) =>
      path('M4 66 Q4 50 18 48 L28 30 Q30 26 36 26 L64 26 Q70 26 74 32 L84 48 Q97 50 96 66 L96 72 L4 72 Z', p.fill) +
      path('M34 32 L48 32 L48 47 L27 47 Z M53 32 L65 32 L74 47 L53 47 Z', '#cfe6f2') +
      circle(25, 73, 11, '#26272b') +
      circle(75, 73, 11, '#26272b') +
      circle(25, 73, 4.4, '#c8cacd') +
      circle(75, 73, 4.4, '#c8cacd') +
      rect(89, 54, 6, 7, '#ffe58a', 2),
  },
  {
    name: 'teddy bear',
    category: 'Leisure',
    synonyms: ['stuffed bear', 'soft toy', 'plush bear'],
    patterned: false,
    draw: (p) =>
      ellipse(24, 60, 10, 16, p.dark, 'transform="rotate(30 24 60)"') +
      ellipse(76, 60, 10, 16, p.dark, 'transform="rotate(-30 76 60)"') +
      ellipse(32, 88, 13, 10, p.dark) +
      ellipse(68, 88, 13, 10, p.dark) +
      ellipse(50, 70, 24, 24, p.fill) +
      circle(29, 13, 10, p.fill) +
      circle(71, 13, 10, p.fill) +
      ellipse(50, 30, 27, 24, p.fill) +
      ellipse(50, 38, 12, 9, p.light) +
      circle(40, 27, 2.8, '#141414') +
      circle(60, 27, 2.8, '#141414') +
      ellipse(50, 34, 4, 2.8, '#141414') +
      ellipse(50, 72, 13, 14, p.light),
  },
  {
    name: 'camera',
    category: 'Electronics',
    synonyms: ['photo camera', 'digital camera'],
    patterned: false,
    draw: (p) =>
      path('M34 28 L40 16 L62 16 L68 28 Z', p.dark) +
      rect(4, 26, 92, 56, p.fill, 8) +
      rect(4, 42, 92, 26, p.dark) +
      circle(52, 55, 24, '#d4d6d9') +
      circle(52, 55, 18, '#22252b') +
      circle(52, 55, 9, '#3d5a86') +
      unlined(circle(46, 49, 3.6, '#dfe9f7')) +
      rect(12, 31, 12, 7, '#fff4c2', 1) +
      rect(76, 20, 12, 6, '#c9cbd0', 2),
  },
  {
    name: 'headphones',
    category: 'Electronics',
    synonyms: ['headset', 'over-ear headphones'],
    plural: true,
    patterned: false,
    draw: (p) =>
      tube('M18 62 Q14 10 50 10 Q86 10 82 62', p.base, 7.5, p.line) +
      rect(8, 52, 18, 38, p.fill, 8) +
      rect(74, 52, 18, 38, p.fill, 8) +
      rect(23, 54, 9, 34, '#2c2d31', 4) +
      rect(68, 54, 9, 34, '#2c2d31', 4),
  },
  {
    name: 'phone',
    category: 'Electronics',
    synonyms: ['smartphone', 'mobile phone', 'cell phone'],
    patterned: false,
    draw: (p) =>
      rect(26, 3, 48, 94, p.fill, 9) +
      rect(31, 10, 38, 78, '#1d2733', 3) +
      [0, 1, 2, 3]
        .map((row) =>
          [0, 1, 2]
            .map((column) =>
              unlined(
                rect(
                  35.5 + column * 10.5,
                  18 + row * 12,
                  7.5,
                  7.5,
                  ['#e8b34c', '#58a6d8', '#d86a6a', '#6cc08b'][(row + column) % 4]!,
                  2,
                ),
              ),
            )
            .join(''),
        )
        .join('') +
      circle(50, 92.5, 2.6, p.light) +
      rect(43, 5.6, 14, 2, p.dark, 1),
  },
  {
    name: 'laptop',
    category: 'Electronics',
    synonyms: ['notebook computer', 'portable computer'],
    patterned: false,
    draw: (p) =>
      rect(16, 14, 68, 52, p.fill, 4) +
      rect(21, 19, 58, 42, '#bfe0f0', 1) +
      unlined(path('M21 61 L42 36 L56 52 L64 44 L79 61 Z', '#5f9a76') + circle(66, 30, 5, '#f6d860')) +
      path('M16 66 L84 66 L97 84 L3 84 Z', p.fill) +
      path('M22 69 L78 69 L83 76 L17 76 Z', '#33363b') +
      path('M42 78 L58 78 L60 82 L40 82 Z', p.dark),
  },
  {
    name: 'scissors',
    category: 'Home',
    synonyms: ['shears', 'paper scissors'],
    plural: true,
    patterned: false,
    draw: (p) =>
      path('M44 58 L70 4 Q76 8 74 16 L54 62 Z', '#ccd0d5') +
      path('M56 58 L30 4 Q24 8 26 16 L46 62 Z', '#dfe2e6') +
      circle(32, 78, 13, 'none', `stroke="${p.line}" stroke-width="9.5"`) +
      circle(68, 78, 13, 'none', `stroke="${p.line}" stroke-width="9.5"`) +
      circle(32, 78, 13, 'none', `stroke="${p.base}" stroke-width="6.5"`) +
      circle(68, 78, 13, 'none', `stroke="${p.base}" stroke-width="6.5"`) +
      circle(50, 56, 3, '#555a60'),
  },
  {
    name: 'toothbrush',
    category: 'Home',
    synonyms: ['brush for teeth', 'dental brush'],
    patterned: false,
    draw: (p) =>
      `<g transform="rotate(-40 50 50)">` +
      [4, 9, 14, 19, 24].map((x) => rect(x, 32, 4, 14, x % 10 === 4 ? '#ffffff' : '#a8d8ee')).join('') +
      path(
        'M0 46 Q0 42 6 46 L30 46 Q40 48 50 46 Q80 42 100 45 Q108 50 100 55 Q80 58 50 54 Q40 52 30 54 L4 54 Q-2 52 0 46 Z',
        p.fill,
      ) +
      `</g>`,
  },
]

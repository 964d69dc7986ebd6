/** Words that questions are about and that answers of a type are taken from where the library gives no others. Pure data. */

export const colourNames = [
  ...[
    'black',
    'white',
    'grey',
    'navy blue',
    'blue',
    'teal',
    'turquoise',
    'green',
    'olive',
    'khaki',
    'yellow',
    'mustard',
  ],
  ...['gold', 'orange', 'peach', 'red', 'maroon', 'burgundy', 'pink', 'magenta', 'purple', 'lavender', 'brown', 'tan'],
  ...['beige', 'cream', 'silver', 'copper', 'multicoloured'],
] as const

export const patternNames = [
  'solid',
  'printed',
  'striped',
  'check',
  'floral',
  'embroidered',
  'washed',
  'dotted',
] as const

export const audienceNames = ['men', 'women', 'boys', 'girls', 'men and women'] as const

export const departmentNames = ['fruit', 'vegetables', 'packages'] as const

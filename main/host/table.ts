/** Aligned plain-text tables for the terminal. Pure. */

export type Column = { readonly title: string; readonly align?: 'left' | 'right' }

/** Characters of ideographic scripts and emoji take two columns in a terminal. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/** How many terminal columns `text` takes. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) width += wide.test(character) ? 2 : 1
  return width
}

/** Cuts `text` to `columns`, keeping its end when `keep` says so (a path's end tells more than its beginning). */
export function shorten(text: string, columns: number, keep: 'start' | 'end' = 'start'): string {
  // A name with a line break in it must not break the table.
  const flat = text.replace(/\s+/g, ' ').trim()
  if (displayWidth(flat) <= columns) return flat
  const characters = [...flat]
  while (displayWidth(characters.join('')) > columns - 1) {
    if (keep === 'start') characters.pop()
    else characters.shift()
  }
  return keep === 'start' ? `${characters.join('')}…` : `…${characters.join('')}`
}

/** A table with a header and a rule below it; columns are two spaces apart. Empty without rows. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const widths = columns.map((column, i) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(row[i] ?? ''))),
  )
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, i) => {
        const cell = cells[i] ?? ''
        const padding = ' '.repeat(widths[i]! - displayWidth(cell))
        return column.align === 'right' ? padding + cell : cell + padding
      })
      .join('  ')
      .trimEnd()
  const header = line(columns.map((column) => column.title))
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [header, rule, ...rows.map(line)].join('\n') + '\n'
}

/** Which cells of a long grid are worth drawing. Pure. */

export type GridShape = { readonly columns: number; readonly cellWidth: number; readonly rowHeight: number }

/** As many columns as fit, and cells that fill the width. All sizes in pixels. */
export function shapeOf(
  width: number,
  leastWidth: number,
  gap: number,
  heightOf: (cellWidth: number) => number,
): GridShape {
  const columns = Math.max(1, Math.floor((width + gap) / (leastWidth + gap)))
  const cellWidth = Math.max(1, (width - gap * (columns - 1)) / columns)
  return { columns, cellWidth, rowHeight: heightOf(cellWidth) + gap }
}

/** Half-open range of cells on show, with `extraRows` above and below so that scrolling finds them drawn. */
export function cellsOnShow(
  { columns, rowHeight }: GridShape,
  view: { readonly top: number; readonly height: number },
  total: number,
  extraRows = 2,
): { from: number; to: number } {
  const firstRow = Math.max(0, Math.floor(view.top / rowHeight) - extraRows)
  const lastRow = Math.ceil((view.top + view.height) / rowHeight) + extraRows
  return { from: Math.min(total, firstRow * columns), to: Math.min(total, Math.max(0, lastRow) * columns) }
}

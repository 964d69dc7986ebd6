/** Small SVG helpers for the drawings. Coordinates live in a box of 100 x 100 units, y down. */

export function path(d: string, fill: string, extra = ''): string {
  return `<path d="${d}" fill="${fill}" ${extra}/>`
}

export function circle(cx: number, cy: number, r: number, fill: string, extra = ''): string {
  return `<circle cx="${cx}" cy="${cy}" r="${r}" fill="${fill}" ${extra}/>`
}

export function ellipse(cx: number, cy: number, rx: number, ry: number, fill: string, extra = ''): string {
  return `<ellipse cx="${cx}" cy="${cy}" rx="${rx}" ry="${ry}" fill="${fill}" ${extra}/>`
}

export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  radius = 0,
  extra = '',
): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" fill="${fill}" ${extra}/>`
}

/** An open line without fill. */
export function curve(d: string, colour: string, width: number): string {
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`
}

/** A thick line with an outline, as for handles, straps and frames. */
export function tube(d: string, colour: string, width: number, outline: string): string {
  return curve(d, outline, width + 2.4) + curve(d, colour, width)
}

/** A group without outline, for shine and shadow on a surface. */
export function unlined(...parts: string[]): string {
  return `<g stroke="none">${parts.join('')}</g>`
}

/** JSON columns hold what other services wrote; they are opaque here and checked by whoever reads them. */

/** undefined is stored as null. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value ?? null)
}

export function parseJson(text: string | null): unknown {
  return text === null ? null : (JSON.parse(text) as unknown)
}

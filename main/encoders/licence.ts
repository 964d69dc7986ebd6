/** Finds what an export says about its licence. Pure. */

/** Front matter of a model card, or the first line of a licence file; null when neither says. */
export function licenceOf(readme: string | null, licenceFile: string | null): string | null {
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readme ?? '')?.[1] ?? ''
  const field = (name: string): string | null => {
    const value = new RegExp(`^${name}:[ \\t]*["']?([^"'\\r\\n]+)`, 'm').exec(front)?.[1]?.trim()
    return value === undefined || value === '' ? null : value.slice(0, 200)
  }
  const stated = field('license')
  if (stated !== null && stated !== 'other') return stated
  const named = field('license_name') ?? field('license_link')
  if (named !== null) return named
  const first = (licenceFile ?? '').split('\n').find((line) => line.trim() !== '')
  return first?.trim().slice(0, 200) ?? stated
}

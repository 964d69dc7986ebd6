/** Which addresses are the window's own and which may be handed to the system. Pure. */

export const scheme = 'mama'
export const windowUrl = `${scheme}://app/`

/** True for the window and everything that it loads. */
export function isOwnUrl(url: string): boolean {
  const parsed = parse(url)
  return parsed?.protocol === `${scheme}:` && parsed.host === 'app' && parsed.username === '' && parsed.port === ''
}

/** Links for the user's browser or mail program; anything else could start a program. */
export function isExternalUrl(url: string): boolean {
  const parsed = parse(url)
  if (parsed === null) return false
  return parsed.protocol === 'mailto:' || (/^https?:$/.test(parsed.protocol) && parsed.hostname !== '')
}

/** What the page holds itself and no network carries. */
export function isInPageUrl(url: string): boolean {
  return /^(blob|data|devtools):/i.test(url)
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null
}

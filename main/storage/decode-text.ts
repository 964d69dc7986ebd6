/** Turns the bytes of a text file into text, whatever a spreadsheet saved it as. Pure. */

/**
 * UTF-8 and UTF-16 are known by their marks or by how they are made; a text that is neither is Shift-JIS when it reads as
 * Japanese, and Windows-1252 when its letters are those of Western Europe. Where a few bytes tell too little, a person must.
 *
 * @param asked an encoding that was asked for, one of `textEncodings`: it is then taken
 * @throws RangeError for an encoding that is unknown; TypeError for bytes that are not of it, or whose encoding is not found
 */
export function decodeText(bytes: Uint8Array, asked?: string): string {
  if (asked !== undefined) return decodeAs(bytes, asked)
  const found = markedEncoding(bytes) ?? unmarkedUtf16(bytes)
  if (found !== null) return decodeAs(bytes, found)
  const utf8 = attempt(bytes, 'utf-8')
  if (utf8 !== null) return utf8
  const japanese = attempt(bytes, 'shift_jis')
  if (japanese !== null && readsAsJapanese(japanese)) return japanese
  const western = decodeAs(bytes, 'windows-1252')
  if (readsAsWestern(western)) return western
  throw new TypeError('the encoding is not found')
}

/** The same where nobody can be asked: Windows-1252, which reads any bytes, when nothing else is found. */
export function guessText(bytes: Uint8Array): string {
  try {
    return decodeText(bytes)
  } catch {
    return decodeAs(bytes, 'windows-1252')
  }
}

/** What Windows-1252 has where Latin-1 has controls; some versions of Node read the one as the other. */
const windowsSigns = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

function decodeAs(bytes: Uint8Array, encoding: string): string {
  const text = new TextDecoder(encoding, { fatal: true }).decode(bytes) // drops a mark
  if (encoding !== 'windows-1252') return text
  return text.replace(/[\u0080-\u009f]/g, (sign) => windowsSigns[sign.charCodeAt(0) - 0x80]!)
}

/** Three letters with accents that are part of words, and nothing that no word has. */
function readsAsWestern(text: string): boolean {
  if (/[\u0000-\u0008\u0081\u008d\u008f\u0090\u009d]/.test(text)) return false
  const letters = text.match(/[À-ÖØ-öø-ÿŒœŠšŽžŸ]/g)?.length ?? 0
  const others = text.match(/[^\u0000-\u007fÀ-ÖØ-öø-ÿŒœŠšŽžŸ–—‘’“”€…•°©®«»]/g)?.length ?? 0
  return letters >= 3 && others <= letters / 4
}

function attempt(bytes: Uint8Array, encoding: string): string | null {
  try {
    return decodeAs(bytes, encoding)
  } catch {
    return null // it is another one
  }
}

function markedEncoding([first, second, third]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return first === 0xef && second === 0xbb && third === 0xbf ? 'utf-8' : null
}

/** Text in Latin letters has a zero in every second byte, and nowhere else. */
function unmarkedUtf16(bytes: Uint8Array): string | null {
  if (bytes.length < 4 || bytes.length % 2 !== 0) return null
  const zeros = [0, 0]
  const looked = Math.min(bytes.length, 2000)
  for (let i = 0; i < looked; i++) if (bytes[i] === 0) zeros[i % 2]! += 1
  const [even, odd] = zeros as [number, number]
  if (odd > looked / 4 && even < looked / 50) return 'utf-16le'
  return even > looked / 4 && odd < looked / 50 ? 'utf-16be' : null
}

/** Two Japanese letters next to each other; Western text read as Shift-JIS has one here and there. */
function readsAsJapanese(text: string): boolean {
  const letters = text.match(/[\u3040-\u30ff\u4e00-\u9fff]/g)?.length ?? 0
  const pairs = text.match(/[\u3040-\u30ff\u4e00-\u9fff]{2,}/g)?.join('').length ?? 0
  return pairs > 0 && pairs >= letters / 2
}

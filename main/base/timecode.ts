/**
 * Timecode `hh:mm:ss:ff` as editing software counts it: whole frames at a nominal rate, which is the rate rounded up to a
 * whole number (29.97 counts to 30). Drop-frame timecode (`hh:mm:ss;ff`) leaves out frame numbers, never frames, so that
 * it keeps up with the clock; cameras write it at 29.97 and 59.94 only. Pure.
 */

export type Timecode = {
  /** Frames since 00:00:00:00. */
  readonly frame: number
  readonly isDropFrame: boolean
}

/** @param nominalRate whole frames per second, 30 for 29.97 */
export function formatTimecode({ frame, isDropFrame }: Timecode, nominalRate: number): string {
  const day = isDropFrame ? dropFramesOfDay(nominalRate) : 86_400 * nominalRate
  const counted = ((frame % day) + day) % day // the clock begins anew at midnight
  const number = isDropFrame ? numberOfDropFrame(counted, nominalRate) : counted
  const seconds = Math.floor(number / nominalRate)
  const [hh, mm, ss, ff] = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
    number % nominalRate,
  ].map((part) => String(part).padStart(2, '0'))
  return `${hh}:${mm}:${ss}${isDropFrame ? ';' : ':'}${ff}`
}

/** Reads a timecode as files carry it; null when it is none, or cannot be one at this rate. */
export function parseTimecode(text: string, nominalRate: number): Timecode | null {
  const match = /^(\d{2}):([0-5]\d):([0-5]\d)([:;.])(\d{2,3})$/.exec(text.trim())
  if (match === null) return null
  const [hours, minutes, seconds, frames] = [match[1], match[2], match[3], match[5]].map(Number) as [
    number,
    number,
    number,
    number,
  ]
  const isDropFrame = match[4] !== ':'
  if (hours > 23 || frames >= nominalRate || (isDropFrame && nominalRate % 30 !== 0)) return null
  const number = (3600 * hours + 60 * minutes + seconds) * nominalRate + frames
  const wholeMinutes = 60 * hours + minutes
  const left = isDropFrame ? droppedPerMinute(nominalRate) * (wholeMinutes - Math.floor(wholeMinutes / 10)) : 0
  return { frame: number - left, isDropFrame }
}

/** Two numbers at 30 frames a second, four at 60: in every minute but each tenth. */
function droppedPerMinute(nominalRate: number): number {
  return (2 * nominalRate) / 30
}

function dropFramesOfDay(nominalRate: number): number {
  return 144 * framesOfTenMinutes(nominalRate)
}

function framesOfTenMinutes(nominalRate: number): number {
  return 600 * nominalRate - 9 * droppedPerMinute(nominalRate)
}

/** The frame's number once the left-out numbers are counted too. */
function numberOfDropFrame(frame: number, nominalRate: number): number {
  const dropped = droppedPerMinute(nominalRate)
  const tens = Math.floor(frame / framesOfTenMinutes(nominalRate))
  const within = frame % framesOfTenMinutes(nominalRate)
  // The first minute of ten is whole, the others are shorter.
  const minutes = Math.max(0, Math.floor((within - dropped) / (60 * nominalRate - dropped)))
  return frame + dropped * (9 * tens + minutes)
}

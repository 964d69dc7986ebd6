/** Failures as sentences in the user's language. English sentences come from the engine, which knows the names. */
import { AppError, type FailedFile, type Finding } from '../../../main/contract/index.ts'
import { ConnectionError } from '../api/page-transport.ts'
import type { Formats, Messages } from './index.ts'

export function sentenceOf(error: unknown, t: Messages): string {
  if (error instanceof ConnectionError)
    return { session: t.connection.sessionText, failed: t.connection.failedText, unreachable: t.connection.lostText }[
      error.kind
    ]
  if (error instanceof AppError && error.code === 'endpoint.failed') {
    const sentence = t.endpoint.problems?.[String(error.params['reason'])]
    if (sentence !== undefined) return sentence
  }
  if (error instanceof AppError) return t.errors.byCode?.[error.code] ?? error.message
  return t.errors.unknown
}

/** Of a job that stopped: its code is null for a bug. */
export function sentenceOfJob(error: { code: string | null; message: string }, t: Messages): string {
  if (error.code === null) return t.errors.unknown
  return t.errors.byCode?.[error.code] ?? error.message
}

export function sentenceOfRefusal(file: string, failure: Pick<FailedFile, 'reason' | 'message'>, t: Messages): string {
  return t.errors.media?.[failure.reason]?.(file) ?? failure.message
}

/** What the doctor found, beside the name of the check. */
export function sentenceOfFinding(finding: Finding, t: Messages, formats: Formats): string {
  const words = t.library.findings
  switch (finding.kind) {
    case 'error':
      return t.errors.byCode?.[finding.code] ?? finding.message
    case 'ffmpeg':
      return finding.version
    case 'encoder':
      return words.encoder(finding.id, formats.count(finding.dimensions), formats.count(finding.imageSizePixels))
    case 'provider':
      return finding.isThere ? words.works : words.notHere
    case 'disk': {
      const bytes = formats.bytes(finding.freeBytes)
      return finding.isLow ? words.low(bytes) : words.free(bytes)
    }
    case 'library':
      return finding.problems.length === 0 ? words.sound(finding.folder) : words.damaged
    case 'counts': {
      const { eligible, indexed, failed, pending } = finding
      const sum = indexed + failed + pending
      return sum === eligible ? words.counts(eligible, indexed, failed, pending) : words.lost(eligible, sum)
    }
    case 'files':
      return finding.gone === 0 ? words.inPlace : words.gone(finding.gone, finding.videos)
    case 'tiling':
      return finding.videos === 0 ? words.whole : words.notWhole(finding.videos)
    case 'features':
      return finding.unseen === 0 ? words.searchable : words.unseen(finding.unseen)
  }
}

/** What the doctor found, as the command line says it. Pure; the window has its own words for the same findings. */
import type { Finding } from '../../contract/index.ts'

export function sentenceOfFinding(finding: Finding): string {
  switch (finding.kind) {
    case 'error':
      return finding.message
    case 'ffmpeg':
      return finding.version
    case 'encoder': {
      const { id, dimensions, imageSizePixels: size } = finding
      return `${id}: ${dimensions} numbers an embedding, pictures of ${size} x ${size}`
    }
    case 'provider': {
      const { isThere, engine, reason } = finding
      if (isThere) return engine === undefined ? 'works' : `works (${engine})`
      return `not available here${reason === null ? '' : ` (${oneLine(reason)})`}`
    }
    case 'disk': {
      const free = `${(finding.freeBytes / 1e9).toFixed(1)} GB free`
      return finding.isLow ? `only ${free}. Free some space.` : free
    }
    case 'library':
      return finding.problems.length === 0
        ? `${finding.folder} is sound`
        : `${finding.problems.slice(0, 3).join('; ')}. Restore a backup with mama restore.`
    case 'counts': {
      const { eligible, indexed, failed, pending } = finding
      const sign = eligible === indexed + failed + pending ? '=' : 'but'
      const next = pending > 0 ? '. Run mama import again to go on.' : ''
      return `${eligible} eligible ${sign} ${indexed} indexed + ${failed} failed + ${pending} pending${next}`
    }
    case 'files':
      return finding.gone === 0
        ? 'every video is where it was'
        : `${finding.gone} of ${finding.videos} videos are not where they were`
    case 'tiling':
      return finding.videos === 0
        ? 'every second of every video belongs to a shot'
        : `${finding.videos} videos are not whole in the index: ${finding.example}. Run mama import on them again.`
    case 'features':
      return finding.unseen === 0
        ? 'every shot can be searched'
        : `${finding.unseen} shots were not seen by this model bundle. Run mama import on their folder again.`
  }
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length <= 90 ? flat : `${flat.slice(0, 89)}…`
}

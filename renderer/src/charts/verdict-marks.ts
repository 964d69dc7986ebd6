/** How verdicts look: a shape and a colour each, so that neither is needed alone. */
import type { Verdict } from '../../../main/contract/index.ts'

export const verdictColours: Readonly<Record<Verdict, string>> = {
  suspect: 'var(--verdict-suspect)',
  'too easy': 'var(--verdict-easy)',
  'rare and raised': 'var(--verdict-raised)',
  ordinary: 'var(--verdict-ordinary)',
}

/** Suspect: triangle up; too easy: triangle down; rare and raised: diamond; ordinary: disc. */
export function markPath(verdict: Verdict, x: number, y: number, r = 4): string {
  const at = `${x.toFixed(1)} ${y.toFixed(1)}`
  if (verdict === 'suspect') return `M${at}m0 ${-r - 1}l${r + 0.5} ${2 * r}h${-2 * r - 1}z`
  if (verdict === 'too easy') return `M${at}m0 ${r + 1}l${r + 0.5} ${-2 * r}h${-2 * r - 1}z`
  if (verdict === 'rare and raised')
    return `M${at}m0 ${-r - 1}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}z`
  const small = r - 1
  return `M${at}m${-small} 0a${small} ${small} 0 1 0 ${2 * small} 0a${small} ${small} 0 1 0 ${-2 * small} 0z`
}

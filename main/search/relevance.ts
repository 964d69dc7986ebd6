/** Which segments of the catalogue a benchmark query means, given the spans of time that its author listed. Pure. */

export type Span = { readonly file: string; readonly startSeconds: number; readonly endSeconds: number }

/**
 * Indices of the segments that lie in one of `spans` for at least half of the shorter of the two: our shot borders and
 * the author's differ by a few frames, and a segment may hold a shot whole or be a part of it.
 */
export function segmentsIn(segments: readonly Span[], spans: readonly Span[], share = 0.5): number[] {
  const spansOfFile = new Map<string, Span[]>()
  for (const span of spans) spansOfFile.set(span.file, [...(spansOfFile.get(span.file) ?? []), span])
  const indices: number[] = []
  segments.forEach((segment, index) => {
    if (spansOfFile.get(segment.file)?.some((span) => overlapShare(segment, span) >= share)) indices.push(index)
  })
  return indices
}

/** Overlap over the shorter length, 0..1; a span without length counts as inside where it begins. */
export function overlapShare(a: Span, b: Span): number {
  const overlap = Math.min(a.endSeconds, b.endSeconds) - Math.max(a.startSeconds, b.startSeconds)
  const shorter = Math.min(a.endSeconds - a.startSeconds, b.endSeconds - b.startSeconds)
  if (shorter <= 0) return overlap >= 0 ? 1 : 0
  return Math.max(0, overlap / shorter)
}
